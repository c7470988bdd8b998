"""How much of what a project was sent was refused, or lost on the way."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.field_limits import LABEL_MAX_CHARS
from app.domain.losses import REASON_MAX_CHARS
from app.extensions import Model
from app.models.columns import Reference
from app.models.duties import (
    OURS_TO_CHOOSE,
    Ages,
    Duties,
    NotChecked,
    NotSearched,
    WhenAhead,
)


class Loss(Model):
    """What was lost on one UTC day, counted by who lost it, what it was, and why."""

    __tablename__ = "losses"

    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    reason: Mapped[str] = mapped_column(String(REASON_MAX_CHARS), primary_key=True)
    quantity: Mapped[Reference]
    # The newest other app that an event named which pinning refused (app.domain.losses).
    named_app: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))

    __table_args__ = {"sqlite_with_rowid": False}

    duties = Duties(
        project_by="project_id",
        ages=(Ages("losses", by="day", setting="loss_retention_days"),),
        texts={
            "source": OURS_TO_CHOOSE,
            "kind": OURS_TO_CHOOSE,
            "reason": OURS_TO_CHOOSE,
            "named_app": NotSearched("no address can be written in the signs that it may have"),
        },
        times={"day": WhenAhead.TO_DAY_BEFORE},
        checked_in=NotChecked("what is lost stands nowhere else"),
    )

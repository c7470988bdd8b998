"""The ids by which SDKs of the Sentry dialect know what they sent, and what it is about."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model
from app.models.columns import Moment, Reference, Uuid
from app.models.duties import (
    DRAWN_BY_SDK,
    OURS_TO_CHOOSE,
    Ages,
    DiskKind,
    Duties,
    OnDisk,
    WhenAhead,
)


class SentryId(Model):
    """An id that a project was told; `kind` says of what (`app.domain.sentry.ids.IdKind`).

    `row_id` is the row that has it: null until one comes, for an id may be told in feedback before
    its event. It stays when that row goes, so that nothing is stored again that was deleted. No
    foreign key: it points to one table or the other.
    """

    __tablename__ = "sentry_ids"

    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    sentry_id: Mapped[Uuid] = mapped_column(primary_key=True)
    row_id: Mapped[Reference | None]
    received_at: Mapped[Moment]

    __table_args__ = (
        # They go by age, and their key is in no order of time.
        Index("ix_sentry_ids_received", "received_at"),
        {"sqlite_with_rowid": False},
    )

    duties = Duties(
        project_by="project_id",
        ages=(Ages("ids of reports", by="received_at", setting="event_retention_days"),),
        texts={"kind": OURS_TO_CHOOSE, "sentry_id": DRAWN_BY_SDK},
        times={"received_at": WhenAhead.NOW},
        on_disk=OnDisk(DiskKind.EVENTS, sqlite=170, postgresql=220),
    )

"""What each project keeps, as it was counted last."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model
from app.models.columns import Moment, Reference
from app.models.duties import OURS_TO_CHOOSE, Duties, NotChecked, WhenAhead

TABLE_NAME_MAX_CHARS = 63


class DiskShare(Model):
    """How many rows a project has in one table, and about how many bytes they take.

    Never added to: all of it is counted anew (app.services.projects.disk_survey).
    """

    __tablename__ = "disk_shares"

    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    of_table: Mapped[str] = mapped_column(String(TABLE_NAME_MAX_CHARS), primary_key=True)
    rows_kept: Mapped[Reference]
    bytes_kept: Mapped[Reference]
    counted_at: Mapped[Moment]

    __table_args__ = {"sqlite_with_rowid": False}

    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={"of_table": OURS_TO_CHOOSE},
        times={"counted_at": WhenAhead.ROW_GOES},
        checked_in=NotChecked("it tells what was there when it was counted, anew each time"),
    )

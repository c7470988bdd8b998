"""What a project lost in the last days, with what its page needs to say what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.database import read_transaction
from app.models import Project
from app.services.losses.report import LossSum, summed_up

# What has stopped is off the page after so long, by itself.
SHOWN_DAYS = 7


@dataclass(frozen=True)
class LostLately:
    """`pinned_app` is the app whose events alone are taken now; None where all are."""

    project_id: int
    sums: Sequence[LossSum]
    pinned_app: str | None


def read(project_id: int, *, today: date, kind: str | None = None) -> LostLately:
    """Of one kind alone, or of all."""
    sums = [
        each
        for each in summed_up(project_id, today=today, days=SHOWN_DAYS)
        if kind in (None, each.kind)
    ]
    pinned_app = None
    if sums:
        query = select(Project.bundle_id).where(Project.id == project_id, Project.bundle_pinning)
        with read_transaction() as connection:
            pinned_app = connection.execute(query).scalar()
    return LostLately(project_id, sums, pinned_app)

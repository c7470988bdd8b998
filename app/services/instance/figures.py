"""What an operator watches of the whole instance: free room, size, and open feedback.

Each project's open feedback is one range of an index, so a look takes time for what is open, not
for all that is stored. A condition on the status alone would read everything.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from app.config import Settings
from app.database import read_transaction
from app.domain.feedback_status import FeedbackStatus
from app.models import Feedback, Project


@dataclass(frozen=True)
class OpenFeedback:
    """`oldest` is None when none is open."""

    count: int
    oldest: datetime | None


def free_bytes(settings: Settings) -> int:
    """How much the service can still write where its database, or its folder, is.

    Raises OSError.
    """
    file = _database_file(settings)
    found = os.statvfs(settings.instance_dir if file is None else file.parent)
    return found.f_bavail * found.f_frsize  # not what the system keeps for root


def database_bytes(settings: Settings) -> int:
    """Of all its files, SQLite's write-ahead log included; raises OSError and DBAPIError."""
    file = _database_file(settings)
    if file is not None:
        return sum(_sizes(Path(f"{file}{suffix}") for suffix in ("", "-wal", "-shm")))
    with read_transaction() as connection:
        size = select(func.pg_database_size(func.current_database()))
        return int(connection.execute(size).scalar_one())


def open_feedback() -> OpenFeedback:
    """Of all projects that are not deleted; raises DBAPIError."""
    of_project = (Feedback.project_id == Project.id) & (Feedback.status == FeedbackStatus.OPEN)
    count = select(func.count()).where(of_project).correlate(Project).scalar_subquery()
    # Ids are given in the order in which feedback comes.
    oldest = (
        select(Feedback.created_at)
        .where(of_project)
        .order_by(Feedback.id)
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )
    with read_transaction() as connection:
        rows = connection.execute(
            select(count, oldest).select_from(Project).where(Project.deleted_at.is_(None))
        ).all()
    return OpenFeedback(
        count=sum(number for number, _ in rows),
        oldest=min((moment for _, moment in rows if moment is not None), default=None),
    )


def _database_file(settings: Settings) -> Path | None:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(os.path.realpath(url.database))


def _sizes(files: Iterable[Path]) -> Iterable[int]:
    for file in files:
        try:
            yield file.stat().st_size
        except FileNotFoundError:
            continue

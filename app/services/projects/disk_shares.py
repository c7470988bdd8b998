"""What events take of the disk, by project: from the bytes counted as they came, so nothing that is
stored is read. What was deleted since, other than by age, is still in it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from app.database import read_transaction
from app.models import EventDay, Project
from app.models.projects import IS_ALIVE


@dataclass(frozen=True, kw_only=True)
class DiskShare:
    """Bytes of events' content that one project sent: in all days that are kept, and today."""

    project_id: int
    event_bytes: int
    event_bytes_today: int


def of_project(project_id: int, *, today: date) -> DiskShare:
    """Of as many rows as there are days."""
    query = select(*_sums(today)).where(EventDay.project_id == project_id)
    with read_transaction() as connection:
        total, of_today = connection.execute(query).one()
    return DiskShare(
        project_id=project_id, event_bytes=int(total or 0), event_bytes_today=int(of_today or 0)
    )


def largest(*, today: date, limit: int) -> list[DiskShare]:
    """Those with most, the largest first. It reads a row for each project and day."""
    with read_transaction() as connection:
        return largest_of(connection, today=today, limit=limit)


def largest_of(
    connection: Connection, *, today: date, limit: int, by_today: bool = False
) -> list[DiskShare]:
    """By all that is kept, or by what came today."""
    total, of_today = _sums(today)
    query = (
        select(EventDay.project_id, total, of_today)
        .join(Project, Project.id == EventDay.project_id)
        .where(IS_ALIVE)
        .group_by(EventDay.project_id)
        .order_by((func.coalesce(of_today, 0) if by_today else total).desc(), EventDay.project_id)
        .limit(limit)
    )
    return [
        DiskShare(project_id=project_id, event_bytes=int(kept), event_bytes_today=int(now or 0))
        for project_id, kept, now in connection.execute(query)
    ]


def _sums(today: date) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    of_today = func.sum(EventDay.content_bytes).filter(EventDay.day == today)
    return func.sum(EventDay.content_bytes), of_today

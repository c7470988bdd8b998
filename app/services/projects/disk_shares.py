"""What each project takes of the disk: as it was counted last, and what came of events today.

Reading costs a row for each table and day: what is stored is not read. Who looks has it counted
again, in the background (app.services.projects.disk_survey).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from app.database import read_transaction
from app.models import DiskShare as Counted
from app.models import EventDay, Project
from app.models.declared import all_models, duties_of
from app.models.duties import DiskKind
from app.models.projects import IS_ALIVE
from app.services.projects import disk_survey


@dataclass(frozen=True)
class KindShare:
    """Bytes are an estimate, rows are not."""

    kind: DiskKind
    rows: int
    bytes: int


@dataclass(frozen=True)
class DiskUse:
    """All that a project keeps, the largest kind first, as of the oldest count."""

    bytes: int
    kinds: Sequence[KindShare]
    counted_at: datetime


@dataclass(frozen=True, kw_only=True)
class DiskShare:
    """`disk` is None before it was counted. Bytes of events' content that one project sent, as
    they came: in all days that are kept, and today."""

    project_id: int
    disk: DiskUse | None
    event_bytes: int
    event_bytes_today: int


@dataclass(frozen=True)
class ProjectBytes:
    project_id: int
    bytes: int


def of_project(project_id: int, *, today: date) -> DiskShare:
    """Of as many rows as there are days and tables."""
    disk_survey.look()
    query = select(*_sums(today)).where(EventDay.project_id == project_id)
    with read_transaction() as connection:
        total, of_today = connection.execute(query).one()
        disk = _disk_use(connection, project_id)
    return DiskShare(
        project_id=project_id,
        disk=disk,
        event_bytes=int(total or 0),
        event_bytes_today=int(of_today or 0),
    )


def largest(*, limit: int) -> list[ProjectBytes]:
    """Those with most, the largest first. It reads a row for each project and table."""
    disk_survey.look()
    with read_transaction() as connection:
        return largest_of(connection, limit=limit)


def largest_of(connection: Connection, *, limit: int) -> list[ProjectBytes]:
    """As they were counted last."""
    return _largest(connection, Counted.project_id, func.sum(Counted.bytes_kept), limit)


def most_events(*, limit: int) -> list[ProjectBytes]:
    """By the content of their events, in all days that are kept."""
    with read_transaction() as connection:
        total = func.sum(EventDay.content_bytes)
        return _largest(connection, EventDay.project_id, total, limit)


def most_events_today(connection: Connection, *, today: date, limit: int) -> list[ProjectBytes]:
    total = func.coalesce(_sums(today)[1], 0)
    return _largest(connection, EventDay.project_id, total, limit)


def counted_at(connection: Connection) -> datetime | None:
    """When the oldest of what is known was counted; None where nothing is."""
    return connection.execute(select(func.min(Counted.counted_at))).scalar()


def _largest(
    connection: Connection, project_id: Any, size: ColumnElement[Any], limit: int
) -> list[ProjectBytes]:
    query = (
        select(project_id, size)
        .join(Project, Project.id == project_id)
        .where(IS_ALIVE)
        .group_by(project_id)
        .order_by(size.desc(), project_id)
        .limit(limit)
    )
    return [ProjectBytes(found, int(total)) for found, total in connection.execute(query)]


def _disk_use(connection: Connection, project_id: int) -> DiskUse | None:
    columns = (Counted.of_table, Counted.rows_kept, Counted.bytes_kept, Counted.counted_at)
    rows = connection.execute(select(*columns).where(Counted.project_id == project_id)).all()
    if not rows:
        return None
    kinds = {str(model.__tablename__): duties_of(model).on_disk.kind for model in all_models()}
    # A table that a newer version has is not known here.
    shares = [
        KindShare(kind, sum(row.rows_kept for row in its), sum(row.bytes_kept for row in its))
        for kind in DiskKind
        if (its := [row for row in rows if kinds.get(row.of_table, DiskKind.OTHER) is kind])
    ]
    shares.sort(key=lambda share: share.bytes, reverse=True)
    total = sum(share.bytes for share in shares)
    return DiskUse(total, shares, min(row.counted_at for row in rows))


def _sums(today: date) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    of_today = func.sum(EventDay.content_bytes).filter(EventDay.day == today)
    return func.sum(EventDay.content_bytes), of_today

"""Counts what every project keeps in every table: anew each time, so the figures cannot drift.

Nothing that is stored pays for it, and no deletion has to remember it. It runs beside all requests
when somebody looks and what is known is some minutes old, and rests a hundred times as long as it
took; each retention run counts, too (docs/decisions/0145-a-share-of-the-disk-is-counted-anew.md).
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from flask import Flask
from sqlalchemy import ColumnElement, Connection, LargeBinary, Select
from sqlalchemy import cast as sql_cast
from sqlalchemy import delete, func, or_, select

from app.current import this_app
from app.database import read_transaction, write
from app.extensions import now as time_now
from app.models import DiskShare, Event, Issue
from app.models.declared import children_first, duties_of, of_project, rows_by_project
from app.models.duties import OnDisk
from app.services.background_worker import BackgroundWorker
from app.services.projects.living import insert_for_living

FRESH_FOR = timedelta(minutes=5)
# It may take a hundredth of one processor's time, or of a disk's.
_RESTS_TIMES = 100
# So many rows tell what a project's texts take on the average.
_MEASURED_ROWS = 300
# They are chosen by a mixed id, because ids themselves may all be odd. Both are primes.
_SCATTER_MODULUS = 1_000_003
_SCATTER_FACTOR = 48_271
_ROWS_EACH_COMMIT = 500
_EXTENSION = "disk_survey"
_NAMES = ("project_id", "of_table", "rows_kept", "bytes_kept", "counted_at")


class DiskSurvey:
    """When one app counts again."""

    def __init__(self, app: Flask) -> None:
        self.writer = BackgroundWorker(app, self.run, name=_EXTENSION)
        self._not_before = 0.0  # of time.monotonic()

    def look(self) -> None:
        """Somebody reads the figures: count again if it is time; returns at once."""
        if time.monotonic() >= self._not_before:
            self.writer.wake()

    def run(self) -> None:
        """Raises what the database raises, and does nothing more for some minutes then."""
        began = time.monotonic()
        if self.writer.stopping.is_set() or began < self._not_before:
            return
        self._not_before = began + FRESH_FOR.total_seconds()
        if not _is_fresh(now := time_now()):
            count_all(now=now)
            took = time.monotonic() - began
            rest = max(FRESH_FOR.total_seconds(), took * _RESTS_TIMES)
            self._not_before = time.monotonic() + rest


def init_disk_survey(app: Flask) -> None:
    """Starts nothing."""
    app.extensions[_EXTENSION] = DiskSurvey(app)


def look() -> None:
    """To be called by whoever shows the figures."""
    cast(DiskSurvey, this_app().extensions[_EXTENSION]).look()


def count_all(*, now: datetime) -> None:
    """Count every table; what each held before is replaced when it is counted."""
    for model in children_first():
        if duties_of(model).project_by is not None and model is not DiskShare:
            _count(model, now)


def _is_fresh(now: datetime) -> bool:
    """Of whatever process; a moment that is ahead of the clock is none."""
    with read_transaction() as connection:
        newest = connection.execute(select(func.max(DiskShare.counted_at))).scalar()
    return newest is not None and abs(now - newest) < FRESH_FOR


def _count(model: type[Any], now: datetime) -> None:
    name = str(model.__tablename__)
    with read_transaction() as connection:
        # In their order, so that no process waits for another that waits for it.
        shares = sorted(_shares(connection, model))
    found = [dict(zip(_NAMES, (key, name, *share, now), strict=True)) for key, *share in shares]
    for first in range(0, len(found), _ROWS_EACH_COMMIT):
        write(partial(_store, rows=found[first : first + _ROWS_EACH_COMMIT]))
    write(partial(_forget, name=name, now=now))


def _shares(connection: Connection, model: type[Any]) -> Iterator[tuple[int, int, int]]:
    """Ids of projects, and how many rows and bytes each has."""
    on_disk = duties_of(model).on_disk
    row_bytes = on_disk.sqlite if connection.dialect.name == "sqlite" else on_disk.postgresql
    for project_id, counted in connection.execute(rows_by_project(model)).all():
        rows = int(counted)
        texts = 0.0
        if on_disk.texts:
            query = _text_bytes(connection.dialect.name, model, on_disk, project_id, rows)
            texts = float(connection.execute(query).scalar() or 0)
        yield project_id, rows, round(rows * (row_bytes + texts))


def _text_bytes(
    dialect_name: str, model: type[Any], on_disk: OnDisk, project_id: int, rows: int
) -> Select[Any]:
    """What the texts of a row take on the average of some that lie apart, found in an index."""
    each: ColumnElement[Any] = sum(
        (
            func.coalesce(_size(dialect_name, getattr(model, name)), 0) * times
            for name, times in on_disk.texts.items()
        ),
        start=cast(Any, 0),
    )
    most = _SCATTER_MODULUS * _MEASURED_ROWS // max(rows, 1)
    scattered = model.id % _SCATTER_MODULUS * _SCATTER_FACTOR % _SCATTER_MODULUS
    some = select(model.id).where(_of_project(model, project_id), scattered <= most)
    return select(func.avg(each)).where(model.id.in_(some))


def _of_project(model: type[Any], project_id: int) -> ColumnElement[bool]:
    """By the index of events that has their ids: that of their issues."""
    if model is Event:
        return Event.issue_id.in_(select(Issue.id).where(Issue.project_id == project_id))
    return of_project(model, project_id)


def _size(dialect_name: str, column: Any) -> ColumnElement[Any]:
    """As it lies on the disk: PostgreSQL packs what is long, and tells without unpacking it."""
    if dialect_name == "sqlite":
        return func.length(sql_cast(column, LargeBinary))
    return func.pg_column_size(column)


def _store(connection: Connection, *, rows: list[dict[str, Any]]) -> None:
    insert = insert_for_living(connection.dialect.name, DiskShare, _NAMES)
    figures = ("rows_kept", "bytes_kept", "counted_at")
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["project_id", "of_table"],
            set_={name: insert.excluded[name] for name in figures},
        ),
        rows,
    )


def _forget(connection: Connection, *, name: str, now: datetime) -> None:
    """Those that have nothing any more; what another process counts meanwhile is newer."""
    is_old = or_(DiskShare.counted_at < now, DiskShare.counted_at > now + FRESH_FOR)
    connection.execute(delete(DiskShare).where(DiskShare.of_table == name, is_old))

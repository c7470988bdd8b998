"""How many bytes of events' content a project was sent in a day, and whether it may send more.

Each process adds up what it keeps and knows what all together had kept when it last wrote: so an
event asks the database nothing for this. What is written late may let a day's bytes be exceeded by
a hundredth for each process (docs/decisions/0108-a-days-bytes-of-events.md).
"""

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from typing import Any, NamedTuple, cast

from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.sql.dml import ReturningInsert

from app.current import this_app
from app.database import write
from app.extensions import settings
from app.models import EventDay
from app.services.background_worker import BackgroundWorker
from app.services.projects.living import insert_for_living

WAIT_SECONDS = 10.0
# A process that has kept so much of a day's bytes since it last wrote does so now.
_SHARE_UNWRITTEN = 100
_ROWS_EACH_COMMIT = 200
_EXTENSION = "event_bytes"


class DayKey(NamedTuple):
    project_id: int
    day: date


class EventBytes:
    """What one app has kept of events: not written yet, and written by all when it last wrote."""

    def __init__(self, app: Flask) -> None:
        self.writer = BackgroundWorker(app, self.flush, name=_EXTENSION, wait_seconds=WAIT_SECONDS)
        self._turn = threading.Lock()  # to write
        self._guard = threading.Lock()  # of the two below
        self._unwritten: Counter[DayKey] = Counter()
        self._written: dict[DayKey, int] = {}

    def total(self, key: DayKey) -> int:
        """As far as this process knows."""
        with self._guard:
            return self._written.get(key, 0) + self._unwritten[key]

    def add(self, key: DayKey, size: int) -> int:
        """How much of it is not written now."""
        with self._guard:
            self._unwritten[key] += size
            unwritten = self._unwritten[key]
        self.writer.wake()
        return unwritten

    def take(self) -> Counter[DayKey]:
        """What is not written yet; it is the caller's from now on."""
        with self._guard:
            taken, self._unwritten = self._unwritten, Counter()
        return taken

    def flush(self) -> None:
        """Write it; raises what the database raises, and keeps it then."""
        with self._turn:
            with self._guard:
                unwritten = dict(self._unwritten)
            keys = sorted(unwritten)
            for first in range(0, len(keys), _ROWS_EACH_COMMIT):
                batch = {key: unwritten[key] for key in keys[first : first + _ROWS_EACH_COMMIT]}
                self._note_written(batch, write(partial(_store, batch=batch)))

    def _note_written(self, batch: Mapping[DayKey, int], totals: Mapping[DayKey, int]) -> None:
        """Days before the newest are not asked for any more, and forgotten."""
        newest = max(key.day for key in batch)
        with self._guard:
            for key, size in batch.items():
                self._unwritten[key] -= size
                if not self._unwritten[key]:
                    del self._unwritten[key]
            known = {**self._written, **totals}
            self._written = {key: total for key, total in known.items() if key.day >= newest}


def init_event_bytes(app: Flask) -> None:
    """Starts nothing."""
    app.extensions[_EXTENSION] = EventBytes(app)


def size_of(content_json: str, message: str | None) -> int:
    """Bytes, as the database stores it: letters that are not ASCII take six or twelve."""
    return len(content_json) + len((message or "").encode())


def has_room(project_id: int, size: int, *, now: datetime) -> bool:
    """Whether so many bytes more fit into the project's day."""
    most = settings().event_bytes_per_day
    return not most or _kept().total(DayKey(project_id, now.date())) + size <= most


def note_kept(project_id: int, size: int, *, now: datetime) -> None:
    """To be called after the commit."""
    kept = _kept()
    unwritten = kept.add(DayKey(project_id, now.date()), size)
    most = settings().event_bytes_per_day
    if most and unwritten * _SHARE_UNWRITTEN >= most:
        kept.writer.hurry()


def _kept() -> EventBytes:
    return cast(EventBytes, this_app().extensions[_EXTENSION])


def _store(connection: Connection, *, batch: Mapping[DayKey, int]) -> dict[DayKey, int]:
    """What is written of each day now, by all processes."""
    statement = _add(connection.dialect.name)
    totals = {}
    for key, size in batch.items():
        values = {**key._asdict(), "content_bytes": size}
        # None for a project that is gone.
        if (total := connection.execute(statement, values).scalar()) is not None:
            totals[key] = total
    return totals


@cache
def _add(dialect_name: str) -> ReturningInsert[Any]:
    names = (*DayKey._fields, "content_bytes")
    insert = insert_for_living(dialect_name, EventDay, names)
    return insert.on_conflict_do_update(
        index_elements=DayKey._fields,
        set_={"content_bytes": EventDay.content_bytes + insert.excluded.content_bytes},
    ).returning(EventDay.content_bytes)

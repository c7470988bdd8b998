"""Counts losses in memory, and adds them to the table a second later, all in one transaction.

A project over its limit is refused a thousand times a second, and none of it may cost a commit. So
what is lost is added up by the process and written by a thread: while the database is away it waits
there. A clean stop writes the rest; `kill -9` loses the last second's counts, and no more
(docs/decisions/0107-losses-are-counted-in-memory-first.md).
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import NamedTuple, cast

from flask import Flask
from sqlalchemy import Connection, Executable, func

from app.current import this_app
from app.database import write
from app.domain.losses import LossKind, LossSource
from app.logs import log_change
from app.models import Loss
from app.services.background_worker import BackgroundWorker
from app.services.projects.living import insert_for_living
from app.signals import loss_counted, tell

WAIT_SECONDS = 1.0
# A transaction holds SQLite's write lock for some milliseconds.
_ROWS_EACH_COMMIT = 500
_EXTENSION = "losses"


class LossKey(NamedTuple):
    """In the order of the table's key, in which all processes store: so none waits for another
    that waits for it."""

    project_id: int
    day: date
    source: LossSource
    kind: LossKind
    reason: str


@dataclass
class _Counted:
    quantity: int = 0
    named_app: str | None = None

    def add(self, quantity: int, named_app: str | None) -> None:
        self.quantity += quantity
        self.named_app = named_app or self.named_app


class LossLedger:
    """What one app has counted and not stored yet."""

    def __init__(self, app: Flask) -> None:
        self.writer = BackgroundWorker(
            app, self.flush, name=_EXTENSION, wait_seconds=WAIT_SECONDS, at_exit=self.stop
        )
        self._guard = threading.Lock()
        self._counted: dict[LossKey, _Counted] = {}

    def add(self, key: LossKey, quantity: int, named_app: str | None) -> None:
        with self._guard:
            self._counted.setdefault(key, _Counted()).add(quantity, named_app)
        self.writer.wake()

    def take(self) -> dict[LossKey, _Counted]:
        """What is not stored yet; it is the caller's from now on."""
        with self._guard:
            counted, self._counted = self._counted, {}
        return counted

    def flush(self) -> None:
        """Store all that was counted; raises what the database raises, and keeps it then."""
        left = self.take()
        keys = sorted(left)
        try:
            for first in range(0, len(keys), _ROWS_EACH_COMMIT):
                batch = {key: left[key] for key in keys[first : first + _ROWS_EACH_COMMIT]}
                write(partial(_store, batch=batch))
                for key in batch:
                    del left[key]
        except BaseException:
            self._give_back(left)
            raise

    def stop(self) -> None:
        """Store the rest before the process ends, and say what could not be stored."""
        self.writer.stop()
        if lost := sum(counted.quantity for counted in self.take().values()):
            log_change(f"The counts of {lost} refusals are lost: the database took no more.")

    def _give_back(self, left: Mapping[LossKey, _Counted]) -> None:
        """What was counted meanwhile is newer."""
        with self._guard:
            for key, counted in left.items():
                newer = self._counted.get(key, _Counted())
                counted.add(newer.quantity, newer.named_app)
                self._counted[key] = counted


def init_losses(app: Flask) -> None:
    """Starts nothing."""
    app.extensions[_EXTENSION] = LossLedger(app)


def count(
    project_id: int,
    *,
    kind: LossKind,
    reason: str,
    now: datetime,
    source: LossSource = LossSource.SERVER,
    quantity: int = 1,
    named_app: str | None = None,
) -> None:
    """Count what a project lost; asks the database nothing, and cannot fail.

    Call it where the loss is certain: for what is accepted with less than was sent, after the
    commit. `reason` is a LossReason, or a word of an SDK's that is known here. `named_app` is the
    app of an event that pinning refused, as `tellable_app` gives it. Nothing is stored for a
    project that is deleted by then.
    """
    ledger = cast(LossLedger, this_app().extensions[_EXTENSION])
    ledger.add(LossKey(project_id, now.date(), source, kind, reason), quantity, named_app)
    tell(loss_counted, source=source, kind=kind, reason=reason, quantity=quantity)


def _store(connection: Connection, *, batch: Mapping[LossKey, _Counted]) -> None:
    connection.execute(_add(connection.dialect.name), list(_rows(batch)))


def _rows(batch: Mapping[LossKey, _Counted]) -> Iterator[dict[str, object]]:
    for key, counted in batch.items():
        yield {**key._asdict(), "quantity": counted.quantity, "named_app": counted.named_app}


@cache
def _add(dialect_name: str) -> Executable:
    names = (*LossKey._fields, "quantity", "named_app")
    insert = insert_for_living(dialect_name, Loss, names)
    return insert.on_conflict_do_update(
        index_elements=LossKey._fields,
        set_={
            "quantity": Loss.quantity + insert.excluded.quantity,
            "named_app": func.coalesce(insert.excluded.named_app, Loss.named_app),
        },
    )

"""How this process reads from its database and writes to it.

Writers of SQLite queue in `app.database.writer_queue`; PostgreSQL needs none of that. This
replaces `do_begin`, which SQLAlchemy documents for dialects only.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from time import perf_counter
from typing import Any, cast

from flask import Flask
from sqlalchemy import Connection, event

from app.current import this_app
from app.database.engine import prepare_sqlite
from app.database.outage import init_database_outage, this_outage
from app.database.pooled_connections import init_pooled_connections
from app.database.sqlite_file import OpenedFile, begin_deferred, begin_immediate
from app.database.writer_queue import FreeWriters, Result, WriterQueue, Writers
from app.database_causes import failure_of
from app.extensions import db, now
from app.logs import log_failure
from app.signals import feedback_submitted, listen, tell, transaction_ended


def init_database(app: Flask, *, sqlite_busy_seconds: int) -> None:
    """Prepare the app's engine; opens no connection."""
    init_database_outage(app)
    listen(app, feedback_submitted, _note_feedback)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        file = OpenedFile(engine.url.database or "")
        app.extensions["writers"] = WriterQueue(
            partial(begin_immediate, engine, file), wait_seconds=sqlite_busy_seconds
        )
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "connect", file.note)
        event.listen(engine, "engine_disposed", file.forget)
        # Not a listener to "begin": with one, each statement of the engine takes 1.5 times as long.
        engine.dialect.do_begin = begin_deferred  # type: ignore[assignment]
    else:
        app.extensions["writers"] = FreeWriters(engine)
        init_pooled_connections(engine)


class _Timed:
    """Tells how long the block took, also when it failed."""

    __slots__ = ("_started",)

    def __enter__(self) -> None:
        self._started = perf_counter()

    def __exit__(self, *_: object) -> None:
        tell(transaction_ended, seconds=perf_counter() - self._started)


_snapshot: ContextVar[Connection | None] = ContextVar("snapshot", default=None)


@contextmanager
def read_transaction() -> Iterator[Connection]:
    """A connection to read with; inside a `snapshot`, that of the snapshot."""
    if shared := _snapshot.get():
        yield shared
        return
    with _Timed(), db.engine.connect() as connection, _reading(connection):
        yield connection


@contextmanager
def _reading(connection: Connection) -> Iterator[None]:
    """On PostgreSQL whoever writes by mistake fails, and it ends by COMMIT: at a ROLLBACK, which is
    how a pool ends what it gets back, psycopg forgets all that it had prepared
    (docs/decisions/0162). Whatever failed is rolled back.

    SQLAlchemy's `postgresql_readonly` would say READ WRITE ever after, whatever the server says.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver = cast(Any, connection.connection.driver_connection)
    driver.read_only = True
    try:
        yield
        connection.commit()
    finally:
        # What the server says of itself holds again; it can be told outside a transaction alone.
        if not connection.closed and not connection.invalidated:
            connection.rollback()
        if not driver.closed:
            driver.read_only = None


@contextmanager
def planned_for_values(connection: Connection) -> Iterator[None]:
    """PostgreSQL plans each statement of the block for its values, as none is prepared.

    For one whose plan for all values alike is a bad one (docs/decisions/0162).
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver = cast(Any, connection.connection.driver_connection)
    threshold = driver.prepare_threshold
    driver.prepare_threshold = None
    try:
        yield
    finally:
        driver.prepare_threshold = threshold


def writers_take_turns() -> bool:
    """Whether writers queue, as on SQLite.

    To store anything there, use `write` or a transaction.
    """
    return db.engine.name == "sqlite"


@contextmanager
def single_statements() -> Iterator[Connection]:
    """A connection for statements that are each all or nothing without a transaction around them.

    It saves PostgreSQL two messages. On SQLite, where transactions cost nothing, use it only to
    read.
    """
    with _Timed(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read in the block is of one moment, whatever others write meanwhile.

    A snapshot inside another one is part of that one.
    """
    if _snapshot.get():
        yield
        return
    options = {"isolation_level": "REPEATABLE READ"} if db.engine.name == "postgresql" else {}
    with _Timed(), db.engine.connect().execution_options(**options) as connection:
        with _reading(connection):
            token = _snapshot.set(connection)
            try:
                yield
            finally:
                _snapshot.reset(token)


@contextmanager
def write_transaction() -> Iterator[Connection]:
    """Commit at the end of the block, or roll back on any exception; keep the block short.

    Raises DatabaseBusy on SQLite when too many wait.
    """
    with _Timed(), _writers().transaction() as connection:
        yield connection
    _wrote()


def write(work: Callable[[Connection], Result]) -> Result:
    """Run `work` in a transaction of its own; return its result when that is committed.

    For what each request of an SDK stores: on SQLite, one thread runs the work of all who wait. So
    `work` must not use its request, or wait for anything. Raises what `work` raises, and
    DatabaseBusy as `write_transaction` does.
    """
    with _Timed():
        result = _writers().run(work)
    _wrote()
    return result


def write_single(store: Callable[[Connection], Result | None]) -> Result | None:
    """Run what stores by a single statement, or stores nothing and returns None.

    For PostgreSQL, which a transaction around it would cost two messages more. Raises what `store`
    raises.
    """
    with single_statements() as connection:
        stored = store(connection)
    if stored is not None:
        _wrote()
    return stored


def _note_feedback(*, is_new: bool, **_: object) -> None:
    """Count feedback as a write: PostgreSQL stores it in a single statement, past the writers."""
    if is_new and db.engine.name == "postgresql":
        _wrote()


def _wrote() -> None:
    outage = this_outage()
    outage.writes += 1
    if outage.failure is not None:
        outage.note_success(now=now())


def note_failure(error: BaseException) -> None:
    """Log what failed where nobody waits for an answer.

    Where the database failed, it is part of an outage, which has one line in the log for all that
    fails. Anything else is a mistake in our code, and is logged as one.
    """
    if failure := failure_of(error):
        this_outage().note_failure(failure, now=now())
    else:
        log_failure(error)


def _writers() -> Writers:
    return cast(Writers, this_app().extensions["writers"])

"""How this process talks to its database: SQLite's settings, and one queue for its writers.

SQLite lets one connection write at a time; a second one is refused and sleeps before it asks again,
for longer each time, which costs tails of a second. So the threads of a process queue on a lock of
ours first and SQLite's own lock only ever sees other processes. Nothing here is needed, or done,
on PostgreSQL.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import Connection, Executable, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import Model, db

_BEGIN_OPTION = "sqlite_begin"


class DatabaseBusy(Exception):
    """The queue of writers did not move in time; nothing was stored."""


def engine_options(*, url: str, threads: int, sqlite_busy_seconds: int) -> dict[str, Any]:
    """Options for create_engine(); parameters never reach an error message or a log."""
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": threads}
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": sqlite_busy_seconds}
    else:
        options["pool_pre_ping"] = True
    return options


def init_database(app: Flask, *, sqlite_busy_seconds: int) -> None:
    """Prepare the app's engine; opens no connection."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        app.extensions["database_writer"] = _WriterQueue(wait_seconds=sqlite_busy_seconds)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
    else:
        app.extensions["database_writer"] = nullcontext()


class _Turn:
    """One writer's place in the queue."""

    def __init__(self) -> None:
        self.decided = threading.Event()
        self.is_granted = False


class _WriterQueue:
    """One writer at a time, in the order they came, and none waits longer than it may.

    A plain lock is not fair: the thread that just released it often takes it again while others
    starve, and waiting threads answer nobody.
    """

    def __init__(self, *, wait_seconds: int) -> None:
        self._wait_seconds = wait_seconds
        self._guard = threading.Lock()  # of the three below; held for an instant only
        self._is_taken = False
        self._is_blocked = False  # the last writer met another process's lock
        self._waiting: deque[_Turn] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            if self._is_blocked:
                raise DatabaseBusy  # one is trying already; the rest should answer, and read
            turn = _Turn()
            self._waiting.append(turn)
        turn.decided.wait(self._wait_seconds)
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
            if not turn.is_granted:
                raise DatabaseBusy

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        with self._guard:
            self._is_blocked = isinstance(error, OperationalError)
            if self._is_blocked:
                # What stopped this one would stop the others, each after a wait of its own.
                while self._waiting:
                    self._waiting.popleft().decided.set()
            if self._waiting:
                turn = self._waiting.popleft()
                turn.is_granted = True  # handed over: it stays taken
                turn.decided.set()
            else:
                self._is_taken = False


_snapshot: ContextVar[Connection | None] = ContextVar("snapshot", default=None)


@contextmanager
def read_transaction() -> Iterator[Connection]:
    """For as many readers at a time as there are threads; inside a `snapshot`, part of it."""
    if shared := _snapshot.get():
        yield shared
        return
    with db.engine.connect() as connection:
        yield connection


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read in the block is of one moment, whatever is written meanwhile.

    Inside another one it is part of that.
    """
    if _snapshot.get():
        yield
        return
    options = {"isolation_level": "REPEATABLE READ"} if db.engine.name == "postgresql" else {}
    with db.engine.connect().execution_options(**options) as connection:
        token = _snapshot.set(connection)
        try:
            yield
        finally:
            _snapshot.reset(token)


@contextmanager
def write_transaction() -> Iterator[Connection]:
    """Commits at the end of the block, or rolls back on any exception; keep the block short."""
    queue = cast(AbstractContextManager[Any], current_app.extensions["database_writer"])
    with (
        queue,
        db.engine.connect().execution_options(**{_BEGIN_OPTION: "IMMEDIATE"}) as connection,
        connection.begin(),
    ):
        yield connection


def is_missing_parent(error: IntegrityError) -> bool:
    """Whether a row was to point to one that another transaction has deleted."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return code in ("SQLITE_CONSTRAINT_FOREIGNKEY", "23503")


def insert_into(dialect_name: str, model: type[Model]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what happens on a conflict.

    Statements that are used for every request are built once a dialect, with functools.cache:
    building one costs more than executing it.
    """
    if dialect_name == "sqlite":
        return sqlite.insert(model)
    return postgresql.insert(model)


@cache
def insert_unless_exists(
    dialect_name: str,
    model: type[Model],
    *conflict_columns: str,
    returning: InstrumentedAttribute[Any] | None = None,
) -> Executable:
    """An INSERT that does nothing, and returns no row, where the columns' values exist already."""
    insert = insert_into(dialect_name, model).on_conflict_do_nothing(
        index_elements=conflict_columns
    )
    return insert if returning is None else insert.returning(returning)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin transactions itself, deferred, and fail when a reader turns writer.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # an acknowledged write survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
    # SQLite's own lower() knows ASCII only: a search for "élan" would miss "Élan".
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get(_BEGIN_OPTION, "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")

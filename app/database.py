"""How this process talks to its database: SQLite's settings, reading and writing.

Writers of SQLite queue in `app.writer_queue`; PostgreSQL needs none of that.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from contextvars import ContextVar
from functools import cache, partial
from time import perf_counter
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, Executable, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import Model, db
from app.signals import tell, transaction_ended
from app.writer_queue import WriterQueue

_BEGIN_OPTION = "sqlite_begin"
# libpq takes less for this.
_SHORTEST_CONNECT_SECONDS = 2
_VANISHED_SECONDS = 12
# While it waits for readers, it holds writers up.
_TRUNCATE_MILLISECONDS = 200
_WriteTransaction = Callable[[], AbstractContextManager[Connection]]


def engine_options(
    *, url: str, threads: int, sqlite_busy_seconds: int, postgresql_busy_seconds: int
) -> dict[str, Any]:
    """Options for create_engine(); parameters never reach an error message or a log."""
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": threads}
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": sqlite_busy_seconds}
    else:
        options["pool_pre_ping"] = True
        options["connect_args"] = _without_waiting_for_ever(url, postgresql_busy_seconds)
        if make_url(url).query.get("prepare_threshold") == "none":
            # psycopg wants None, which no URL can say. For a pooler that lends a connection for one
            # transaction at a time: the next one finds statements that others prepared.
            options["connect_args"]["prepare_threshold"] = None
    return options


def init_database(app: Flask, *, sqlite_busy_seconds: int) -> None:
    """Prepare the app's engine; opens no connection."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        app.extensions["write_transaction"] = WriterQueue(
            partial(_begin_immediate, engine), wait_seconds=sqlite_busy_seconds
        ).transaction
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
    else:
        app.extensions["write_transaction"] = engine.begin


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
    """For as many readers at a time as there are threads; inside a `snapshot`, part of it."""
    if shared := _snapshot.get():
        yield shared
        return
    with _Timed(), db.engine.connect() as connection:
        yield connection


@contextmanager
def single_read() -> Iterator[Connection]:
    """For one SELECT alone, which sees one moment without a transaction around it."""
    options = _no_transaction(db.engine.dialect.name)
    with _Timed(), db.engine.connect().execution_options(**options) as connection:
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
    with _Timed(), db.engine.connect().execution_options(**options) as connection:
        token = _snapshot.set(connection)
        try:
            yield
        finally:
            _snapshot.reset(token)


@contextmanager
def write_transaction() -> Iterator[Connection]:
    """Commits at the end of the block, or rolls back on any exception; keep the block short.

    On SQLite raises DatabaseBusy when too many wait.
    """
    begin = cast(_WriteTransaction, current_app.extensions["write_transaction"])
    with _Timed(), begin() as connection:
        yield connection


def truncate_log() -> None:
    """Empty SQLite's write-ahead log, which still has what was deleted from the file.

    Where readers are in the way it is left to the next time; nobody waits long for it.
    """
    if db.engine.name != "sqlite":
        return
    with closing(db.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        (timeout,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {_TRUNCATE_MILLISECONDS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {timeout}")
            cursor.close()


def is_missing_parent(error: IntegrityError) -> bool:
    """Whether a row was to point to one that another transaction has deleted."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return code in ("SQLITE_CONSTRAINT_FOREIGNKEY", "23503")


def is_read_only(error: DBAPIError) -> bool:
    """Whether PostgreSQL takes no writes, as a standby does."""
    return getattr(error.orig, "sqlstate", None) == "25006"


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


def _without_waiting_for_ever(url: str, busy_seconds: int) -> dict[str, Any]:
    """What libpq is told, unless the URL says otherwise; each would be minutes or no end at all.

    A server that vanished without a word is given up when it acknowledges nothing for so long, or
    answers no probe while we wait for it.
    """
    patience: dict[str, Any] = {
        "connect_timeout": max(busy_seconds, _SHORTEST_CONNECT_SECONDS),
        "options": f"-c lock_timeout={max(busy_seconds * 1000, 1)}",  # 0 would be no limit
        "tcp_user_timeout": _VANISHED_SECONDS * 1000,
        "keepalives_idle": _VANISHED_SECONDS // 2,
        "keepalives_interval": _VANISHED_SECONDS // 6,
        "keepalives_count": 3,
    }
    return {name: value for name, value in patience.items() if name not in make_url(url).query}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin transactions itself, deferred, and fail when a reader turns writer.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # an acknowledged write survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is deleted is gone from the file, too. Debian's SQLite does so unasked, others do not.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_immediate(engine: Engine) -> Connection:
    """Nobody else writes from here on; a writer that began as a reader may find it too late."""
    connection = engine.connect().execution_options(**{_BEGIN_OPTION: "IMMEDIATE"})
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get(_BEGIN_OPTION, "DEFERRED")
    if mode is not None:
        connection.exec_driver_sql(f"BEGIN {mode}")


def _no_transaction(dialect_name: str) -> dict[str, Any]:
    if dialect_name == "sqlite":
        return {_BEGIN_OPTION: None}
    return {"isolation_level": "AUTOCOMMIT"}

"""The options of SQLAlchemy's engine, and of each connection to SQLite and PostgreSQL."""

import sqlite3
from typing import Any

from sqlalchemy.engine import URL, make_url

# libpq waits as long as this where it is told to wait for less.
_SHORTEST_CONNECT_SECONDS = 2
# After so long without a word, a server counts as gone.
_VANISHED_SECONDS = 12
_CACHE_KIB = 512
# Told to psycopg whatever the server or the environment says. Else a database without an encoding
# (SQL_ASCII) hands out bytes where the code expects text, even for the version of the server.
IN_UTF_8 = {"client_encoding": "utf8"}


def engine_options(
    *, url: str, threads: int, sqlite_busy_seconds: int, postgresql_busy_seconds: int
) -> dict[str, Any]:
    """Options for create_engine(); parameters never reach an error message or a log."""
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": threads, "pool_use_lifo": True}
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": sqlite_busy_seconds}
    else:
        patience = _without_waiting_for_ever(url, postgresql_busy_seconds)
        options["connect_args"] = {**patience, **connect_options(url)}
    return options


def is_behind_pooler(url: str | URL) -> bool:
    """Whether the URL says that a pooler lends a connection for one transaction at a time.

    Such a one (PgBouncer) finds statements that others prepared, and refuses `options`, by which
    settings of a session would be told: those belong to the role then.
    """
    return make_url(url).query.get("prepare_threshold") == "none"


def connect_options(url: str | URL) -> dict[str, Any]:
    """What every connection to PostgreSQL is told, whoever makes it."""
    # psycopg wants None, which no URL can say.
    unprepared = {"prepare_threshold": None} if is_behind_pooler(url) else {}
    return {**IN_UTF_8, **unprepared}


def prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin transactions itself, deferred, and fail when a reader turns writer.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # an acknowledged write survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    # Each thread has a connection, and each connection has a cache: 2 MB unless it is told less.
    # The operating system caches the file once for all of them.
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    # Overwrite in the file what is deleted. Debian's SQLite does so unasked, others do not.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _without_waiting_for_ever(url: str, busy_seconds: int) -> dict[str, Any]:
    """Time limits for libpq, unless the URL sets them; without these it waits minutes, or for ever.

    A server that vanished without a word is given up when it acknowledges nothing for
    `_VANISHED_SECONDS`, or answers no probe while we wait for it.
    """
    patience: dict[str, Any] = {
        "connect_timeout": max(busy_seconds, _SHORTEST_CONNECT_SECONDS),
        "options": f"-c lock_timeout={max(busy_seconds * 1000, 1)}",  # 0 would be no limit
        "tcp_user_timeout": _VANISHED_SECONDS * 1000,
        "keepalives_idle": _VANISHED_SECONDS // 2,
        "keepalives_interval": _VANISHED_SECONDS // 6,
        "keepalives_count": 3,
    }
    if is_behind_pooler(url):
        del patience["options"]  # `pionne-feedback doctor` asks whether the role has it
    return {name: value for name, value in patience.items() if name not in make_url(url).query}

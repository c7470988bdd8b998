"""Tells whether a write would succeed now, by trying one, at most once in some seconds.

A small write proves little on a full disk: SQLite's log keeps the room that a failed write had
taken, and a single page fits where a post does not. So the probe writes as much as a post does, and
undoes it; nobody ever sees it (docs/decisions/0080-ready-means-that-a-write-succeeds.md). While
writes of requests succeed, nothing is tried.
"""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from flask import Flask
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.current import this_app
from app.database import write_transaction
from app.database.outage import this_outage
from app.database.write_group import DatabaseBusy
from app.database_causes import (
    DISK_FULL,
    NO_PERMISSION,
    READ_ONLY,
    WRONG_TABLES,
    Failure,
    failure_or_unknown,
)
from app.extensions import db

# Probers ask every few seconds, each worker process by itself.
PAUSE = timedelta(seconds=5)
# More than one post changes, its indexes included.
_PROBE_BYTES = 65536
_NEVER = datetime.min.replace(tzinfo=UTC)


class WriteProbe:
    """What this process found out last."""

    def __init__(self) -> None:
        self._guard = threading.Lock()  # also while it tries: one at a time
        self._looked_at = _NEVER
        self._writes = 0
        self._failure: Failure | None = None

    def failure(self, *, now: datetime) -> Failure | None:
        """Why writes fail; None where they succeed. The answer is at most `PAUSE` old.

        Waits as long as any writer does.
        """
        with self._guard:
            outage = this_outage()
            # The clock may have been set back.
            if abs(now - self._looked_at) < PAUSE:
                return self._failure or outage.failure
            have_written, self._writes = outage.writes != self._writes, outage.writes
            was_asked_lately = abs(now - self._looked_at) < 3 * PAUSE
            self._looked_at = now
            if outage.failure is None and have_written and was_asked_lately:
                self._failure = None
            else:
                self._failure = _try(outage.failure)
                self._writes = outage.writes
                if self._failure:
                    outage.note_failure(self._failure, now=now)
                else:
                    outage.note_success(now=now, is_sure=True)
            return self._failure


def init_write_probe(app: Flask) -> None:
    app.extensions["write_probe"] = WriteProbe()


def write_failure(*, now: datetime) -> Failure | None:
    probe: WriteProbe = this_app().extensions["write_probe"]
    return probe.failure(now=now)


class _Undo(Exception):
    """Ends the transaction of the probe, so that nothing of it stays."""


def _try(known: Failure | None) -> Failure | None:
    """`known` is why writes fail, as far as this process knows so far."""
    try:
        if db.engine.name == "sqlite":
            _write_to_sqlite()
            return None
        return _write_to_postgresql(known)
    except (SQLAlchemyError, DatabaseBusy, OSError) as error:
        return failure_or_unknown(error)


def _write_to_sqlite() -> None:
    """Makes the log grow by as much as a post needs, then commits what was there before."""
    with write_transaction() as connection:
        missing = set(db.metadata.tables) - set(inspect(connection).get_table_names())
        if missing:
            raise DatabaseBusy(Failure(WRONG_TABLES))
        run = connection.exec_driver_sql
        pages = run("PRAGMA cache_size").scalar_one()
        run("SAVEPOINT probe")
        try:
            run("PRAGMA cache_size = 1")  # or it would stay in memory until the commit
            run("CREATE TABLE write_probe (content)")
            run(f"INSERT INTO write_probe (content) VALUES (zeroblob({_PROBE_BYTES}))")
        finally:
            with suppress(SQLAlchemyError):  # SQLite has undone everything when the disk is full
                run("ROLLBACK TO probe")
                run("RELEASE probe")
            run(f"PRAGMA cache_size = {pages}")
        # In the first page of the file, and used by nobody: so the commit writes to the disk.
        version = run("PRAGMA user_version").scalar_one()
        run(f"PRAGMA user_version = {version}")


def _write_to_postgresql(known: Failure | None) -> Failure | None:
    found: Failure | None = None
    with suppress(_Undo), write_transaction() as connection:
        found = _unfit(connection)
        if found is None:
            _insert(connection)
            if known and known.cause is DISK_FULL:
                _take_room(connection)
        raise _Undo
    return found


def _unfit(connection: Connection) -> Failure | None:
    """What speaks against writing, for all tables, as far as one can ask without writing."""
    asked = text(
        "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',"
        " bool_or(to_regclass(name) IS NULL),"
        " NOT bool_and(has_table_privilege(to_regclass(name), 'INSERT'))"
        " FROM unnest(CAST(:names AS text[])) AS name"
    )
    reads_only, lacks_table, lacks_right = connection.execute(
        asked, {"names": sorted(db.metadata.tables)}
    ).one()
    if reads_only:
        return Failure(READ_ONLY, "25006")
    if lacks_table:
        return Failure(WRONG_TABLES, "42P01")
    if lacks_right:
        return Failure(NO_PERMISSION, "42501")
    return None


def _insert(connection: Connection) -> None:
    """Insert a row that nobody will see, in a small table, where dead rows are cleaned up soon."""
    connection.execute(
        text("INSERT INTO retention_horizons (name, day) VALUES (:name, '2000-01-01')"),
        {"name": token_hex(10)},
    )


def _take_room(connection: Connection) -> None:
    """Make files grow. Only needed after a full disk: a row alone may fit into pages that exist."""
    connection.execute(text("CREATE TEMPORARY TABLE write_probe (content text) ON COMMIT DROP"))
    connection.execute(
        text(
            "INSERT INTO write_probe (content)"
            " SELECT repeat('x', 1000) FROM generate_series(1, :rows)"
        ),
        {"rows": 8 * _PROBE_BYTES // 1000},
    )

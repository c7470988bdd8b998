"""The file of SQLite: which one the connections have open, how a writer begins in it, and its log.

A file that was deleted or replaced goes on being written to, unseen: so each writer looks first.
"""

import os
import sqlite3
from contextlib import closing
from typing import cast

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError

from app.database.outage import this_outage
from app.database.write_group import DatabaseBusy
from app.database_causes import FILE_GONE, READ_ONLY, Failure
from app.extensions import db

# While emptying the log waits for readers, all writers wait too.
_TRUNCATE_MILLISECONDS = 200


class OpenedFile:
    """Which file the connections have open.

    SQLite goes on writing to a file that was deleted; it notices only where it keeps a rollback
    journal. With a write-ahead log, all that is acknowledged would be gone with the process.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None

    def note(self, _connection: sqlite3.Connection, _record: object) -> None:
        if self._identity is None:
            self._identity = self._look()

    def forget(self, _engine: Engine) -> None:
        """No connection is open any more; the next one opens what is there then."""
        self._identity = None

    def is_there(self) -> bool:
        """Takes a microsecond."""
        return self._look() == self._identity

    def _look(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_dev, found.st_ino


def begin_immediate(engine: Engine, file: OpenedFile) -> Connection:
    """Begin a transaction as a writer: from here on nobody else writes.

    One that begins as a reader may be refused when it wants to write.
    """
    failure = this_outage().failure
    if failure and failure.cause is READ_ONLY and file.is_there():
        # The file may be writable again. SQLite notices once no old connection is open any more.
        engine.dispose()
    connection = engine.connect()
    try:
        if not file.is_there():
            raise DatabaseBusy(Failure(FILE_GONE))
        _driver(connection).execute("BEGIN IMMEDIATE")
        connection.begin()
    except sqlite3.Error as error:
        connection.close()
        raise OperationalError("BEGIN IMMEDIATE", None, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def begin_deferred(connection: DBAPIConnection) -> None:
    """Begin a transaction, for SQLAlchemy, which leaves that to the driver; we told it not to."""
    if not cast(sqlite3.Connection, connection).in_transaction:
        cast(sqlite3.Connection, connection).execute("BEGIN DEFERRED")


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def truncate_log() -> None:
    """Empty SQLite's write-ahead log, which still has what was deleted from the file.

    Where readers are in the way, it leaves the log as it is: a later call empties it. Nobody waits
    long for this.
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

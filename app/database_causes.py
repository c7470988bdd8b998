"""Why the database failed: one cause for each way, told apart by the codes of the drivers.

Answers, readiness, the log and the doctor all speak of a failure in these words. Anybody may read
them: they name no path, no address and nothing that a driver said. What is not known here is no
cause but a mistake of ours, and None.
"""

import re
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# So long a client should wait for what passes by itself, and for what somebody has to mend.
_SOON_SECONDS = 2
_LATER_SECONDS = 30


@dataclass(frozen=True)
class Cause:
    """`words` is a sentence without its end, and `remedy` says what to do."""

    name: str
    words: str
    remedy: str
    retry_seconds: int = _LATER_SECONDS

    def __str__(self) -> str:
        return f"{self.words}: {self.remedy}"


@dataclass(frozen=True)
class Failure:
    """`code` is SQLite's name or PostgreSQL's SQLSTATE; None where the driver gave none."""

    cause: Cause
    code: str | None = None


DISK_FULL = Cause("disk_full", "The disk of the database is full", "make room on it.")
READ_ONLY = Cause(
    "read_only",
    "The database takes no writes, only reads",
    "make its file system or its server writable, or point DATABASE_URL to the server that is.",
)
CANNOT_OPEN = Cause(
    "cannot_open",
    "The file of the database cannot be opened or made",
    "give it and its folder to the user of the service.",
)
NO_PERMISSION = Cause(
    "no_permission",
    "The service lacks the right to write to the database",
    "grant it, or give the service the file and its folder.",
)
FILE_GONE = Cause(
    "file_gone",
    "The file of the database was deleted or replaced under the running service",
    "put it back, or restore a backup and start again.",
)
IO_ERROR = Cause(
    "io_error",
    "The system failed to read or write the database's file",
    "look for a failing disk, a quota, or a limit on the size of files.",
)
DAMAGED = Cause(
    "damaged",
    "The database is damaged, or is none",
    "stop the service, keep a copy, restore a backup, and test the disk.",
)
LOCKED = Cause(
    "locked",
    "The database is busy: others have kept it locked for too long",
    "find who else writes to it.",
    _SOON_SECONDS,
)
AWAY = Cause(
    "away", "The database does not answer", "start it, or look at the way to it.", _SOON_SECONDS
)
REFUSED = Cause(
    "refused",
    "The database's server does not let the service in",
    "check user, password and database of DATABASE_URL.",
)
TOO_MANY_CONNECTIONS = Cause(
    "too_many_connections",
    "The database takes no more connections",
    "raise max_connections of the server, or use fewer workers and threads.",
    _SOON_SECONDS,
)
OUT_OF_MEMORY = Cause(
    "out_of_memory",
    "The database ran out of memory or another resource",
    "give it more, or end what takes it.",
)
WRONG_TABLES = Cause(
    "wrong_tables",
    "The tables of the database are not those of this version",
    "run its migrations, or restore a backup.",
)
UNKNOWN = Cause("unknown", "The database failed", "the log says where.", _SOON_SECONDS)

ALL = (
    *(DISK_FULL, READ_ONLY, CANNOT_OPEN, NO_PERMISSION, FILE_GONE, IO_ERROR, DAMAGED, LOCKED),
    *(AWAY, REFUSED, TOO_MANY_CONNECTIONS, OUT_OF_MEMORY, WRONG_TABLES, UNKNOWN),
)

# The longest name that fits counts: https://www.sqlite.org/rescode.html
_OF_SQLITE = {
    "SQLITE_FULL": DISK_FULL,
    "SQLITE_IOERR_SHMSIZE": DISK_FULL,  # there is no room for the file beside the database
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_READONLY_DBMOVED": FILE_GONE,
    "SQLITE_READONLY_DIRECTORY": NO_PERMISSION,
    "SQLITE_READONLY_CANTINIT": NO_PERMISSION,
    "SQLITE_PERM": NO_PERMISSION,
    "SQLITE_AUTH": NO_PERMISSION,
    "SQLITE_CANTOPEN": CANNOT_OPEN,
    "SQLITE_IOERR": IO_ERROR,
    "SQLITE_IOERR_NOMEM": OUT_OF_MEMORY,
    "SQLITE_IOERR_CORRUPTFS": DAMAGED,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_BUSY": LOCKED,
    "SQLITE_LOCKED": LOCKED,
    "SQLITE_PROTOCOL": LOCKED,
    "SQLITE_NOMEM": OUT_OF_MEMORY,
}
# The longest beginning of a code (SQLSTATE) that fits counts:
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_OF_POSTGRESQL = {
    "08": AWAY,
    "25006": READ_ONLY,
    "25P": AWAY,  # it ended the session, which did nothing for too long
    "28": REFUSED,
    "3D000": REFUSED,
    "3F000": WRONG_TABLES,
    "40": LOCKED,
    "42501": NO_PERMISSION,
    "42703": WRONG_TABLES,
    "42P01": WRONG_TABLES,
    "53": OUT_OF_MEMORY,
    "53100": DISK_FULL,
    "53300": TOO_MANY_CONNECTIONS,
    "55P03": LOCKED,
    "57014": LOCKED,
    "57P": AWAY,
    "57P04": REFUSED,
    "58": IO_ERROR,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
# SQLite has one code for all mistakes in a statement.
_NO_SUCH_TABLE = re.compile(r"no such (table|column)|has no column named")
# A connection that was never made has no SQLSTATE, so these are the server's words, in English; in
# another language it is `AWAY`.
_NO_CONNECTION_LEFT = re.compile(r"too many (clients|connections)|connection slots are reserved")
_NOT_LET_IN = re.compile(
    r"authentication failed|pg_hba\.conf|(role|database) \".*\" does not exist"
)


def failure_of(error: BaseException) -> Failure | None:
    """What failed, for an error of a driver, SQLAlchemy's around it, and what carries one."""
    if isinstance(known := getattr(error, "failure", None), Failure):
        return known
    if isinstance(error, PoolTimeout):
        return Failure(TOO_MANY_CONNECTIONS)
    if isinstance(error, DBAPIError):
        if error.orig is not None and (failure := failure_of(error.orig)):
            return failure
        return Failure(AWAY) if error.connection_invalidated else None
    if name := getattr(error, "sqlite_errorname", None):
        return _of_sqlite(name, str(error))
    if hasattr(error, "sqlstate"):
        return _of_postgresql(error)
    return None


def failure_or_unknown(error: BaseException) -> Failure:
    return failure_of(error) or Failure(UNKNOWN)


def _of_sqlite(name: str, said: str) -> Failure | None:
    if name == "SQLITE_ERROR":
        return Failure(WRONG_TABLES, name) if _NO_SUCH_TABLE.search(said) else None
    cause = _longest(_OF_SQLITE, name)
    return Failure(cause, name) if cause else None


def _of_postgresql(error: BaseException) -> Failure | None:
    code: str | None = getattr(error, "sqlstate", None)
    if code is not None:
        cause = _longest(_OF_POSTGRESQL, code)
        return Failure(cause, code) if cause else None
    if type(error).__name__ not in ("OperationalError", "ConnectionTimeout"):
        return None
    if _NO_CONNECTION_LEFT.search(said := str(error)):
        return Failure(TOO_MANY_CONNECTIONS)
    return Failure(REFUSED if _NOT_LET_IN.search(said) else AWAY)


def _longest(causes: dict[str, Cause], code: str) -> Cause | None:
    fitting = [start for start in causes if code.startswith(start)]
    return causes[max(fitting, key=len)] if fitting else None

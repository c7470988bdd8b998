"""Looks at the file of SQLite without changing anything.

Any connection, even one that only reads, makes the files `-wal` and `-shm` beside a database in WAL
mode; if root makes them, the service cannot open them. So a database at rest, which has neither, is
opened as immutable: then SQLite reads the one file only, and takes no lock.
"""

import fcntl
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.engine import make_url

from app.config import Settings
from app.services.instance.doctor.findings import Finding, fine, problem, warning

# RETURNING, which the service needs.
_OLDEST_VERSION = (3, 35, 0)
_MAGIC = b"SQLite format 3\0"
# https://www.sqlite.org/fileformat2.html: the write version in the header, 2 for WAL; and the byte
# of the `-shm` file that a writer locks.
_WRITE_VERSION_AT, _WAL_VERSION = 18, 2
_WRITE_LOCK_AT = 120
_LOCK_LOOK_SECONDS = 0.005
_SHOWN_DAMAGES = 3
_REMOTE_FILE_SYSTEMS = re.compile(r"nfs|cifs|smb|9p|fuse\.sshfs|ceph|glusterfs|afs")
_MOUNTS = Path("/proc/self/mounts")


def database_file(settings: Settings) -> Path | None:
    """The path of the SQLite database, all links followed; None on PostgreSQL."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(os.path.realpath(url.database))


def missing_file(path: Path) -> str | None:
    """Say why there is nothing to open."""
    if not path.exists():
        return (
            f"There is no database at {path}: run `pionne-feedback db upgrade`, or restore a"
            " backup; check DATABASE_URL and INSTANCE_DIR if there should be one."
        )
    if not path.is_file():
        return f"{path} is no file: check DATABASE_URL."
    if path.stat().st_size == 0:
        return f"{path} is empty: run `pionne-feedback db upgrade`, or restore a backup."
    header = _header(path)
    if len(header) <= _WRITE_VERSION_AT or not header.startswith(_MAGIC):
        return f"{path} is no SQLite database: check DATABASE_URL, or restore a backup."
    return None


def is_at_rest(path: Path) -> bool:
    """Whether no process has the database open, and none was killed while it had."""
    is_in_wal_mode = _header(path)[_WRITE_VERSION_AT] == _WAL_VERSION
    return is_in_wal_mode and not any(Path(f"{path}{end}").exists() for end in ("-wal", "-shm"))


@contextmanager
def reading(path: Path, *, at_rest: bool, busy_seconds: int) -> Iterator[Connection]:
    """A connection that can only read; raises DBAPIError.

    What is read `at_rest` counts only if nobody has begun to write meanwhile.
    """
    options = "mode=ro&immutable=1" if at_rest else "mode=ro"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(
            f"file:{quote(str(path))}?{options}", uri=True, timeout=busy_seconds
        ),
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        yield connection


def check_version() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _OLDEST_VERSION:
        wanted = ".".join(map(str, _OLDEST_VERSION))
        return problem("database", f"SQLite {version} is too old: install {wanted} or newer.")
    return fine("database", f"SQLite {version} reads it.")


def check_journal(path: Path) -> Iterator[Finding]:
    """Whether acknowledged writes survive a power cut, and readers do not stop writers."""
    file_system = _file_system(path)
    if _REMOTE_FILE_SYSTEMS.match(file_system):
        yield problem(
            "journal",
            f"{path} is on {file_system}, where SQLite's locks do not hold: move it to a disk of"
            " this machine.",
        )
    elif _header(path)[_WRITE_VERSION_AT] != _WAL_VERSION:
        yield warning(
            "journal",
            f"{path} is not in WAL mode: start the service, which changes that; if this stays,"
            " the file system cannot do it.",
        )
    else:
        yield fine("journal", "WAL; the service waits for the disk at each commit.")


def check_write_lock(path: Path, *, busy_seconds: int) -> Iterator[Finding]:
    """Whether a writer gets its turn within the time that a writer of the service waits."""
    shared = Path(f"{path}-shm")
    if not shared.exists():
        yield fine("lock", "Nobody has the database open.")
        return
    try:
        file = shared.open("r+b")
    except PermissionError:  # the check of the files tells that we may not write
        return
    with file:
        deadline = time.monotonic() + busy_seconds
        while not _can_lock(file.fileno()):
            if time.monotonic() >= deadline:
                yield problem(
                    "lock",
                    f"Another process has held the write lock for {busy_seconds} seconds or more,"
                    f" and every write answers 503: find it with `fuser -v {path}` and end it.",
                )
                return
            time.sleep(_LOCK_LOOK_SECONDS)
    yield fine("lock", "Writers get their turn.")


def check_integrity(connection: Connection, *, thoroughly: bool) -> Iterator[Finding]:
    """Whether pages and rows can be read; thoroughly, also indexes and references."""
    pragma = "integrity_check" if thoroughly else "quick_check"
    rows = connection.exec_driver_sql(f"PRAGMA {pragma}({_SHOWN_DAMAGES})").scalars()
    damages = [line for line in map(_one_line, rows) if line != "ok"]
    if thoroughly:
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(_SHOWN_DAMAGES)
        damages += [f"row {row[1]} of {row[0]} points to no row of {row[2]}" for row in orphans]
    if damages:
        yield damaged("; ".join(damages[:_SHOWN_DAMAGES]))
    else:
        yield fine("integrity", f"PRAGMA {pragma} finds nothing.")


def damaged(how: str) -> Finding:
    return problem(
        "integrity",
        f"The database is damaged ({how}): stop the service, keep a copy of the file, restore a"
        " backup, and test the disk.",
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_WRITE_VERSION_AT + 1)


def _can_lock(descriptor: int) -> bool:
    """Takes the lock for an instant, as a writer would, and writes nothing."""
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _WRITE_LOCK_AT)
    except BlockingIOError:
        return False
    fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, _WRITE_LOCK_AT)
    return True


def _file_system(path: Path) -> str:
    """The type of the file system, such as `ext4`; empty where the system does not tell."""
    if not _MOUNTS.exists():
        return ""
    mounts = [line.split() for line in _MOUNTS.read_text(encoding="utf-8").splitlines()]
    around = [(mount[1], mount[2]) for mount in mounts if path.is_relative_to(mount[1])]
    return max(around, key=lambda mount: len(mount[0]), default=("", ""))[1]

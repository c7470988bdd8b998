"""SQLite databases as files: whether one is whole and ours, and how to put one in its place.

Never open the database of a running instance as a plain file, not even to read it: closing the file
drops the locks of every SQLite connection of this process to it. The files opened here are finished
copies, to which nobody writes.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from app.extensions import db
from app.services.errors import Refused


class Unusable(Exception):
    """A file is no whole database of this service; write the message behind the file's name."""


def database_file() -> Path | None:
    """The path of this instance's SQLite database, all links followed; None on PostgreSQL."""
    url = db.engine.url
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(os.path.realpath(url.database))


def revisions_of(path: Path) -> set[str]:
    """The newest migrations in a finished copy. Raises Unusable unless it is whole and ours."""
    try:
        # Immutable: nothing is written beside it, and it may lie in a folder that is only readable.
        with closing(connect(path, "mode=ro&immutable=1")) as connection:
            _require_whole(connection)
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error as error:
        raise Unusable(f"is no database of this service: {error}") from error
    if not rows:
        raise Unusable("was never migrated")
    return {revision for (revision,) in rows}


def connect(path: Path, options: str) -> sqlite3.Connection:
    """A connection on which the driver begins no transactions by itself."""
    return sqlite3.connect(f"file:{quote(str(path))}?{options}", uri=True, isolation_level=None)


@contextmanager
def synced_folder(folder: Path) -> Iterator[None]:
    """After the block, what it renamed or linked in the folder survives a power cut."""
    yield
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def unfinished(part: Path) -> Iterator[None]:
    """An empty file to write to; deleted after the block unless it was moved away.

    It has one name, so that what a killed command left is used again instead of piling up. Raises
    Refused while another process writes to it.
    """
    descriptor = os.open(part, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(os.fstat(descriptor), os.stat(part))
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:
            raise Refused(f"Another command is writing to {part.parent}: let it end first.")
        os.ftruncate(descriptor, 0)
        try:
            yield
        finally:
            part.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place(finished: Path, target: Path, *, overwrite: bool) -> None:
    """Move a finished file to its name in the same folder, in one step.

    Raises FileExistsError where there is one already and `overwrite` was not asked for.
    """
    with synced_folder(target.parent):
        if overwrite:
            os.replace(finished, target)
            return
        try:
            os.link(finished, target)  # unlike a rename, it never replaces
        except FileExistsError:
            raise
        except OSError:  # a file system without links, such as a memory stick's
            if target.exists():
                raise FileExistsError(str(target)) from None
            os.rename(finished, target)
        else:
            os.unlink(finished)


def _require_whole(connection: sqlite3.Connection) -> None:
    (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if finding != "ok":
        raise Unusable(f"is damaged: {' '.join(finding.split())}")
    if orphan := connection.execute("PRAGMA foreign_key_check").fetchone():
        raise Unusable(f"is damaged: a row of {orphan[0]} points to none of {orphan[2]}")

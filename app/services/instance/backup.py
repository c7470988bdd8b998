"""Copies the SQLite database of an instance, whoever writes to it meanwhile.

`VACUUM INTO` reads in one transaction, which makes no writer wait. It writes rows, not pages, so
that what was deleted is not in the copy. (SQLite's backup by pages would begin again after each
write of another process.) A copy counts as a backup only after it was read back.
"""

import json
import os
import shlex
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from app.domain.times import wire_time
from app.extensions import db, settings
from app.services.errors import Refused
from app.services.instance.ownership import give_to_owner_of_folder
from app.services.instance.sqlite_files import (
    Unusable,
    connect,
    database_file,
    place,
    revisions_of,
    sync_file,
    synced_folder,
    unfinished,
)

# `pionne-feedback doctor` reads it.
RECORD_FILE_NAME = "last-backup.json"
# Of the URL's query, what PostgreSQL's tools do not know.
_OURS = ("prepare_threshold",)
_DATED_NAME = "pionne-%Y%m%dT%H%M%SZ.db"
_DATED_PATTERN = "pionne-" + "[0-9]" * 8 + "T" + "[0-9]" * 6 + "Z.db"


@dataclass(frozen=True)
class Backup:
    path: str
    bytes: int
    revisions: list[str]
    at: datetime


def make(given: str | Path, *, now: datetime, overwrite: bool = False) -> Backup:
    """Write a backup to a file, or to a dated file in a folder (`names_folder`); raises Refused.

    Folders that are missing are made, for their owner only. The file appears complete or not at
    all, readable by its owner only.
    """
    source = database_file()
    if source is None:
        raise Refused(
            "This instance is on PostgreSQL, whose own tool makes its backups:"
            f" pg_dump --format=custom --file={shlex.quote(str(given))} {shell_url()}"
        )
    if not source.is_file():
        raise Refused(f"There is no database at {source} to back up: check INSTANCE_DIR.")
    if not str(given):
        raise Refused("The path is empty: say where the backup should be.")
    path, is_folder = Path(given), names_folder(given)
    target = path / now.astimezone(UTC).strftime(_DATED_NAME) if is_folder else path
    _require_place(target, source, overwrite=overwrite)
    part = target.with_name(".pionne.db.part" if is_folder else f".{target.name}.part")
    try:
        with unfinished(part):
            with closing(connect(source, "mode=rw")) as connection:
                connection.execute("VACUUM INTO ?", (str(part),))
            revisions = revisions_of(part)
            sync_file(part)
            size = part.stat().st_size
            place(part, target, overwrite=overwrite)
    except FileExistsError as error:
        raise Refused(_exists(target)) from error
    except Unusable as error:
        raise Refused(f"There is no backup: the copy of {source} {error}.") from error
    except (sqlite3.Error, OSError) as error:
        raise Refused(f"There is no backup: {error}.") from error
    return Backup(path=os.path.abspath(target), bytes=size, revisions=sorted(revisions), at=now)


def names_folder(path: str | Path) -> bool:
    """Whether the path is a folder; one that does not exist is, unless its name ends like `.db`."""
    if os.path.lexists(path):
        return os.path.isdir(path)
    return str(path).endswith(os.sep) or not os.path.splitext(path)[1]


def record(backup: Backup, instance_dir: Path) -> None:
    """Note when the last good backup was made, and where; raises OSError."""
    text = json.dumps({"at": wire_time(backup.at), "path": backup.path})
    part = instance_dir / f".{RECORD_FILE_NAME}.part"
    descriptor = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(descriptor)
    give_to_owner_of_folder(part)
    with synced_folder(instance_dir):
        os.replace(part, instance_dir / RECORD_FILE_NAME)


def forget_older(folder: Path, *, keep: int) -> list[Path]:
    """Delete all dated backups of a folder but the newest; nothing with another name."""
    old = sorted(folder.glob(_DATED_PATTERN), reverse=True)[keep:]
    for path in old:
        path.unlink()
    return old


def shell_url() -> str:
    """The database's address as PostgreSQL's tools take it; the password is not in it."""
    direct = settings().database_direct_url
    url = make_url(direct) if direct else db.engine.url.difference_update_query(_OURS)
    shown = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    return shlex.quote(shown.render_as_string())


def _require_place(target: Path, source: Path, *, overwrite: bool) -> None:
    if os.path.realpath(target) in {f"{source}{suffix}" for suffix in ("", "-wal", "-shm")}:
        raise Refused(f"{target} is the database itself: choose another place.")
    _require_folder(target.parent)
    if not target.exists():
        return
    if not target.is_file():
        raise Refused(f"{target} is no ordinary file, and would not be one any more.")
    if not overwrite:
        raise Refused(_exists(target))


def _require_folder(folder: Path) -> None:
    """Make what is missing, and refuse before anything is copied where nothing can be written."""
    try:
        for missing in reversed(
            [place for place in (folder, *folder.parents) if not place.exists()]
        ):
            missing.mkdir(mode=0o700)
    except OSError as error:
        raise Refused(f"The folder {folder} cannot be made: {error.strerror}.") from error
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(f"Nothing can be written in {folder}: it is read-only, or somebody else's.")


def _exists(target: Path) -> str:
    return f"{target} exists already: choose another name, or say --overwrite."

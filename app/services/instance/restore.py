"""Puts a backup in the place of an instance's SQLite database.

A database is more than its file: SQLite replays a `-wal` file that lies beside it, even one of
another database. So the old database is set aside with its log, before the backup takes its name.
At every moment there is either the old database or the new one.
"""

import os
import shlex
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.extensions import db
from app.services.errors import Refused
from app.services.instance.backup import shell_url
from app.services.instance.ownership import give_to_owner_of_folder
from app.services.instance.readiness import known_revisions, newest_revisions
from app.services.instance.serving_lock import BeingServed, nobody_serves_from
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

_LOGS = ("-wal", "-journal")


@dataclass(frozen=True)
class Restored:
    """`replaced` is where the old database is now; None when there was none."""

    path: str
    replaced: str | None
    revisions: list[str]
    is_behind: bool


def restore(path: Path, *, instance_dir: Path, now: datetime, replace: bool = False) -> Restored:
    """Raises Refused; then nothing has changed."""
    target = database_file()
    if target is None:
        raise Refused(
            "This instance is on PostgreSQL, whose own tool restores into an empty database:"
            f" pg_restore --exit-on-error --no-owner -d {shell_url()} {shlex.quote(str(path))}"
        )
    _require_backup(path, target)
    try:
        for folder in (instance_dir, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with nobody_serves_from(instance_dir):
            return _restore(path, target, now=now, replace=replace)
    except BeingServed:
        raise Refused(f"{instance_dir} is being served from: stop the service first.") from None
    except OSError as error:
        raise Refused(f"Nothing is restored: {error}.") from error


def _restore(path: Path, target: Path, *, now: datetime, replace: bool) -> Restored:
    is_there = any(Path(f"{target}{suffix}").exists() for suffix in ("", *_LOGS))
    if is_there and not replace:
        raise Refused(
            f"There is a database at {target} already: --replace keeps it beside, under a dated"
            " name, and puts the backup in its place."
        )
    part = target.with_name(f".{target.name}.part")
    with unfinished(part):
        shutil.copyfile(path, part)
        try:
            revisions = revisions_of(part)
        except Unusable as error:
            raise Refused(f"{path} {error}.") from error
        if not revisions <= known_revisions():
            raise Refused(
                f"{path} was migrated by a newer version of this code"
                f" ({', '.join(sorted(revisions))}): install that version to restore it."
            )
        give_to_owner_of_folder(part)
        sync_file(part)
        aside = _set_aside(target, now=now) if is_there else None
        place(part, target, overwrite=is_there)
    return Restored(
        path=str(target),
        replaced=None if aside is None else str(aside),
        revisions=sorted(revisions),
        is_behind=revisions != newest_revisions(),
    )


def _require_backup(path: Path, target: Path) -> None:
    if not path.is_file():
        raise Refused(f"There is no file {path} to restore.")
    if os.path.realpath(path) == str(target):
        raise Refused(f"{path} is the database itself: name a backup.")
    for suffix in _LOGS:
        log = Path(f"{path}{suffix}")
        if log.exists() and log.stat().st_size:
            raise Refused(
                f"{path} is no backup: {log.name} beside it has writes that the file has not."
                " Open it once with `sqlite3`, which takes them in."
            )


def _set_aside(target: Path, *, now: datetime) -> Path:
    """Give the database a dated name as well, so that its own name can be replaced."""
    aside = Path(f"{target}.replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    kept_logs = {Path(f"{target}{suffix}"): Path(f"{aside}{suffix}") for suffix in _LOGS}
    with synced_folder(target.parent):
        # The log comes first: SQLite deletes one that it cannot use.
        for log, kept in kept_logs.items():
            _keep_as(log, kept)
        try:
            is_one_file = _take_log_in(target)
        except Refused:
            _delete(kept_logs.values())
            raise
        if is_one_file:
            _delete(kept_logs.values())
        _keep_as(target, aside)
    _delete(Path(f"{target}{suffix}") for suffix in (*_LOGS, "-shm"))
    return aside


def _take_log_in(target: Path) -> bool:
    """Make the database one file; raises Refused while another process has it open.

    False for one that is too damaged for that; it is being replaced for a reason.
    """
    db.engine.dispose()  # close the unused connections of this process
    try:
        with closing(connect(target, "mode=rw")) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Refused(f"Another process uses {target}: end it first.") from error
        return False
    return True


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _keep_as(old: Path, kept: Path) -> None:
    if not old.exists():
        return
    try:
        os.link(old, kept)
    except FileExistsError:
        raise
    except OSError:  # this file system has no links
        shutil.copy2(old, kept)
        sync_file(kept)

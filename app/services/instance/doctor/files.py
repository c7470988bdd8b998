"""The key, who may read the instance's files, and the room they have."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from app.config import ConfigurationError, Settings
from app.services.instance.doctor.findings import Finding, fine, problem, warning
from app.services.instance.doctor.sqlite_file import database_file

# Of keys of 32 random hex digits, one in a million has so few different digits.
_KEY_MIN_DISTINCT_CHARS = 8
_FOR_OTHERS = stat.S_IROTH | stat.S_IWOTH
_FOR_GROUP = stat.S_IRGRP | stat.S_IWGRP
_MIB = 1024 * 1024
# Below the first, writes will soon fail; below the second, there is still time to act.
_SPACE_PROBLEM_BYTES = 100 * _MIB
_SPACE_WARNING_BYTES = 1024 * _MIB


def check_key(settings: Settings) -> Iterator[Finding]:
    """Whether the key is good enough that nobody finds the addresses behind their hashes."""
    try:
        settings.require_app_key()
    except ConfigurationError as error:
        yield problem("key", str(error))
        return
    distinct = len(set(settings.app_key))
    if distinct < _KEY_MIN_DISTINCT_CHARS:
        yield problem(
            "key",
            f"APP_KEY is made of {distinct} different characters and can be guessed: make one with"
            " `python3 -c 'import secrets; print(secrets.token_hex(32))'`.",
        )
    mode = _mode(settings.app_key_file)
    if mode is not None and mode & (_FOR_OTHERS | _FOR_GROUP):
        yield problem(
            "key",
            f"{settings.app_key_file} has mode {mode:04o} and is not for its owner only:"
            f" `chmod 600 {settings.app_key_file}`, and make a new key if others had a look.",
        )
    elif distinct >= _KEY_MIN_DISTINCT_CHARS:
        yield fine("key", f"{len(settings.app_key)} characters, for nobody else to read.")


def check_modes(settings: Settings) -> Iterator[Finding]:
    """Whether the files are the service's, and nobody else's to read."""
    database = database_file(settings)
    if not settings.instance_dir.is_dir():
        if database is None:
            yield fine("files", "There are none: the database is PostgreSQL and the key is set.")
        else:
            yield problem(
                "files",
                f"The folder {settings.instance_dir} does not exist: check INSTANCE_DIR, or run"
                " `pionne-feedback` (in a clone: `make run`), which creates it.",
            )
        return
    found = list(_strangers(settings, database)) + list(_unwritable(settings, database))
    yield from found
    if not found:
        yield fine("files", f"{settings.instance_dir} is the service's, and for nobody else.")


def _files(settings: Settings, database: Path | None) -> list[Path]:
    """The files that the service writes, as far as they exist."""
    paths = [settings.instance_dir / "serving.lock"]
    if database is not None:
        paths += [database, *(Path(f"{database}{suffix}") for suffix in ("-wal", "-shm"))]
    return [path for path in paths if path.exists()]


def _strangers(settings: Settings, database: Path | None) -> Iterator[Finding]:
    """Who else may read the files; a folder that keeps others out protects the files in it."""
    read = [Path(settings.settings_file).absolute()] if settings.settings_file else []
    for path in [*read, *_files(settings, database)]:
        mode, of_folder = _mode(path) or 0, _mode(path.parent) or 0
        if mode & _FOR_OTHERS and of_folder & stat.S_IXOTH:
            yield problem(
                "files",
                f"{path} has mode {mode:04o}, so that everybody on this machine reads it:"
                f" `chmod o= {path}`, or `chmod 700 {path.parent}`.",
            )


def _unwritable(settings: Settings, database: Path | None) -> Iterator[Finding]:
    """Files that the service may not write to, such as those that a command of root has left."""
    for path in _files(settings, database):
        if database is not None and database.exists() and not _have_one_owner(path, database):
            yield problem(
                "files",
                f"{path} belongs to another user than {database}, so that the service cannot write"
                f" both: `chown --reference={database} {path}`.",
            )
    for path in [settings.instance_dir] if database is None else [database.parent, database]:
        if path.exists() and not os.access(path, os.W_OK):
            yield problem(
                "files",
                f"{path} cannot be written by this user: run this as the user of the service, or"
                " give that one the file.",
            )


def check_space(settings: Settings) -> Iterator[Finding]:
    """Room for writes, and for as much again: a backup or a migration copies."""
    database = database_file(settings)
    place = settings.instance_dir if database is None else database.parent
    if not place.is_dir():
        return
    free = shutil.disk_usage(place).free
    size = database.stat().st_size if database is not None and database.is_file() else 0
    text = f"{free // _MIB} MiB are free at {place}"
    if free < _SPACE_PROBLEM_BYTES:
        yield problem("disk", f"Only {text}: make room, before writes fail.")
    elif free < max(_SPACE_WARNING_BYTES, size):
        yield warning(
            "disk", f"{text}; the database has {size // _MIB} MiB: make room for twice as much."
        )
    else:
        yield fine("disk", f"{text}.")


def _have_one_owner(one: Path, other: Path) -> bool:
    return one.stat().st_uid == other.stat().st_uid


def _mode(path: Path) -> int | None:
    """None when there is no such file."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None

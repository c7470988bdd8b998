"""How old the last backup is.

`pionne-feedback backup` notes each success in `last-backup.json` in INSTANCE_DIR, as
`{"at": "2026-05-07T17:25:00Z", "path": "…"}`. Whoever backs PostgreSQL up may write the same.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from app.config import Settings
from app.domain.times import wire_time
from app.models import Account
from app.services.instance.doctor import postgresql
from app.services.instance.doctor.findings import Finding, fine, problem, warning
from app.services.instance.doctor.sqlite_file import (
    database_file,
    is_at_rest,
    missing_file,
    reading,
)
from app.services.instance.readiness import UNREACHABLE

RECORD_FILE = "last-backup.json"
# A daily backup may be late once.
_WARNING_AGE = timedelta(days=2)
_PROBLEM_AGE = timedelta(days=7)


def check_age(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    record = settings.instance_dir / RECORD_FILE
    if not record.exists():
        if _needs_none_yet(settings, now):
            yield fine("backup", _later(settings))
            return
        yield warning("backup", _unknown(settings, record))
        return
    try:
        noted = json.loads(record.read_text(encoding="utf-8"))
        made_at, path = datetime.fromisoformat(noted["at"]).astimezone(UTC), Path(noted["path"])
    except (ValueError, TypeError, LookupError):
        yield warning("backup", f"{record} cannot be read: make a backup, which writes it anew.")
        return
    age = now - made_at
    told = f"The last backup is of {wire_time(made_at)}, {age.days} days old"
    if age > _PROBLEM_AGE:
        yield problem("backup", f"{told}: make one, and find out why the timer did not.")
    elif age > _WARNING_AGE:
        yield warning("backup", f"{told}: make one, and let a timer do so every day.")
    elif path.is_absolute() and not _may_exist(path):
        yield warning(
            "backup", f"{told}, and {path} is not there: if nobody moved it away, make another."
        )
    else:
        yield fine("backup", f"{told}: {path}.")


def _needs_none_yet(settings: Settings, now: datetime) -> bool:
    """Whether there is nothing to lose yet: no account, or none that a daily backup had to hold."""
    path = database_file(settings)
    try:
        if path is None:
            database = postgresql.reading(settings.database_url)
        elif missing_file(path):
            return False
        else:
            database = reading(
                path, at_rest=is_at_rest(path), busy_seconds=settings.sqlite_busy_seconds
            )
        with database as connection:
            first = connection.execute(select(func.min(Account.created_at))).scalar()
    except UNREACHABLE:  # another check tells this
        return False
    return first is None or now - first <= _WARNING_AGE


def _later(settings: Settings) -> str:
    if database_file(settings) is not None:
        return "None is needed yet; soon, `pionne-feedback backup FOLDER`, from a timer every day."
    return "None is needed yet; soon, pg_dump, from a timer every day."


def _may_exist(path: Path) -> bool:
    """Whether the file exists; also True if another user makes the backups, and we may not look."""
    try:
        return path.is_file()
    except PermissionError:
        return True


def _unknown(settings: Settings, record: Path) -> str:
    if database_file(settings) is not None:
        return "No backup is known: run `pionne-feedback backup PATH`, from a timer every day."
    return (
        "It cannot be known when PostgreSQL was last backed up: have your pg_dump job write"
        f' {{"at": "{wire_time(datetime(2026, 5, 7, 17, 25, tzinfo=UTC))}", "path": "…"}} to'
        f" {record}, and this checks its age."
    )

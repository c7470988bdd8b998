"""The database, of either kind: can it be read, is it durable, whole, and at this code's schema."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from app.config import Settings
from app.database_causes import DAMAGED, failure_of
from app.extensions import Clock
from app.services.instance.doctor import postgresql, shares, sqlite_file, times
from app.services.instance.doctor.findings import Finding, fine, problem, reason
from app.services.instance.readiness import UNREACHABLE, schema_problem, unreachable_problem


def check(settings: Settings, *, clock: Clock, thoroughly: bool) -> Iterator[Finding]:
    path = sqlite_file.database_file(settings)
    if path is None:
        yield from _told(_check_postgresql(settings, clock), settings)
    elif missing := sqlite_file.missing_file(path):
        yield problem("database", missing)
    else:
        at_rest = sqlite_file.is_at_rest(path)
        checked = _check_sqlite(path, settings, clock, at_rest=at_rest, thoroughly=thoroughly)
        findings = list(_told(checked, settings))
        if at_rest and not sqlite_file.is_at_rest(path):  # the service has just started
            checked = _check_sqlite(path, settings, clock, at_rest=False, thoroughly=thoroughly)
            findings = list(_told(checked, settings))
        yield from findings


def _told(findings: Iterator[Finding], settings: Settings) -> Iterator[Finding]:
    """The findings; if the database stops answering, the last one says why."""
    try:
        yield from findings
    except UNREACHABLE as error:
        failure = failure_of(error)
        if failure and failure.cause is DAMAGED:
            yield sqlite_file.damaged(reason(error))
        else:
            yield problem("database", unreachable_problem(settings, error))


def _check_postgresql(settings: Settings, clock: Clock) -> Iterator[Finding]:
    with postgresql.reading(settings.database_url) as connection:
        yield postgresql.check_version(connection)
        yield postgresql.check_encoding(connection)
        yield from postgresql.check_durability(connection)
        yield from postgresql.check_writes(connection)
        yield from postgresql.check_waiting(connection, settings.database_url)
        yield from postgresql.check_direct(
            connection, settings.database_url, settings.database_direct_url
        )
        yield from postgresql.check_integrity(connection)
        yield from _check_contents(connection, settings, clock)


def _check_sqlite(
    path: Path, settings: Settings, clock: Clock, *, at_rest: bool, thoroughly: bool
) -> Iterator[Finding]:
    busy_seconds = settings.sqlite_busy_seconds
    # Before there is a connection: closing the file drops the locks of this process on it.
    lock = list(sqlite_file.check_write_lock(path, busy_seconds=busy_seconds))
    journal = list(sqlite_file.check_journal(path))
    with sqlite_file.reading(path, at_rest=at_rest, busy_seconds=busy_seconds) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema")
        yield sqlite_file.check_version()
        yield from journal
        yield from lock
        yield from sqlite_file.check_integrity(connection, thoroughly=thoroughly)
        yield from _check_contents(connection, settings, clock)


def _check_contents(connection: Connection, settings: Settings, clock: Clock) -> Iterator[Finding]:
    if behind := schema_problem(connection):
        yield problem("migrations", behind)
        return
    yield fine("migrations", "The tables are those of this code.")
    yield from times.check(connection, clock=clock)
    yield from shares.check(connection, settings, today=clock().date())

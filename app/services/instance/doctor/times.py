"""Whether this machine's clock is right: limits, duplicates, tokens and reports all go by it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from app.domain.times import wire_time
from app.extensions import Clock
from app.models import AuditEntry, Event, Feedback, Session
from app.services.instance import future_rows
from app.services.instance.doctor.findings import Finding, fine, problem, warning
from app.services.instance.readiness import migration_files

_NEWEST = (
    (Feedback.created_at, Feedback.id),
    (Event.created_at, Event.id),
    (Session.started_at, Session.id),
    (AuditEntry.created_at, AuditEntry.id),
)
# Rows are written by several hosts, whose clocks differ a little.
_TOLERANCE = timedelta(minutes=1)
# Two hosts that differ by this much count limits and duplicates differently.
_SERVER_TOLERANCE = timedelta(seconds=5)
_MEND = "set it, and keep it right with `timedatectl set-ntp true`"


def check(connection: Connection, *, clock: Clock) -> Iterator[Finding]:
    now = clock()
    found = list(_check_past(now)) + list(_check_rows(connection, now))
    found += list(_check_server(connection, clock))
    found += [
        problem(
            "clock",
            f"There are {rows}: they came while a clock was ahead. When this machine's clock is"
            " right, put them right with `pionne-feedback sessions verify --repair`.",
        )
        for rows in future_rows.find(connection, now=now)
    ]
    yield from found
    if not found:
        yield fine("clock", f"It is {wire_time(now)}, which fits what is stored.")


def _check_past(now: datetime) -> Iterator[Finding]:
    """The clock must not be before the day on which this code was written."""
    written = max(datetime.strptime(path.name[:8], "%Y%m%d") for path in migration_files())
    if now < written.replace(tzinfo=UTC) - timedelta(days=1):
        yield problem(
            "clock",
            f"It is {wire_time(now)} by this machine's clock, before this version was written:"
            f" {_MEND}.",
        )


def _check_rows(connection: Connection, now: datetime) -> Iterator[Finding]:
    """The clock must not be before the newest rows: they were stored before now."""
    newest = [
        moment
        for column, key in _NEWEST
        if (moment := connection.execute(select(column).order_by(key.desc()).limit(1)).scalar())
    ]
    if newest and max(newest) > now + _TOLERANCE:
        yield problem(
            "clock",
            f"It is {wire_time(now)} by this machine's clock, and a row is of"
            f" {wire_time(max(newest))}: the clock is late, or was ahead; {_MEND}.",
        )


def _check_server(connection: Connection, clock: Clock) -> Iterator[Finding]:
    """PostgreSQL may run on another machine, with another clock."""
    if connection.dialect.name != "postgresql":
        return
    before = clock()
    theirs = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    difference = max(theirs - clock(), before - theirs)
    if difference > _SERVER_TOLERANCE:
        yield warning(
            "clock",
            f"This machine's clock and the database server's differ by"
            f" {difference.total_seconds():.0f} seconds: keep both right with"
            " `timedatectl set-ntp true`.",
        )

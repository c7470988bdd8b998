"""Makers of people, sessions and events, and SQL to look at tables and to spoil them."""

import uuid
from collections import Counter

import pytest

from app.database import write_transaction
from app.domain.native_crash import NativeCrash
from app.domain.release_health import Window
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.services import accounts, sessions
from app.services.instance import retention
from app.services.issues import events
from app.services.releases import health as release_health
from app.services.releases.names import Names
from app.services.sessions import ledger as session_ledger
from tests.databases import as_sqlite_reads

PASSWORD = "correct horse battery"


@pytest.fixture
def alice(context, clock):
    """Somebody with a real password."""
    return accounts.create("alice@example.com", password=PASSWORD, now=clock())


@pytest.fixture
def record(context, project, clock):
    """Reports a session at the clock's time; each is another one, unless it has a number."""
    count = 1000

    def report(status="ok", *, number=None, project_id=project.id, user=None, **fields):
        nonlocal count
        count += 1
        wanted = {"release": "1.0", "environment": "production", **fields}
        session = SessionReport(
            session_id=uuid.UUID(int=count if number is None else number).bytes,
            status=SessionStatus(status),
            user_key=None if user is None else user_key(user),
            **wanted,
        )
        sessions.record(project_id, session, now=clock())

    return report


@pytest.fixture
def raise_(context, project, clock):
    """Reports a session as the Sentry dialect does, at the clock's time."""

    def report(status="ok", *, number=1, project_id=project.id, user=None, started=None, **fields):
        wanted = {
            "release": "1.0",
            "environment": "production",
            "has_ended": status != "ok",
            **fields,
        }
        session = SessionReport(
            session_id=uuid.UUID(int=number).bytes,
            status=SessionStatus(status),
            user_key=None if user is None else user_key(user),
            rises=True,
            **wanted,
        )
        sessions.record(project_id, session, now=clock(), started_at=started)

    return report


@pytest.fixture
def record_sum(context, project, clock):
    """Stores at the clock's time how many sessions ended how, as a server sends it."""

    def store(
        *,
        user=None,
        project_id=project.id,
        release="1.0",
        environment="production",
        unhandled=0,
        **counts,
    ):
        sums = sessions.SessionSums(
            {SessionStatus(status): count for status, count in counts.items()},
            unhandled,
            user and user_key(user),
        )
        sessions.record_sums(project_id, Names(release, environment), [sums], now=clock())

    return store


@pytest.fixture
def ingest(context, project, clock):
    """Stores an event of the bug at the clock's time."""

    def store(bug="a", *, project_id=project.id, **fields):
        event = {
            "exception_type": "TypeError",
            "fingerprint": bug.encode().ljust(32),
            "environment": "production",
            "content": {"stack": []},
            **fields,
        }
        return events.ingest(project_id, events.NewEvent(**event), now=clock())

    return store


@pytest.fixture
def report_crash(ingest):
    """Stores the event of a native crash at the clock's time, as the launch after it does."""

    def report(bug="a", *, version="1.0", running="2.0", user="ann", at=None, **fields):
        of_crash = {name: fields.pop(name) for name in ("environment",) if name in fields}
        crash = NativeCrash(
            version=version,
            reported_by=running,
            user_key=None if user is None else user_key(user),
            crashed_at=at,
            **of_crash,
        )
        return ingest(bug, crash=crash, release=crash.release, **fields)

    return report


@pytest.fixture
def sql(context):
    """Runs a statement with `?` for its parameters, and commits; returns the rows, if it has any.

    Days and moments are read as text, which is how SQLite keeps them.
    """

    def run(statement, *parameters):
        with write_transaction() as connection:
            if connection.dialect.name == "postgresql":
                statement = statement.replace("%", "%%").replace("?", "%s")
            result = connection.exec_driver_sql(statement, parameters)
            if not result.returns_rows:
                return None
            return [tuple(map(as_sqlite_reads, row)) for row in result]

    return run


@pytest.fixture
def health(context, project, clock):
    """The report by release, as the clock sees it."""

    def rows(*, project_id=project.id, release=None, **narrowed):
        window = Window(today=clock().date(), **narrowed)
        if release is None:
            report = release_health.list_page(project_id, window, limit=100).rows
        else:
            report = release_health.of_releases(project_id, window, [release])
        return {row.release: row for row in report}

    return rows


@pytest.fixture
def differences(context):
    """What `pionne-feedback sessions verify` would print."""
    return lambda: list(session_ledger.verify())


@pytest.fixture
def purge(context, settings, clock):
    """Runs the purge to its end; returns how many rows of each kind went."""

    def run():
        gone = Counter()
        for each in retention.plan(settings, now=clock()):
            gone[each.what] += sum(each.run())
        return +gone

    return run

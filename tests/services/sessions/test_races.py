"""What another transaction changes between the look at a session and the statement that stores.

On SQLite both are of one transaction, and there is one writer at a time.
"""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest

from app.database import single_statements, write_transaction
from app.domain import tokens
from app.domain.session_moves import SessionReport, moves_of
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.services import sessions
from app.services.releases import names as release_names
from app.services.releases.names import Allowance, Names
from app.services.sessions import reports as session_reports
from app.services.sessions import store_postgresql as session_store_postgresql
from app.services.sessions.look import look
from app.services.sessions.sent_report import LostRace, SentReport

pytestmark = pytest.mark.postgresql_only("SQLite has one writer at a time")

TABLES = ("sessions", "releases", "release_users", "release_days")
OF_OPENING = [
    "UPDATE release_users SET newest_day = newest_day + 1",
    "UPDATE release_users SET newest_crashed_day = newest_day",
    "UPDATE release_users SET user_key = '\\x01'",
    "DELETE FROM release_users WHERE release_id = 1",
    "UPDATE releases SET name = '[REDACTED] 1'",
    "UPDATE releases SET environment = '[REDACTED] 1' WHERE environment <> ''",
    "UPDATE project_tokens SET digest = '\\x01'",
]
OF_CHANGING = [
    *OF_OPENING[:4],
    OF_OPENING[-1],
    "UPDATE sessions SET status = 'errored'",
    "UPDATE sessions SET duration_ms = 5",
    "UPDATE sessions SET user_key = '\\x01'",
    "DELETE FROM sessions",
]


@pytest.fixture
def sent(project, clock):
    """A report of Ann's session as it came."""

    def make(status="ok", *, number=1, **fields):
        report = SessionReport(
            session_id=uuid.UUID(int=number).bytes,
            status=SessionStatus(status),
            release="1.0",
            environment="production",
            user_key=user_key("ann"),
        )
        digest = tokens.digest(project.token)
        report = replace(report, **fields)
        return SentReport(project_id=project.id, report=report, token_digest=digest, at=clock())

    return make


@pytest.fixture
def looked(context):
    """What was seen for a report; returns how to store what it moves."""

    def look_first(sent):
        with write_transaction() as connection:
            names = Names(sent.report.release, sent.report.environment)
            release_names.admit(
                connection,
                sent.project_id,
                names,
                day=sent.at.date(),
                allowance=Allowance(releases=200, environments=50),
            )
        with single_statements() as connection:
            seen = look(connection, sent)
        moves = moves_of(sent.report, seen, now=sent.at)

        def store():
            with single_statements() as connection:
                if seen.session is None:
                    session_store_postgresql.open_session(connection, sent, seen, moves)
                else:
                    session_store_postgresql.change_session(
                        connection, sent, seen.session, seen.progress, moves
                    )

        return store

    return look_first


@pytest.fixture
def contents(database):
    return lambda: [database.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]


@pytest.mark.parametrize("elsewhere", OF_OPENING)
def test_session_is_not_opened_on_what_has_changed(
    record, clock, sent, looked, database, contents, elsewhere
):
    record(user="ann")
    clock.advance(days=1)
    store = looked(sent("crashed"))
    database.execute(elsewhere)
    before = contents()
    with pytest.raises(LostRace):
        store()
    assert contents() == before


@pytest.mark.parametrize("elsewhere", OF_CHANGING)
def test_session_is_not_changed_when_it_is_not_as_it_was(
    record, sent, looked, database, contents, elsewhere
):
    record(user="ann", number=1)
    store = looked(sent("crashed"))
    database.execute(elsewhere)
    before = contents()
    with pytest.raises(LostRace):
        store()
    assert contents() == before


RISEN = {"rises": True, "errors": 2, "has_unhandled": True, "has_ended": True}


@pytest.mark.parametrize(
    "elsewhere",
    [
        *OF_CHANGING,
        "UPDATE sessions SET errors = 1",
        "UPDATE sessions SET unhandled = true",
        "UPDATE sessions SET abnormal_mechanism = 'anr_foreground'",
        "UPDATE sessions SET ended_at = started_at",
    ],
)
def test_session_is_not_raised_when_it_is_not_as_it_was(
    record, sent, looked, database, contents, elsewhere
):
    record(user="ann", number=1)
    store = looked(sent("crashed", **RISEN))
    database.execute(elsewhere)
    before = contents()
    with pytest.raises(LostRace):
        store()
    assert contents() == before


@pytest.mark.parametrize(
    "elsewhere", ["UPDATE sessions SET user_key = '\\x01'", *OF_CHANGING[:4], OF_CHANGING[-1]]
)
def test_late_user_is_not_met_where_anything_has_changed(
    record, sent, looked, database, contents, elsewhere
):
    record(user="ann")
    record(number=1)
    store = looked(sent("ok", **RISEN))
    database.execute(elsewhere)
    before = contents()
    with pytest.raises(LostRace):
        store()
    assert contents() == before


def test_same_session_is_opened_once(sent, looked, contents):
    first, second = looked(sent()), looked(sent("crashed"))
    first()
    before = contents()
    with pytest.raises(LostRace):
        second()
    assert contents() == before


def test_same_new_user_is_met_once(sent, looked, contents, differences):
    first, second = looked(sent(number=1)), looked(sent(number=2))
    first()
    before = contents()
    with pytest.raises(LostRace):
        second()
    assert contents() == before
    assert differences() == []


def test_session_of_a_user_without_news_is_stored_though_they_were_seen_elsewhere(
    record, sent, looked, differences
):
    record(user="ann")
    store = looked(sent(number=2))
    record(user="ann")
    store()
    assert differences() == []


def test_reports_of_the_same_people_from_all_sides_add_up(
    app, project, clock, sent, health, differences
):
    """Each session is counted once, with the worst that was said of it."""
    statuses = ["ok", "exited", "crashed", "errored"]
    reports = [
        sent(
            status,
            number=number,
            user_key=user_key(f"person {number % 3}"),
            environment=f"environment {number % 2}",
        ).report
        for number in range(8)
        for status in statuses
    ]
    together = threading.Barrier(8)

    def send(start):
        with app.app_context():
            together.wait()
            for step in range(len(reports)):
                report = reports[(start * 5 + step * 7) % len(reports)]
                sessions.record(project.id, report, now=clock())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    assert health()["1.0"].sessions_crashed == health()["1.0"].sessions_total == 8
    assert health()["1.0"].users_total == 3
    assert differences() == []


def test_native_crashes_and_reports_from_all_sides_add_up(
    app, project, clock, sent, record, report_crash, health, differences, sql
):
    """Ten people's sessions; of each, all that can be told comes from eight threads at once."""
    for number in range(1, 11):
        record(number=number, user=f"person {number}", app_version="1.0")
    clock.advance(hours=1)
    together = threading.Barrier(8)

    def send(start):
        with app.app_context():
            together.wait()
            for step in range(10):
                number = (start * 3 + step) % 10 + 1
                user = f"person {number}"
                if start % 2:
                    report = sent("exited", number=number, user_key=user_key(user)).report
                    sessions.record(project.id, report, now=clock())
                else:
                    report_crash(f"bug {number % 3}", user=user, at=clock())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    assert health()["1.0"].sessions_crashed == health()["1.0"].users_crashed == 10
    assert sql("SELECT sum(events_count) FROM issues") == [(40,)]
    assert sql("SELECT count(*) FROM events") == [(40,)]
    assert differences() == []


@pytest.fixture
def another(settings):
    """Connections of somebody else, each in a transaction."""
    url = settings.database_url.replace("+psycopg", "")
    with psycopg.connect(url) as one, psycopg.connect(url) as two:
        yield one, two


@pytest.fixture
def crash_that_waits(app, project, clock, sent, settings):
    """Reports in a thread that the session crashed; returns when that waits for a lock."""

    def crash():
        with app.app_context():
            sessions.record(project.id, sent("crashed").report, now=clock())

    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    url = settings.database_url.replace("+psycopg", "")
    with ThreadPoolExecutor(1) as pool, psycopg.connect(url, autocommit=True) as watcher:

        def start():
            crashed = pool.submit(crash)
            while not watcher.execute(waiting).fetchone()[0]:
                assert not crashed.done(), "it did not wait"
            return crashed

        yield start


def test_deadlock_is_run_again(record, another, crash_that_waits, differences):
    """Whoever else locks the session's user first, and then wants the session."""
    record(user="ann", number=1)
    other, _ = another
    other.execute("SET deadlock_timeout = '1min'")  # so that it is ours that finds it
    other.execute("SELECT 1 FROM release_users FOR UPDATE")
    crashed = crash_that_waits()
    other.execute("SELECT 1 FROM sessions FOR UPDATE")
    other.commit()
    crashed.result()
    assert differences() == []


def test_session_is_locked_before_its_user(record, another, crash_that_waits):
    """As whoever takes a person out of sessions does, so that the two do not cross."""
    record(user="ann", number=1)
    other, third = another
    other.execute("SELECT 1 FROM sessions FOR UPDATE")
    crashed = crash_that_waits()
    free = third.execute("SELECT 1 FROM release_users FOR UPDATE SKIP LOCKED").fetchall()
    assert len(free) == 2
    third.commit()
    other.commit()
    crashed.result()


def test_late_reports_of_one_user_wait_for_one_another(
    app, project, clock, record, raise_, database, monkeypatch, differences
):
    """Neither changes a row of `release_users`, so nothing else tells the second of the first."""
    for number in (1, 2):
        raise_(number=number)
    clock.advance(days=1)
    record(user="ann")
    real, others = session_reports.active_on, []

    def second():
        with app.app_context():
            raise_(number=2, user="ann")

    def ask_and_be_overtaken(*asked):
        found = real(*asked)
        if not others:
            others.append(pool.submit(second))
            while not (others[0].done() or _waits_for_a_lock(database)):
                pass
        return found

    monkeypatch.setattr(session_reports, "active_on", ask_and_be_overtaken)
    with ThreadPoolExecutor(1) as pool:
        raise_(number=1, user="ann")
        others[0].result()
    assert differences() == []


def _waits_for_a_lock(database):
    return bool(database.rows("SELECT pid FROM pg_locks WHERE NOT granted LIMIT 1"))

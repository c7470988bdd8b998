"""Sessions that come as sums count as if each had been reported, and leave no session behind."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.domain import tokens
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.services import sessions
from app.services.errors import UnknownProjectToken
from app.services.releases.names import Names
from app.services.sessions import SessionSums

COUNTS = "ok, exited, errored, abnormal, crashed, unhandled, users_active, users_newest"


@pytest.fixture
def days(sql):
    """What is kept of each scope and day; the same of both scopes once."""
    return lambda: sql(f"SELECT DISTINCT day, {COUNTS} FROM release_days ORDER BY day")


def test_sums_add_up_and_equal_ones_are_not_the_same(record_sum, days, sql, clock, differences):
    for _ in range(2):
        record_sum(exited=3, errored=2, unhandled=1, crashed=1)
    assert [tuple(row)[1:] for row in days()] == [(0, 6, 4, 0, 2, 2, 0, 0)]
    assert sql("SELECT count(*) FROM sessions") == [(0,)]
    assert sql("SELECT count(*) FROM session_sums") == [(1,)]
    assert differences() == []


def test_release_is_seen_when_they_come(record_sum, clock, health, differences):
    first = clock()
    record_sum(exited=1)
    clock.advance(hours=1)
    record_sum(exited=1)
    row = health()["1.0"]
    assert (row.first_seen_at, row.last_seen_at) == (first, clock())
    assert differences() == []


def test_user_of_sums_and_of_sessions_is_one(record_sum, record, health, differences):
    record_sum(user="ann", exited=3)
    record(user="ann")
    record(user="bob")
    record_sum(user="bob", crashed=1, environment="staging")
    row = health()["1.0"]
    assert (row.sessions_total, row.users_total, row.users_crashed) == (6, 2, 1)
    assert differences() == []


def test_user_without_any_session_is_none(record_sum, health, sql):
    record_sum(user="ann", exited=0)
    assert health() == {}
    assert sql("SELECT count(*) FROM releases") == [(0,)]


def test_user_who_was_met_by_a_clock_that_was_ahead_is_active_once(
    record_sum, record, clock, days, differences
):
    clock.advance(days=1)
    record(user="ann")
    clock.advance(days=-1)
    record_sum(user="ann", exited=1)
    record_sum(user="ann", exited=1)
    assert [tuple(row)[-2:] for row in days()] == [(1, 0), (1, 1)]
    assert differences() == []


def test_sums_of_many_users_at_once(context, project, clock, health, differences):
    sums = [
        SessionSums({SessionStatus.EXITED: 2}, user_key=user_key(f"person {n % 700}"))
        for n in range(1000)
    ]
    for _ in range(2):
        sessions.record_sums(project.id, Names("1.0", "production"), sums, now=clock())
    row = health()["1.0"]
    assert (row.sessions_total, row.users_total) == (4000, 700)
    assert differences() == []


def test_token_that_holds_no_more_stores_nothing(context, project, clock, sql):
    with pytest.raises(UnknownProjectToken):
        sessions.record_sums(
            project.id,
            Names("1.0", "production"),
            [SessionSums({SessionStatus.EXITED: 1})],
            now=clock(),
            token_digest=tokens.digest("nobody's"),
        )
    assert sql("SELECT count(*) FROM session_sums") == [(0,)]
    assert sql("SELECT count(*) FROM releases") == [(0,)]


def test_names_past_the_days_allowance_are_counted_as_others(app, context, project, clock, health):
    app.config["PIONNE"] = replace(app.config["PIONNE"], new_releases_per_day=1)
    for release in ("1.0", "2.0", "3.0"):
        sessions.record_sums(
            project.id,
            Names(release, "production"),
            [SessionSums({SessionStatus.EXITED: 2})],
            now=clock(),
        )
    assert {name: row.sessions_total for name, row in health().items()} == {"1.0": 2, "other": 4}


class TestVerify:
    @pytest.mark.parametrize(
        "wrong",
        [
            "UPDATE session_sums SET exited = exited + 1",
            "UPDATE session_sums SET unhandled = 1",
            "DELETE FROM session_sums",
            "UPDATE release_days SET exited = exited - 1 WHERE environment = ''",
            "UPDATE release_days SET unhandled = 1",
            "UPDATE release_users SET newest_crashed_day = newest_day",
        ],
    )
    def test_finds_what_does_not_add_up(self, record_sum, sql, differences, wrong):
        record_sum(user="ann", exited=1)
        record_sum(crashed=1)
        assert differences() == []
        sql(wrong)
        assert differences() != []

    def test_sums_go_when_sessions_would(
        self, record_sum, clock, settings, purge, sql, differences
    ):
        record_sum(user="ann", exited=1)
        clock.advance(days=settings.session_retention_days + 1)
        record_sum(exited=1)
        purge()
        assert sql("SELECT count(*) FROM session_sums") == [(1,)]
        assert sql("SELECT count(*) FROM release_users") == [(0,)]
        assert differences() == []


@pytest.mark.postgresql_only("SQLite has one writer at a time")
def test_sums_and_sessions_of_the_same_people_from_all_sides_add_up(
    app, record_sum, raise_, project, clock, health, differences
):
    """Late users, new users, crashes and sums, of two environments and two days."""
    for number in range(8):
        raise_(number=number)
    clock.advance(days=1)
    together = threading.Barrier(8)

    def send(start):
        with app.app_context():
            together.wait()
            for step in range(16):
                n = (start * 5 + step * 7) % 8
                person = f"person {n % 3}"
                environment = f"environment {n % 2}"
                status = "crashed" if step % 3 else "ok"
                raise_(status, number=n, user=person)
                raise_(status, number=100 + n, user=person, environment=environment)
                record_sum(user=person, exited=1, environment=environment)
                record_sum(exited=1, crashed=1, environment=environment)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    row = health()["1.0"]
    assert row.sessions_total == 16 + 8 * 16 * 3
    assert row.users_total == 3
    assert differences() == []

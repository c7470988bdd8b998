"""`session_ledger.verify` sees every figure that is off, and nothing else."""

import tracemalloc

import pytest

from app.domain.session_moves import FIGURES
from app.domain.session_status import SessionStatus
from app.services.sessions import ledger

DAY = "2026-05-07"
FIRST_DAY = "2026-05-04"


@pytest.fixture
def history(record, clock):
    """Two releases in two environments over four days, with every status and a late crash."""
    start = clock()
    clock.advance(days=-3)
    record("ok", number=1, user="ann")
    record("exited", user="bob", environment="staging")
    clock.time = start
    record("crashed", user="ann", environment="staging")
    record("crashed", number=1)  # three days late
    for number, status in enumerate(SessionStatus):
        record(status, user=f"user {number}")
        record(status, release="2.0")


@pytest.fixture
def release_id(history, sql):
    """Release 1.0 in all environments together."""
    query = "SELECT id FROM releases WHERE name = '1.0' AND environment = ''"
    return sql(query)[0][0]


@pytest.mark.usefixtures("history")
def test_nothing_is_reported_of_honest_figures(differences):
    assert differences() == []


def test_nothing_is_reported_of_nothing(differences):
    assert differences() == []


@pytest.mark.parametrize("figure", FIGURES)
def test_figure_that_is_off_by_one_is_named_with_both_values(sql, differences, release_id, figure):
    at = (release_id, DAY)
    where = "WHERE release_id = ? AND day = ?"
    ((right,),) = sql(f"SELECT {figure} FROM release_days {where}", *at)
    sql(f"UPDATE release_days SET {figure} = {figure} + 1 {where}", *at)
    assert differences() == [
        f"release {release_id}, day {DAY}, {figure}: kept {right + 1}, recomputed {right}"
    ]


@pytest.mark.parametrize("moment", ["first_seen_at", "last_seen_at"])
def test_moment_that_is_off_is_named(sql, database, differences, release_id, moment):
    later = database.moment("2026-05-07 23:00:00")
    where = "WHERE release_id = ? AND day = ?"
    sql(f"UPDATE release_days SET {moment} = ? {where}", later, release_id, DAY)
    (line,) = differences()
    assert line.startswith(f"release {release_id}, day {DAY}, {moment}: kept 2026-05-07 23:00")


SPOILED = {
    "a day is missing": (
        "DELETE FROM release_days WHERE release_id = {id} AND day = '2026-05-07'",
        "day 2026-05-07, crashed: kept None, recomputed 2",
    ),
    "a day too many": (
        "INSERT INTO release_days (release_id, day, ok, exited, errored, abnormal, crashed,"
        " users_active, users_newest, users_newest_crashed, first_seen_at, last_seen_at)"
        " SELECT release_id, '2026-05-06', ok, exited, errored, abnormal,"
        " crashed, users_active, users_newest, users_newest_crashed, first_seen_at, last_seen_at"
        " FROM release_days WHERE release_id = {id} AND day = '2026-05-07'",
        "day 2026-05-06, crashed: kept 2, recomputed None",
    ),
    "a user is missing": (
        "DELETE FROM release_users WHERE release_id = {id}",
        "newest_day: kept None, recomputed 2026-05-07",
    ),
    "a user too many": (
        "INSERT INTO release_users (release_id, user_key, newest_day)"
        " VALUES ({id}, {stranger}, '2026-05-07')",
        "user 00112233445566778899aabbccddeeff, newest_day: kept 2026-05-07, recomputed None",
    ),
    "a user's newest day is wrong": (
        "UPDATE release_users SET newest_day = '2026-05-05' WHERE release_id = {id}",
        "newest_day: kept 2026-05-05, recomputed 2026-05-07",
    ),
    "a user's crash is forgotten": (
        "UPDATE release_users SET newest_crashed_day = NULL WHERE release_id = {id}",
        "newest_crashed_day: kept None, recomputed 2026-05-07",
    ),
    "a user's crash is invented": (
        "UPDATE release_users SET newest_crashed_day = newest_day WHERE release_id = {id}",
        "newest_crashed_day: kept 2026-05-07, recomputed None",
    ),
    "a session is missing": (
        "DELETE FROM sessions WHERE id = 1",
        "day 2026-05-04, crashed: kept 1, recomputed 0",
    ),
    "a session's status was changed": (
        "UPDATE sessions SET status = 'ok' WHERE id = 1",
        "day 2026-05-04, ok: kept 0, recomputed 1",
    ),
    "a session was moved to another day": (
        "UPDATE sessions SET day = '2026-05-05' WHERE id = 1",
        "day 2026-05-05, crashed: kept None, recomputed 1",
    ),
    "a session was moved to another user": (
        "UPDATE sessions SET user_key = {stranger} WHERE id = 1",
        "user 00112233445566778899aabbccddeeff, newest_day: kept None, recomputed 2026-05-04",
    ),
    "a session lost its user": (
        "UPDATE sessions SET user_key = NULL WHERE id = 1",
        "day 2026-05-04, users_active: kept 2, recomputed 1",
    ),
    "a session's time was changed": (
        "UPDATE sessions SET started_at = '{morning}' WHERE id = 1",
        "day 2026-05-04, first_seen_at: kept 2026-05-04 17:25:00+00:00,"
        " recomputed 2026-05-04 09:00:00+00:00",
    ),
}


@pytest.mark.parametrize(("statement", "line"), SPOILED.values(), ids=SPOILED)
def test_difference_is_reported_when(sql, database, differences, release_id, statement, line):
    stranger = database.bytes_literal("00112233445566778899aabbccddeeff")
    morning = database.moment("2026-05-04 09:00:00")
    sql(statement.format(id=release_id, stranger=stranger, morning=morning))
    assert any(each.endswith(line) for each in differences()), differences()


def test_session_moved_to_another_environment_is_reported_in_both(sql, differences, release_id):
    ids = dict(sql("SELECT environment, id FROM releases WHERE name = '1.0'"))
    sql("UPDATE sessions SET release_id = ? WHERE id = 1", ids["staging"])
    reported = {line.partition(",")[0] for line in differences()}
    assert reported == {f"release {ids['staging']}", f"release {ids['production']}"}


def test_one_releases_error_is_not_reported_of_another(sql, differences, release_id):
    sql("UPDATE release_days SET ok = ok + 1 WHERE release_id = ?", release_id)
    assert {line.partition(",")[0] for line in differences()} == {f"release {release_id}"}


@pytest.mark.usefixtures("history")
class TestHorizon:
    """Sessions of before it may be gone, so nothing can be said of them."""

    @pytest.fixture
    def horizon(self, sql):
        return lambda day: sql(
            "INSERT INTO retention_horizons (name, day) VALUES ('sessions', ?)", day
        )

    def test_figures_of_before_are_not_compared(self, sql, differences, horizon):
        horizon(DAY)
        sql("DELETE FROM sessions WHERE day < ?", DAY)
        assert differences() == []

    def test_figures_of_the_horizon_itself_are_compared(self, sql, differences, horizon):
        horizon(FIRST_DAY)
        sql("DELETE FROM sessions WHERE day = ?", FIRST_DAY)
        assert differences() != []

    def test_users_last_seen_before_are_not_compared(self, sql, differences, horizon):
        horizon(DAY)
        sql("DELETE FROM release_users WHERE newest_day < ?", DAY)
        assert differences() == []

    def test_users_crashed_before_but_seen_after_are_compared(self, record, differences, horizon):
        record("ok", user="bob", environment="staging")
        horizon(DAY)
        assert differences() == []


def test_statuses_add_up_to_all_sessions_of_each_release_and_day(history, sql):
    added = sql(
        "SELECT name, day, ok + exited + errored + abnormal + crashed FROM release_days"
        " JOIN releases ON releases.id = release_id WHERE releases.environment = ''"
        " ORDER BY name, day"
    )
    counted = sql(
        "SELECT name, day, count(*) FROM sessions JOIN releases ON releases.id = release_id"
        " GROUP BY name, day ORDER BY name, day"
    )
    assert added == counted == [("1.0", FIRST_DAY, 2), ("1.0", DAY, 6), ("2.0", DAY, 5)]


MANY_SESSIONS = """
INSERT INTO sessions (project_id, session_id, release_id, day, status, user_key, started_at)
WITH RECURSIVE n(id) AS (SELECT {first} UNION ALL SELECT id + 1 FROM n WHERE id < {last})
SELECT 1, {session_id}, 1 + n.id % 7, '2026-05-07', 'ok', {user_key}, '2026-05-07 12:00:00'
FROM n
"""
BYTES = {
    "sqlite": "CAST(substr('{}' || '0000000000000000' || n.id, -16) AS BLOB)",
    "postgresql": "substr(sha256(('{}' || n.id)::bytea), 1, 16)",
}


@pytest.fixture
def peak(context, database):
    """How many bytes Python holds at most while the figures are compared; all differ, or none."""

    def measure():
        tracemalloc.start()
        differing = sum(1 for _ in ledger.verify())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return differing, most

    return measure


def test_memory_does_not_grow_with_the_sessions(project, record, database, peak):
    for number in range(7):
        record(release=f"1.{number}", user="ann")
    peak()  # compiles the statements

    def fill(first, last):
        bytes_ = BYTES[database.name]
        database.execute(
            MANY_SESSIONS.format(
                first=first, last=last, session_id=bytes_.format("s"), user_key=bytes_.format("u")
            )
        )

    fill(1, 3_000)
    few, small = peak()
    fill(3_001, 30_000)
    many, large = peak()
    assert many > 8 * few > 8 * 3_000  # each user is missing among what is kept
    assert large < 1.5 * small

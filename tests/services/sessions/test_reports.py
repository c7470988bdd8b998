"""What becomes of a session when reports of it come in any order."""

import pytest
from sqlalchemy import event

from app.database import read_transaction
from app.domain.rates import Tally
from app.extensions import db
from app.models import Session

WORST_LAST = ("ok", "exited", "errored", "abnormal", "crashed")
HOUR_MS = 3_600_000


@pytest.fixture
def stored(context):
    """The one session that there is."""

    def read():
        with read_transaction() as connection:
            return connection.execute(db.select(*Session.__table__.columns)).one()

    return read


@pytest.mark.parametrize("second", WORST_LAST)
@pytest.mark.parametrize("first", WORST_LAST)
def test_worst_report_counts_whichever_came_first(record, stored, differences, first, second):
    record(first, number=1, user="ann")
    record(second, number=1, user="ann")
    assert stored().status == max(first, second, key=WORST_LAST.index)
    assert differences() == []


@pytest.mark.parametrize("status", WORST_LAST[1:])
def test_session_ends_when_its_status_is_not_ok(record, stored, clock, status):
    started_at = clock()
    record("ok", number=1)
    clock.advance(minutes=5)
    record(status, number=1)
    assert (stored().started_at, stored().ended_at) == (started_at, clock())


def test_open_session_has_no_end(record, stored):
    record("ok", number=1)
    record("ok", number=1)
    assert stored().ended_at is None


@pytest.mark.parametrize("second", ["ok", "exited", "errored"])
def test_lower_or_equal_status_does_not_move_the_end(record, stored, clock, second):
    ended_at = clock()
    record("errored", number=1)
    clock.advance(minutes=5)
    record(second, number=1)
    assert stored().ended_at == ended_at


def test_higher_status_moves_the_end(record, stored, clock):
    record("exited", number=1)
    clock.advance(minutes=5)
    record("crashed", number=1)
    assert stored().ended_at == clock()


@pytest.mark.parametrize(
    ("reports", "kept"),
    [
        ([("ok", None), ("exited", 7)], 7),
        ([("exited", 7), ("ok", None)], 7),
        ([("exited", None), ("ok", 7)], 7),
        ([("exited", None), ("exited", 7)], 7),
        ([("exited", 7), ("exited", 8)], 7),
        ([("crashed", 7), ("ok", 8)], 7),
        ([("crashed", 0), ("ok", 8)], 0),
        ([("exited", 7), ("crashed", 8)], 8),
        ([("exited", 7), ("crashed", None)], 7),
        ([("exited", 7), ("crashed", 0)], 0),
        ([("ok", 5 * HOUR_MS), ("ok", 7)], 5 * HOUR_MS),
    ],
)
def test_duration_is_the_worst_reports_or_the_first_known(record, stored, reports, kept):
    for status, duration_ms in reports:
        record(status, number=1, duration_ms=duration_ms)
    assert stored().duration_ms == kept


FIRST = {"release": "1.0", "environment": "staging", "app_version": "1", "os_name": "iOS"}
LATER = {"release": "2.0", "environment": "production", "app_version": "2", "os_name": "Android"}


@pytest.mark.parametrize("later", ["ok", "crashed"])
def test_first_report_fixes_all_other_fields(record, stored, health, later):
    record("ok", number=1, user="ann", app_id="com.acme.app", **FIRST)
    before = stored()
    record(later, number=1, user="bob", app_id="com.other", **LATER)
    fixed = ("release_id", "user_key", "app_version", "os_name", "app_id", "day", "started_at")
    assert [getattr(stored(), name) for name in fixed] == [getattr(before, name) for name in fixed]
    assert list(health()) == ["1.0"]


def test_flip_before_the_open_counts_once(record, health):
    record("crashed", number=1, user="ann")
    record("ok", number=1, user="ann")
    row = health()["1.0"]
    assert (row.sessions, row.users) == (Tally(1, 1), Tally(1, 1))


def test_same_id_in_two_projects_is_two_sessions(record, make_project, sql):
    other = make_project("Another")
    record("ok", number=1)
    record("crashed", number=1, project_id=other.id)
    assert sql("SELECT status FROM sessions ORDER BY id") == [("ok",), ("crashed",)]


def test_crash_after_midnight_is_counted_on_the_day_the_session_began(record, clock, sql):
    record("ok", number=1, user="ann")
    clock.advance(days=3)
    record("crashed", number=1, user="ann")
    assert sql("SELECT DISTINCT day, crashed, users_newest_crashed FROM release_days") == [
        ("2026-05-07", 1, 1)
    ]


def test_day_is_utcs(record, clock, sql):
    clock.time = clock.time.replace(hour=23, minute=59, second=59, microsecond=999_999)
    record()
    clock.advance(microseconds=1)
    record()
    assert sql("SELECT day FROM sessions ORDER BY id") == [("2026-05-07",), ("2026-05-08",)]


class TestClockThatGoesBack:
    """Two hosts disagree about midnight, or one was set right."""

    def test_users_newest_day_does_not_move_back(self, record, clock, differences, health):
        record(user="ann")
        clock.advance(days=-1)
        record("crashed", user="ann")
        assert differences() == []
        assert health()["1.0"].users_total == 1

    def test_user_counts_in_a_scope_that_is_new_to_them(self, record, clock, differences, health):
        record(user="ann", environment="staging")
        clock.advance(days=-1)
        record(user="ann", environment="production")
        assert differences() == []
        assert health(environment="production")["1.0"].users_total == 1

    def test_first_and_last_seen_are_the_earliest_and_the_latest(self, record, clock, health):
        latest = clock()
        record()
        clock.advance(minutes=-5)
        record()
        assert (health()["1.0"].first_seen_at, health()["1.0"].last_seen_at) == (clock(), latest)


class TestLostRace:
    """Another host stores the same row between our look and our insert.

    Rare on PostgreSQL, and SQLite's lock forbids it, so here a trigger refuses the insert.
    """

    @pytest.fixture
    def lose_races(self, database_name, request):
        """The next inserts into the table store nothing, so many times."""
        return request.getfixturevalue(f"lose_races_on_{database_name}")

    @pytest.fixture
    def lose_races_on_postgresql(self, database):
        def lose(table, times):
            database.execute("CREATE SEQUENCE races")  # counts on when a transaction is undone
            database.execute(
                "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF nextval('races') <= {times} THEN RAISE unique_violation; END IF;"
                " RETURN NEW; END $$"
            )
            database.execute(
                f"CREATE TRIGGER lose BEFORE INSERT ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION lose()"
            )

        return lose

    @pytest.fixture
    def lose_races_on_sqlite(self, context, sql):
        left = {"count": 0}

        def lose(table, times):
            left["count"] = times
            db.engine.dispose()  # connections of before do not know the function
            sql(
                f"CREATE TRIGGER lose BEFORE INSERT ON {table} WHEN loses_race()"
                " BEGIN SELECT RAISE(IGNORE); END"
            )

        def loses_race():
            left["count"] -= 1
            return left["count"] >= 0

        def prepare(connection, _record):
            connection.create_function("loses_race", 0, loses_race)

        event.listen(db.engine, "connect", prepare)
        return lose

    @pytest.mark.parametrize("table", ["sessions", "release_users"])
    def test_lost_race_is_run_again(self, record, lose_races, health, differences, table):
        lose_races(table, times=3)
        record("crashed", number=1, user="ann")
        assert health()["1.0"].sessions_total == 1
        assert differences() == []

    @pytest.mark.parametrize("table", ["sessions", "release_users"])
    def test_race_that_is_never_won_stores_nothing(self, record, lose_races, sql, table):
        lose_races(table, times=1000)
        with pytest.raises(RuntimeError, match="neither opened nor found in 10 attempts"):
            record("crashed", number=1, user="ann")
        assert sql("SELECT count(*) FROM sessions") == [(0,)]
        assert sql("SELECT count(*) FROM release_days") == [(0,)]

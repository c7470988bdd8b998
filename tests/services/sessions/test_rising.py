"""Reports of the Sentry dialect: what is stored of a session is the worst that any of them told.

The plain model is the domain's own, with a dictionary for a database (tests/domain).
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from tests.domain.test_rising_sessions import Store

MECHANISMS = [None, "anr_background", "anr_foreground"]
COLUMNS = "status, duration_ms, errors, unhandled, abnormal_mechanism"


@pytest.fixture
def stored(sql):
    return lambda columns=COLUMNS: sql(f"SELECT {columns} FROM sessions ORDER BY session_id")


def test_all_that_is_told_is_stored(raise_, stored):
    raise_(
        "abnormal",
        duration_ms=50,
        errors=3,
        has_unhandled=True,
        abnormal_mechanism="anr_foreground",
    )
    assert [tuple(row) for row in stored()] == [("abnormal", 50, 3, 1, "anr_foreground")]


def test_report_of_pionne_tells_nothing_of_it(record, stored):
    record("errored", duration_ms=50)
    assert [tuple(row) for row in stored(f"{COLUMNS}, reported_at")] == [
        ("errored", 50, 0, 0, None, None)
    ]


def test_session_with_errors_goes_on_until_it_ends(raise_, sql, clock):
    raise_("errored", errors=1, has_ended=False)
    assert sql("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == [(1,)]
    clock.advance(minutes=5)
    raise_("exited", errors=1, duration_ms=300_000)
    assert sql("SELECT status, duration_ms FROM sessions WHERE ended_at > started_at") == [
        ("errored", 300_000)
    ]


def test_end_that_is_known_stays(raise_, stored, clock):
    raise_("exited")
    before = stored("ended_at")
    clock.advance(minutes=5)
    raise_("crashed")
    assert stored("ended_at") == before


def test_largest_duration_counts_and_the_first_one_where_pionnes_report(raise_, record, stored):
    for duration_ms in (50, 70, 60):
        raise_("exited", number=1, duration_ms=duration_ms)
        record("exited", number=2, duration_ms=duration_ms)
    assert stored("duration_ms") == [(70,), (50,)]


def test_user_who_is_told_late_is_met_then_and_by_pionnes_reports_never(
    raise_, record, health, differences
):
    for user in (None, "ann"):
        raise_(number=1, user=user)
        record(number=2, user=user)
    assert (health()["1.0"].sessions_total, health()["1.0"].users_total) == (2, 1)
    assert differences() == []


def test_first_user_stays(raise_, health, differences):
    raise_(user="ann")
    raise_("crashed", user="bob")
    assert (health()["1.0"].users_total, health()["1.0"].users_crashed) == (1, 1)
    assert differences() == []


def test_user_who_is_told_late_by_a_report_of_another_release_is_one_of_the_first(
    raise_, health, differences
):
    raise_()
    raise_("crashed", user="ann", release="2.0", environment="staging")
    assert {name: row.users_crashed for name, row in health().items()} == {"1.0": 1}
    assert differences() == []


@pytest.mark.parametrize("was_there", [False, True])
def test_user_who_is_told_days_late_counts_on_the_day_of_the_session(
    raise_, record, clock, sql, differences, was_there
):
    """Once, however many of their sessions there were."""
    raise_(number=1)
    raise_(number=2)
    if was_there:
        record(user="ann")
    clock.advance(days=1)
    record(user="ann")
    for number in (1, 2):
        raise_("crashed", number=number, user="ann")
    days = sql("SELECT users_active, users_newest_crashed FROM release_days ORDER BY day")
    assert days == [(1, 1), (1, 1), (1, 0), (1, 0)]
    assert differences() == []


def test_unhandled_errors_are_counted_once_a_session_and_are_no_crashes(
    raise_, sql, health, differences
):
    for number in (1, 1, 2):
        raise_("errored", number=number, has_unhandled=True)
    raise_("errored", number=3)
    raise_("exited", number=3, has_unhandled=True)
    assert sql("SELECT DISTINCT unhandled FROM release_days") == [(3,)]
    assert health()["1.0"].sessions_crashed == 0
    assert differences() == []


class TestBeginning:
    def test_first_report_tells_it(self, raise_, clock, stored, sql):
        began = clock() - timedelta(days=3)
        raise_(started=began)
        raise_(started=clock())
        [(started_at, reported_at)] = stored("started_at, reported_at")
        assert [_moment(started_at), _moment(reported_at)] == [began, clock()]

    def test_session_counts_on_the_day_of_its_arrival(
        self, raise_, clock, stored, health, differences
    ):
        raise_(started=clock() - timedelta(days=3))
        assert stored("day") == [(str(clock().date()),)] or stored("day") == [(clock().date(),)]
        row = health()["1.0"]
        assert (row.first_seen_at, row.last_seen_at) == (clock(), clock())
        assert differences() == []

    def test_is_the_arrival_where_it_is_not_told(self, raise_, clock, stored):
        raise_()
        [(started_at, reported_at)] = stored("started_at, reported_at")
        assert (_moment(started_at), reported_at) == (clock(), None)


def _moment(value):
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


rising = st.fixed_dictionaries(
    {
        "status": st.sampled_from(SessionStatus),
        "user": st.sampled_from([None, "ann"]),
        "duration_ms": st.none() | st.integers(0, 9),
        "errors": st.integers(0, 3),
        "has_unhandled": st.booleans(),
        "has_ended": st.booleans(),
        "abnormal_mechanism": st.sampled_from(MECHANISMS),
    }
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent=st.lists(rising, min_size=1, max_size=5), data=st.data())
def test_order_and_repetition_do_not_matter_and_the_worst_counts(
    make_project, raise_, sql, differences, sent, data
):
    """As the plain model has it (tests/domain/test_rising_sessions.py)."""
    project_id = make_project().id
    repeated = [*data.draw(st.permutations(sent)), *data.draw(st.lists(st.sampled_from(sent)))]
    for told in (sent, repeated):
        number = 1 + (told is repeated)
        for report in told:
            raise_(number=number, project_id=project_id, release=f"{number}.0", **report)
    order = list(SessionStatus)
    worst = (
        max((each["status"] for each in sent), key=order.index),
        max(
            (each["duration_ms"] for each in sent if each["duration_ms"] is not None), default=None
        ),
        max(each["errors"] for each in sent),
        any(each["has_unhandled"] for each in sent),
        max(each["abnormal_mechanism"] or "" for each in sent) or None,
        any(each["user"] for each in sent),
        any(each["has_ended"] for each in sent),
    )
    rows = sql(
        f"SELECT {COLUMNS}, user_key IS NOT NULL, ended_at IS NOT NULL"
        " FROM sessions WHERE project_id = ?",
        project_id,
    )
    assert [tuple(row) for row in rows] == [worst, worst]
    figures = "ok, exited, errored, abnormal, crashed, unhandled, users_active, users_newest"
    [*days] = sql(
        f"SELECT DISTINCT {figures}, users_newest_crashed FROM release_days WHERE project_id = ?",
        project_id,
    )
    assert len(days) == 1
    assert differences() == []


of_either = st.tuples(st.booleans(), rising)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent=st.lists(of_either, min_size=1, max_size=6))
def test_session_that_is_told_in_both_dialects_is_what_the_plain_model_has(
    make_project, record, raise_, sql, differences, clock, sent
):
    """Each report by the rules of its dialect, whichever was first."""
    project_id, model = make_project().id, Store()
    for rises, told in sent:
        if rises:
            raise_(number=project_id, project_id=project_id, **told)
        else:
            told = {name: told[name] for name in ("status", "user", "duration_ms")}
            record(number=project_id, project_id=project_id, **told)
        fields = {**told, "user_key": told["user"] and user_key(told["user"])}
        del fields["user"]
        report = SessionReport(
            session_id=bytes(16),
            release="1.0",
            environment="production",
            rises=rises,
            **fields,
        )
        model.report(report, now=clock())
    session, progress, *_ = model.told()
    [row] = sql(
        f"SELECT {COLUMNS}, ended_at IS NOT NULL, user_key IS NOT NULL"
        " FROM sessions WHERE project_id = ?",
        project_id,
    )
    assert tuple(row) == (
        session.status,
        session.duration_ms,
        progress.errors,
        progress.has_unhandled,
        progress.abnormal_mechanism,
        progress.has_ended,
        session.user_key is not None,
    )
    assert differences() == []

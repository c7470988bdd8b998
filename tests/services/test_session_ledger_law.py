"""The ledger adds up after all that can happen, in any order, purges and odd clocks included."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.session_status import SessionStatus
from app.services import retention

RETENTION_DAYS = 5

reported = st.tuples(
    st.just("report"),
    st.fixed_dictionaries(
        {
            "number": st.integers(0, 15),
            "status": st.sampled_from(SessionStatus),
            "release": st.sampled_from(["1.0", "2.0"]),
            "environment": st.sampled_from(["production", "staging"]),
            "user": st.sampled_from([None, "ann", "bob"]),
        }
    ),
)
time_passed = st.tuples(st.just("wait"), st.integers(1, 100))
# A host whose clock is behind the others'.
clock_behind = st.tuples(st.just("wait"), st.integers(-20, -1))
purged = st.tuples(st.just("purge"), st.none())
purge_interrupted = st.tuples(st.just("purge some"), st.integers(1, 3))
anything = st.lists(
    reported | reported | reported | time_passed | clock_behind | purged | purge_interrupted,
    max_size=30,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=anything)
def test_ledger_adds_up_after_any_history(
    make_project, record, clock, settings, differences, history
):
    project_id = make_project().id
    short = replace(settings, session_retention_days=RETENTION_DAYS)
    for kind, detail in history:
        if kind == "report":
            record(
                **{**detail, "number": project_id * 100 + detail["number"]}, project_id=project_id
            )
        elif kind == "wait":
            clock.advance(hours=detail)
        else:
            batches = (batch for each in retention.plan(short, now=clock()) for batch in each.run())
            for _ in zip(range(detail or 1000), batches):
                pass
        assert differences() == [], (kind, detail)


@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
def test_crash_of_a_purged_users_remaining_session_is_counted(
    record, clock, settings, differences, late
):
    short = replace(settings, session_retention_days=RETENTION_DAYS)
    record("ok", user="ann")
    clock.advance(days=RETENTION_DAYS)
    record("ok", number=1, user="ann")
    clock.advance(days=1)
    for each in retention.plan(short, now=clock()):
        list(each.run())
    clock.advance(days=3 if late else 0)
    record("crashed", number=1)
    assert differences() == []


def test_session_that_is_reported_again_after_its_purge_is_a_new_one(
    record, clock, settings, health, differences
):
    record("ok", number=1, user="ann")
    clock.advance(days=RETENTION_DAYS + 1)
    for each in retention.plan(
        replace(settings, session_retention_days=RETENTION_DAYS), now=clock()
    ):
        list(each.run())
    record("crashed", number=1, user="ann")
    assert (health()["1.0"].sessions_total, differences()) == (1, [])


def test_horizon_does_not_go_back_when_more_is_kept_than_before(
    record, clock, settings, sql, differences
):
    for days in (10, 10):
        record(user="ann")
        clock.advance(days=days)
    for kept_days in (5, 90):
        for each in retention.plan(
            replace(settings, session_retention_days=kept_days), now=clock()
        ):
            list(each.run())
    assert sql("SELECT day FROM retention_horizons") == [
        (str((clock() - timedelta(days=5)).date()),)
    ]
    assert differences() == []

"""Sums of sessions: each bucket for itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from app.domain.losses import LossReason
from app.domain.sentry.aggregates import MAX_BUCKETS, received_aggregates
from app.domain.sentry.clock import DeviceClock
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from tests.domain.sentry.jsons import aggregates

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CLOCK = DeviceClock(NOW)


def read(*buckets, most=10**6, **told):
    told = {"aggregates": list(buckets), **told}
    return received_aggregates(told, clock=CLOCK, allowed=lambda count: min(count, most))


@given(told=aggregates)
def test_any_object_is_buckets_and_losses(told):
    received = received_aggregates(told, clock=CLOCK, allowed=int)
    for bucket in received.buckets:
        assert all(0 < count <= 2 * 10**6 for count in bucket.sessions.values())
        assert 0 <= bucket.unhandled <= bucket.sessions.get(SessionStatus.ERRORED, 0)
    assert set(received.lost) <= {LossReason.INVALID, LossReason.TOO_OLD}


def test_counters_are_disjoint_and_unhandled_ones_are_errored():
    (bucket,) = read(
        {"exited": 2, "errored": 1, "crashed": 1, "abnormal": 1, "unhandled": 1}
    ).buckets
    assert bucket.sessions == {"exited": 2, "errored": 2, "crashed": 1, "abnormal": 1}
    assert bucket.unhandled == 1


def test_bucket_may_be_of_one_user():
    calm, crashed = read({"did": "u-77", "exited": 1}, {"did": "u-78", "crashed": 2}).buckets
    assert (calm.user_key, "crashed" in calm.sessions) == (user_key("u-77"), False)
    assert (crashed.user_key, "crashed" in crashed.sessions) == (user_key("u-78"), True)


@pytest.mark.parametrize("count", [-5, 1.5, 10**6 + 1, 10**400, "x", [], True, float("nan")])
def test_bucket_with_a_poisoned_counter_is_lost_and_others_count(count):
    received = read({"exited": count}, {"exited": 10**6}, {"exited": "3"}, None)
    assert [bucket.sessions for bucket in received.buckets] == [{"exited": 10**6}, {"exited": 3}]
    assert received.lost == {LossReason.INVALID: 2}


@pytest.mark.parametrize("listed", [None, {}, 7, "x"])
def test_without_a_list_one_is_lost(listed):
    received = read(aggregates=listed)
    assert (received.buckets, received.lost) == ((), {LossReason.INVALID: 1})


def test_bucket_of_long_ago_is_too_old():
    old = (NOW - timedelta(days=31)).isoformat()
    assert read({"started": old, "exited": 1}).lost == {LossReason.TOO_OLD: 1}


def test_buckets_past_the_most_are_lost():
    received = read(*[{"exited": 1}] * (MAX_BUCKETS + 2))
    assert len(received.buckets) == MAX_BUCKETS
    assert received.lost == {LossReason.TOO_LARGE: 2}


def test_release_is_read_as_that_of_a_session():
    attributes = read({"exited": 1}, attrs={"release": "shop@1"}).attributes
    assert (attributes.release, attributes.environment) == ("shop@1", "production")


def test_buckets_past_the_allowance_are_not_looked_at():
    received = read({"exited": 1}, {"exited": 2}, {"exited": -1}, most=1)
    assert [bucket.sessions for bucket in received.buckets] == [{"exited": 1}]
    assert received.lost == {LossReason.LIMITED: 2}

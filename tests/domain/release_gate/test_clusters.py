"""What sessions are worth when the same users come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.release_gate import Crashes, Side


@st.composite
def observed_sides(draw):
    """A release whose users have at least one session each, and any number of crashed ones."""
    sessions = draw(st.lists(st.integers(1, 30), min_size=1, max_size=30))
    crashed = [draw(st.integers(0, count)) for count in sessions]
    return Side(
        sessions=sum(sessions),
        crashed=sum(crashed),
        users=len(sessions),
        crashes=Crashes(sum(crashed), sum(each * each for each in crashed)),
    )


def test_effects_of_the_specification_are_as_it_says():
    side = Side(sessions=400, crashed=12, users=40, crashes=Crashes(12, 102))
    assert side.own_effect == pytest.approx(8.45, abs=0.005)
    assert side.wary_effect == pytest.approx(8.93, abs=0.005)


def test_who_saw_no_crash_reckons_with_a_loop_that_nobody_met():
    side = Side(sessions=500, crashed=0, users=50)
    assert side.wary_effect == pytest.approx(9.53, abs=0.005)
    assert side.own_effect == 1


@given(st.integers(1, 10_000), st.data())
def test_with_one_session_a_user_sessions_are_worth_themselves(users, data):
    crashed = data.draw(st.integers(0, users))
    side = Side(sessions=users, crashed=crashed, users=users, crashes=Crashes(crashed, crashed))
    assert (side.own_effect, side.wary_effect) == pytest.approx((1, 1))


@given(st.integers(1, 10_000), st.data())
def test_without_users_sessions_are_worth_themselves(sessions, data):
    side = Side(sessions=sessions, crashed=data.draw(st.integers(0, sessions)), users=0)
    assert (side.own_effect, side.wary_effect) == (1, 1)


@given(observed_sides())
def test_sessions_never_tell_more_than_as_many_people(side):
    assert min(side.own_effect, side.wary_effect) >= 1


@pytest.mark.parametrize("size", [2, 10])
def test_users_who_crash_each_time_are_worth_one_session_each(size):
    """The usual design effect of whole clusters: their size."""
    looping, users = 50, 2000
    side = Side(
        sessions=users * size,
        crashed=looping * size,
        users=users,
        crashes=Crashes(looping * size, looping * size * size),
    )
    assert side.own_effect == pytest.approx(size)
    assert side.wary_effect == pytest.approx(size, rel=0.02)


def test_where_all_crash_a_users_sessions_tell_as_much_as_one():
    side = Side(sessions=1000, crashed=1000, users=100, crashes=Crashes(1000, 10_000))
    assert (side.own_effect, side.wary_effect) == (10, 10)


def test_the_more_users_the_less_likely_is_a_loop_that_nobody_met():
    effects = [
        Side(sessions=users * 10, crashed=0, users=users).wary_effect
        for users in (10, 100, 1000, 10_000)
    ]
    assert effects == sorted(effects, reverse=True)
    assert effects[-1] == pytest.approx(1, abs=0.001)

"""Days are compared one by one, and added up so that both releases have the same mix of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.release_gate import Counts, PairedDay, weigh


def day(new_sessions, new_crashed, old_sessions, old_crashed):
    return PairedDay(
        new_sessions=new_sessions,
        new_crashed=new_crashed,
        old_sessions=old_sessions,
        old_crashed=old_crashed,
    )


def sides(most=10_000):
    return st.integers(1, most).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


days = st.builds(lambda new, old: day(*new, *old), sides(), sides())


def as_tuple(counts):
    return (
        counts.new_sessions,
        counts.new_crashed,
        counts.old_sessions,
        counts.old_crashed,
    )


def test_days_of_the_specification_weigh_as_it_says():
    weighed = weigh([day(50, 1, 950, 9), day(400, 5, 600, 6), day(900, 20, 100, 2)])
    assert as_tuple(weighed) == pytest.approx((719.27, 11.337, 794.46, 9.786), abs=0.006)


@given(days)
def test_one_day_is_its_plain_counts(one):
    plain = one.new_sessions, one.new_crashed, one.old_sessions, one.old_crashed
    assert as_tuple(weigh([one])) == pytest.approx(plain)


@given(st.lists(sides(), min_size=1, max_size=5), st.integers(1, 20))
def test_with_the_same_share_on_all_days_counts_add_up(new, times):
    weighed = weigh([day(n, k, n * times, k) for n, k in new])
    sessions, crashed = (sum(column) for column in zip(*new))
    assert as_tuple(weighed) == pytest.approx((sessions, crashed, sessions * times, crashed))


@given(st.lists(days, min_size=1, max_size=5), sides())
def test_day_that_only_one_side_has_counts_for_neither(common, alone):
    weighed = weigh(common)
    assert weigh([*common, day(*alone, 0, 0)]) == weighed
    assert weigh([day(0, 0, *alone), *common]) == weighed


@pytest.mark.parametrize("common", [[], [day(10, 1, 0, 0), day(0, 0, 10, 1)]])
def test_without_a_common_day_there_are_no_counts(common):
    assert weigh(common) is None


@given(st.lists(sides(), min_size=1, max_size=5), st.integers(1, 50), st.integers(1, 50))
def test_bad_days_tell_nothing_where_both_crash_alike(both, one, other):
    """However the shares of the days differ, and however bad each day was for both."""
    weighed = weigh(
        [day(n * one**i, k * one**i, n * other, k * other) for i, (n, k) in enumerate(both)]
    )
    assert weighed.loss == pytest.approx(0, abs=1e-12)


@given(st.lists(days, min_size=1, max_size=5))
def test_sessions_are_worth_no_more_than_there_are(some):
    weighed = weigh(some)
    assert 0 < weighed.new_sessions <= sum(each.new_sessions for each in some) * (1 + 1e-9)
    assert 0 < weighed.old_sessions <= sum(each.old_sessions for each in some) * (1 + 1e-9)


def test_division_keeps_the_rates():
    counts = Counts(100.0, 4.0, 200.0, 3.0).divided(new=4, old=2)
    assert as_tuple(counts) == (25.0, 1.0, 100.0, 1.5)
    assert as_tuple(counts.times(2)) == (50.0, 2.0, 200.0, 3.0)

"""Crash-free rates and their intervals; comparisons are in test_release_comparison.py.

The intervals are checked against Newcombe's published tables and against the definition of Wilson's
interval in exact fractions, never against the formula that the code uses.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.rates import (
    Tally,
    Verdict,
    band,
    crash_free_interval,
    crash_free_rate,
    is_uncertain,
    judge,
    nearest_rank,
)

# The square of the normal distribution's 97.5th percentile, 1.959963984540054.
Z_SQUARED = Fraction("1.959963984540054") ** 2
HALF_A_DIGIT = Fraction(1, 20_000)
# An end that would round to 1 is shown as this while something crashed.
HIGHEST_WITH_A_CRASH = Fraction(0.9999)

totals = st.integers(1, 10**9)
tallies = totals.flatmap(
    lambda total: st.builds(Tally, st.just(total), st.integers(0, total) | st.integers(0, 3))
).filter(lambda tally: tally.crashed <= tally.total)
small_tallies = st.integers(1, 5000).flatmap(
    lambda total: st.builds(Tally, st.just(total), st.integers(0, total))
)


def free(tally):
    return Fraction(tally.total - tally.crashed, tally.total)


@pytest.mark.parametrize(
    ("total", "crashed", "rate"),
    [
        (1, 0, 1.0),
        (1, 1, 0.0),
        (3, 1, 0.6667),
        (3, 2, 0.3333),
        (412, 2, 0.9951),
        (10_000, 1, 0.9999),
        (20_001, 1, 0.9999),  # 0.99995 and a hair: would round to 1
        (10**9, 1, 0.9999),
        (10**9, 0, 1.0),
        (10**9, 10**9 - 1, 0.0),
    ],
)
def test_rate_is_the_share_without_a_crash_in_4_decimals(total, crashed, rate):
    assert crash_free_rate(Tally(total, crashed)) == rate


def test_nothing_has_no_rate():
    assert crash_free_rate(Tally(0, 0)) is None


@given(tallies)
def test_rate_is_1_exactly_if_nothing_crashed(tally):
    assert (crash_free_rate(tally) == 1.0) == (tally.crashed == 0)


@given(tallies)
def test_rate_is_off_by_less_than_a_digit(tally):
    assert abs(Fraction(crash_free_rate(tally)) - free(tally)) <= Fraction(1, 10_000)


@pytest.mark.parametrize(
    ("total", "free_of_it", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
        # Medicine 17 (1998), table I, method 3.
        (263, 81, 0.2553, 0.3662),
        (148, 15, 0.0624, 0.1605),
        (20, 0, 0.0, 0.1611),
        (29, 1, 0.0061, 0.1718),
        # The example of the task: not yet a green.
        (412, 410, 0.9825, 0.9987),
        (1, 1, 0.2065, 1.0),
        (1, 0, 0.0, 0.7935),
    ],
)
def test_interval_is_the_published_one(total, free_of_it, low, high):
    assert crash_free_interval(Tally(total, total - free_of_it)) == (low, high)


def test_nothing_has_no_interval():
    assert crash_free_interval(Tally(0, 0)) is None


@given(small_tallies)
def test_interval_is_every_rate_that_the_tally_does_not_speak_against(tally):
    """Wilson's definition: p with |p̂ − p| ≤ z · √(p(1 − p)/n), to the last digit shown."""

    def spoken_against(rate):
        return tally.total * (free(tally) - rate) ** 2 > Z_SQUARED * rate * (1 - rate)

    low, high = map(Fraction, crash_free_interval(tally))
    assert low == 0 or spoken_against(low - HALF_A_DIGIT)
    assert high >= HIGHEST_WITH_A_CRASH or spoken_against(high + HALF_A_DIGIT)
    assert not spoken_against(min(low + HALF_A_DIGIT, free(tally)))
    assert not spoken_against(max(high - HALF_A_DIGIT, free(tally)))


@given(tallies)
def test_interval_contains_the_rate_and_stays_within_0_and_1(tally):
    low, high = crash_free_interval(tally)
    assert 0 <= low <= crash_free_rate(tally) <= high <= 1


@given(small_tallies, st.integers(2, 50))
def test_interval_narrows_with_more_of_the_same(tally, times):
    low, high = crash_free_interval(tally)
    more_low, more_high = crash_free_interval(Tally(tally.total * times, tally.crashed * times))
    assert low <= more_low and more_high <= high


@given(small_tallies.filter(lambda tally: tally.crashed < tally.total))
def test_one_crash_more_raises_neither_end(tally):
    worse = crash_free_interval(Tally(tally.total, tally.crashed + 1))
    assert all(end <= before for end, before in zip(worse, crash_free_interval(tally)))


@given(tallies)
def test_interval_reaches_1_exactly_if_nothing_crashed(tally):
    assert (crash_free_interval(tally)[1] == 1.0) == (tally.crashed == 0)


GOOD, WARNING, BAD, UNDECIDED = "good", "warning", "bad", "undecided"


@pytest.mark.parametrize(
    ("total", "crashed", "verdict"),
    [
        (0, 0, UNDECIDED),
        (1, 0, UNDECIDED),
        (380, 0, UNDECIDED),  # low end 0.98999
        (381, 0, GOOD),  # low end 0.99002
        (412, 2, UNDECIDED),
        (10_000, 80, GOOD),
        (10_000, 81, UNDECIDED),
        (10_000, 100, UNDECIDED),
        (10_000, 119, UNDECIDED),
        (10_000, 120, WARNING),
        (10_000, 457, WARNING),
        (10_000, 458, UNDECIDED),
        (10_000, 500, UNDECIDED),
        (10_000, 542, UNDECIDED),
        (10_000, 543, BAD),
        (1, 1, BAD),
        (1000, 1000, BAD),
    ],
)
def test_verdict_is_given_only_by_an_interval_on_one_side_of_the_lines(total, crashed, verdict):
    assert judge(Tally(total, crashed)) == verdict


@given(small_tallies)
def test_verdict_never_contradicts_the_interval_shown(tally):
    low, high = crash_free_interval(tally)
    shown = {
        Verdict.GOOD: low >= 0.99,
        Verdict.WARNING: low >= 0.95 and high <= 0.99,
        Verdict.BAD: high <= 0.95,
        Verdict.UNDECIDED: low <= 0.99 and high >= 0.95,
    }
    assert shown[judge(tally)]


@pytest.mark.parametrize(
    ("count", "percent", "index"),
    [
        (1, 50, 0),
        (1, 95, 0),
        (2, 50, 0),
        (3, 50, 1),
        (4, 50, 1),
        (5, 50, 2),
        (19, 95, 18),
        (20, 95, 18),
        (21, 95, 19),
        (100, 95, 94),
        (101, 95, 95),
        (100, 100, 99),
        (100, 0, 0),
    ],
)
def test_nearest_rank_is_the_first_value_with_that_share_at_or_below_it(count, percent, index):
    assert nearest_rank(count, percent) == index


@given(st.lists(st.integers(), min_size=1), st.integers(1, 100))
def test_percentile_is_the_lowest_value_that_covers_the_share(values, percent):
    value = sorted(values)[nearest_rank(len(values), percent)]

    def share_up_to(limit):
        return Fraction(sum(each <= limit for each in values), len(values))

    covering = [each for each in values if share_up_to(each) >= Fraction(percent, 100)]
    assert value == min(covering)


@pytest.mark.parametrize(
    ("tally", "colour"),
    [
        (Tally(0, 0), Verdict.UNDECIDED),
        (Tally(1, 0), Verdict.GOOD),
        (Tally(100, 1), Verdict.GOOD),
        (Tally(1000, 11), Verdict.WARNING),
        (Tally(100, 5), Verdict.WARNING),
        (Tally(1000, 51), Verdict.BAD),
        (Tally(1, 1), Verdict.BAD),
    ],
)
def test_colour_is_that_of_the_rate_itself(tally, colour):
    assert band(tally) is colour


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_rate_is_uncertain_exactly_where_it_is_undecided(total, crashed):
    tally = Tally(total, min(total, crashed))
    assert is_uncertain(tally) == (total > 0 and judge(tally) is Verdict.UNDECIDED)
    if total and not is_uncertain(tally):
        assert band(tally) is judge(tally)

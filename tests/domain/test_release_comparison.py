"""Whether one release is worse than another: pass, fail, or too few to tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.rates import PASS_MIN_COUNT, TOLERATED_LOSS, Comparison, Tally, compare

tallies = st.integers(1, 100_000).flatmap(
    lambda total: st.builds(Tally, st.just(total), st.integers(0, total))
)


def of(free, total):
    return Tally(total, total - free)


@pytest.mark.parametrize(
    ("new", "old", "low", "high"),
    [
        # Newcombe, "Interval estimation for the difference between independent proportions",
        # Statistics in Medicine 17 (1998), table II, method 10.
        (of(56, 70), of(48, 80), 0.0524, 0.3339),
        (of(9, 10), of(3, 10), 0.1705, 0.8090),
        (of(6, 7), of(2, 7), 0.0582, 0.8062),
        (of(5, 56), of(0, 29), -0.0381, 0.1926),
        (of(0, 10), of(0, 20), -0.1611, 0.2775),
        (of(0, 10), of(0, 10), -0.2775, 0.2775),
        (of(10, 10), of(0, 20), 0.6791, 1.0),
        (of(10, 10), of(0, 10), 0.6075, 1.0),
    ],
)
def test_interval_of_the_difference_is_the_published_one(new, old, low, high):
    _, interval = compare(new, old)
    assert interval == pytest.approx((low, high), abs=0.00005)


@pytest.mark.parametrize(
    ("new", "old", "verdict"),
    [
        (Tally(0, 0), Tally(0, 0), "undecided"),
        (Tally(0, 0), Tally(1000, 1), "undecided"),
        (Tally(1000, 1), Tally(0, 0), "undecided"),
        (Tally(1, 0), Tally(1, 0), "undecided"),
        (Tally(10, 1), Tally(10_000, 10), "fail"),
        (Tally(10, 0), Tally(10_000, 10), "undecided"),
        (Tally(300, 0), Tally(300, 0), "undecided"),
        (Tally(400, 0), Tally(400, 0), "pass"),
        (Tally(1000, 30), Tally(1000, 5), "fail"),
        (Tally(1000, 5), Tally(1000, 30), "pass"),
        (Tally(1000, 10), Tally(1000, 5), "undecided"),
        (Tally(1_000_000, 11_000), Tally(1_000_000, 10_000), "fail"),  # worse by a hair, surely
        (Tally(1_000_000, 10_010), Tally(1_000_000, 10_000), "pass"),
    ],
)
def test_verdict_is(new, old, verdict):
    assert compare(new, old)[0] == verdict


@pytest.mark.parametrize(("new", "old"), [((0, 0), (5, 1)), ((5, 1), (0, 0))])
def test_without_anything_to_compare_there_is_no_interval(new, old):
    assert compare(Tally(*new), Tally(*old)) == (Comparison.UNDECIDED, None)


@given(tallies, tallies)
def test_interval_of_the_swapped_releases_is_the_mirrored_one(one, other):
    _, (low, high) = compare(one, other)
    _, (swapped_low, swapped_high) = compare(other, one)
    assert (low, high) == pytest.approx((-swapped_high, -swapped_low))


@given(tallies, tallies)
def test_of_two_releases_at_most_one_fails_against_the_other(one, other):
    verdicts = {compare(one, other)[0], compare(other, one)[0]}
    assert verdicts != {Comparison.FAIL}


@given(tallies, tallies)
def test_release_that_fails_makes_the_other_one_pass_where_there_are_enough(one, other):
    if compare(one, other)[0] is Comparison.FAIL and min(one.total, other.total) >= PASS_MIN_COUNT:
        assert compare(other, one)[0] is Comparison.PASS


@pytest.mark.parametrize(
    ("new", "old", "verdict"),
    [
        (Tally(1, 1), Tally(4, 0), Comparison.UNDECIDED),
        (Tally(2, 2), Tally(2, 0), Comparison.UNDECIDED),
        (Tally(4, 3), Tally(4, 0), Comparison.UNDECIDED),
        (Tally(2, 0), Tally(2, 2), Comparison.UNDECIDED),
        (Tally(400, 0), Tally(1, 0), Comparison.UNDECIDED),
        (Tally(10, 10), Tally(1000, 5), Comparison.FAIL),
        (Tally(1000, 100), Tally(1000, 10), Comparison.FAIL),
        (Tally(400_000, 4000), Tally(400_000, 2000), Comparison.FAIL),
        (Tally(1000, 5), Tally(1000, 5), Comparison.PASS),
    ],
)
def test_a_handful_decides_nothing_unless_it_is_beyond_chance(new, old, verdict):
    assert compare(new, old)[0] is verdict


@given(tallies)
def test_release_is_never_worse_than_its_equal(tally):
    assert compare(tally, tally)[0] is not Comparison.FAIL


@given(tallies, tallies)
def test_interval_holds_the_difference_and_stays_within_1_each_way(new, old):
    difference = old.crashed / old.total - new.crashed / new.total
    _, (low, high) = compare(new, old)
    assert -1.000001 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1.000001


@given(tallies, tallies, st.integers(2, 50))
def test_interval_narrows_with_more_of_the_same(new, old, times):
    def more(tally):
        return Tally(tally.total * times, tally.crashed * times)

    (low, high), (more_low, more_high) = compare(new, old)[1], compare(more(new), more(old))[1]
    assert low - 1e-9 <= more_low and more_high <= high + 1e-9


@given(tallies, tallies)
def test_verdict_follows_the_interval(new, old):
    verdict, (low, high) = compare(new, old)
    assert verdict is not Comparison.FAIL or high < 0
    enough = min(new.total, old.total) >= PASS_MIN_COUNT
    is_fail = verdict is Comparison.FAIL
    assert (verdict is Comparison.PASS) == (low >= -TOLERATED_LOSS and enough and not is_fail)

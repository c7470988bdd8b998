"""The word on a release, its interval, and what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.rates import Comparison
from app.domain.release_gate import Counts, Crashes, Matched, Side, judge, word_of

TOLERANCE = 0.01


def matched(new, old, *, sessions_a_user=None, loops=False):
    """`new` and `old`: (sessions, crashed); all crashes of few users where there are loops."""

    def side(sessions, crashed):
        if sessions_a_user is None:
            return Side(sessions=sessions, crashed=crashed, users=0)
        squares = crashed * (sessions_a_user if loops else 1)
        users = max(1, sessions // sessions_a_user)
        crashes = Crashes(crashed, squares)
        return Side(sessions=sessions, crashed=crashed, users=users, crashes=crashes)

    return Matched(Counts(*map(float, (*new, *old))), side(*new), side(*old))


def judged(seen, **narrowed):
    return judge(seen, **{"settled": seen, "tolerance": TOLERANCE, **narrowed})


tallies = st.integers(1, 100_000).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(0, n) | st.integers(0, min(n, n // 50 + 1)))
)
figures = st.builds(
    matched,
    tallies,
    tallies,
    sessions_a_user=st.sampled_from([None, 1, 3, 10]),
    loops=st.booleans(),
)
tolerances = st.sampled_from([0.0005, 0.002, 0.01, 0.1])


@pytest.mark.parametrize(
    ("new", "old", "word"),
    [
        ((1000, 19), (615, 2), "fail"),
        ((1000, 19), (615, 4), "undecided"),
        ((2000, 38), (2000, 8), "fail"),
        ((200, 6), (5000, 25), "fail"),
        ((529, 0), (529, 0), "undecided"),
        ((530, 0), (530, 0), "pass"),
        ((2000, 20), (2000, 20), "undecided"),
        ((3000, 30), (25_000, 250), "pass"),
        ((10, 10), (10, 0), "fail"),
        ((10, 5), (10, 1), "undecided"),
        ((1, 0), (1, 0), "undecided"),
        ((1, 1), (1, 0), "undecided"),
    ],
)
def test_word_is(new, old, word):
    assert judged(matched(new, old)).word == word


def test_interval_of_the_specification_is_as_it_says():
    low, high = judged(matched((2000, 20), (2000, 20))).interval
    assert (low, high) == pytest.approx((-0.0105, 0.0105), abs=0.00005)


@given(figures, figures, tolerances)
def test_interval_is_above_0_exactly_where_the_word_is_fail(seen, settled, tolerance):
    found = judge(seen, settled, tolerance=tolerance)
    assert (found.interval[0] > 0) == (found.word is Comparison.FAIL)


@given(figures, tolerances)
def test_interval_stays_below_the_tolerance_exactly_where_it_passes(seen, tolerance):
    found = judge(seen, seen, tolerance=tolerance)
    if found.word is not Comparison.FAIL:
        assert (found.interval[1] <= tolerance) == (found.word is Comparison.PASS)


@given(figures)
def test_interval_has_its_ends_in_order_and_within_1(seen):
    low, high = judged(seen).interval
    assert -1 <= low <= high <= 1
    assert low <= max(0, seen.counts.loss) + 1e-12 and seen.counts.loss <= high + 1e-12


def test_nothing_passes_before_a_day_is_settled():
    good = matched((3000, 30), (25_000, 250))
    assert judged(good, settled=None).word == "undecided"
    bad = matched((2000, 38), (2000, 8))
    assert judged(bad, settled=None).word == "fail"


def test_fail_is_asked_first_and_of_all_days():
    good, bad = matched((3000, 30), (25_000, 250)), matched((2000, 38), (2000, 8))
    assert judged(bad, settled=good).word == "fail"
    assert judged(good, settled=bad).word == "undecided"


@pytest.mark.parametrize(("loops", "word"), [(False, "fail"), (True, "undecided")])
def test_crashes_of_the_same_few_people_count_as_few(loops, word):
    assert judged(matched((200, 10), (5000, 25), sessions_a_user=10, loops=loops)).word == word


def test_side_without_crashes_that_speaks_for_a_word_is_the_wary_one():
    """`own` for both would say either word here."""
    few_old = matched((5000, 60), (400, 0), sessions_a_user=10)
    assert few_old.for_fail.old_sessions == pytest.approx(400 / few_old.old.wary_effect)
    assert few_old.for_fail.new_sessions == pytest.approx(5000 / few_old.new.own_effect)
    few_new = matched((600, 0), (600, 0), sessions_a_user=10)
    assert few_new.for_pass.new_sessions == pytest.approx(600 / few_new.new.wary_effect)
    assert few_new.for_pass.old_sessions == pytest.approx(600)
    assert judged(few_new).word == "undecided"


@given(figures)
def test_nothing_is_missing_exactly_where_there_is_a_word(seen):
    found = judged(seen)
    assert (found.needed == 0) == (found.word is not Comparison.UNDECIDED)


@given(figures)
def test_as_many_more_of_the_same_bring_a_word(seen):
    needed = judged(seen).needed
    if needed:
        times = 1 + needed / seen.new.sessions
        later = word_of(seen, seen, tolerance=TOLERANCE, times=times * 1.001)
        assert later is not Comparison.UNDECIDED


@pytest.mark.parametrize(
    ("new", "old", "needed"),
    [((100, 0), (100, 0), 430), ((500, 5), (500, 5), 1700), ((1, 0), (1, 0), 530)],
)
def test_sessions_needed_are_in_two_digits(new, old, needed):
    assert judged(matched(new, old)).needed == needed


def test_past_a_thousand_times_as_many_nobody_can_say():
    at_the_tolerance = matched((1000, 20), (1000, 10))
    found = judged(at_the_tolerance, tolerance=0.01)
    assert found.needed is not None  # it is worse, too
    as_good = matched((10, 5), (10, 5))
    assert judged(as_good, tolerance=0.0001).needed is None


@given(figures)
def test_release_is_never_worse_than_its_equal(seen):
    counts = Counts(*(seen.counts.new_sessions, seen.counts.new_crashed) * 2)
    assert judged(Matched(counts, seen.new, seen.new)).word is not Comparison.FAIL

"""Slices that crash more often stand out, and hardly ever by chance."""

import numpy as np
import pytest

from app.domain.release_gate import Crashes
from app.domain.release_slices import Slice, SliceBy, compared


def cut(value, sessions, crashed, *, users=None, squares=None):
    """A user a session, unless told otherwise."""
    return Slice(
        value=value,
        sessions_ok=0,
        sessions_exited=sessions - crashed,
        sessions_errored=0,
        sessions_abnormal=0,
        sessions_crashed=crashed,
        users_total=sessions if users is None else users,
        users_crashed=crashed,
        crashes=Crashes(crashed, crashed if squares is None else squares),
    )


def judged(*found, other=None):
    return compared(SliceBy.OS_NAME, found, other)


def test_worse_and_better_ones_come_first_the_largest_difference_before_all():
    shown = judged(
        cut("Windows", 9000, 90),
        cut("Android", 2000, 140),
        cut("iOS", 4000, 300),
        cut("macOS", 3000, 0),
        cut("Linux", 10, 1),
    ).slices
    assert [(each.value, each.differs) for each in shown] == [
        ("iOS", "more"),
        ("Android", "more"),
        ("Windows", "less"),
        ("macOS", "less"),
        ("Linux", None),
    ]


def test_interval_leaves_out_no_difference_exactly_where_it_says_so():
    random = np.random.default_rng(1)
    seen = set()
    for _ in range(300):
        found = [
            cut(str(number), size, int(random.binomial(size, random.choice([0, 0.01, 0.2, 1]))))
            for number, size in enumerate(random.integers(1, 400, random.integers(1, 6)))
        ]
        for each in judged(*found).slices:
            if each.difference_interval is None:
                assert len(found) == 1
                continue
            low, high = each.difference_interval
            assert {"more": low > 0, "less": high < 0, None: low <= 0 <= high}[each.differs]
            assert low <= each.difference <= high
            seen.add(each.differs)
    assert seen == {"more", "less", None}


def test_slice_that_is_all_there_is_is_compared_with_nothing():
    (only,) = judged(cut("Windows", 100, 10)).slices
    assert (only.difference, only.difference_interval, only.differs) == (None, None, None)


def test_what_is_left_over_is_compared_too():
    shown = judged(cut("Windows", 5000, 25), other=cut(None, 5000, 250))
    assert shown.other.differs == "more"
    assert shown.slices[0].differs == "less"


def test_crash_loop_of_one_user_is_not_taken_for_their_system():
    loop = cut("Linux", 500, 60, users=200, squares=60 * 60)
    many = cut("Linux", 500, 60, users=200, squares=60)
    calm = cut("Windows", 9500, 95, users=9000)
    assert {each.value: each.differs for each in judged(loop, calm).slices}["Linux"] is None
    assert {each.value: each.differs for each in judged(many, calm).slices}["Linux"] == "more"


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("sizes", [[10] * 20, [20_000, *[300] * 19], [1000, 1000], [5, 5000]])
def test_equal_slices_hardly_ever_differ(rate, sizes):
    """In 5 % of releases at most; in 600 of them that is 30, and 16 more by chance."""
    random = np.random.default_rng(7)
    wrong = 0
    for _ in range(600):
        found = [
            cut(str(number), size, int(random.binomial(size, rate)))
            for number, size in enumerate(sizes)
        ]
        wrong += any(each.differs for each in judged(*found).slices)
    assert wrong <= 46

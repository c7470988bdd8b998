"""Two rates on an axis that is made for them."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blueprints.console.releases.side_by_side import WIDTH, side_by_side
from app.domain import rates
from app.domain.rates import Comparison
from app.services.releases.verdicts import ComparedSide, ReleaseVerdict, Unit


def side(sessions, crashed):
    return ComparedSide(
        sessions=sessions,
        crashed=crashed,
        users=0,
        crash_rate=crashed / sessions,
        crash_rate_interval=rates.crash_rate_interval(sessions, crashed),
        design_effect=1,
        wary_design_effect=1,
    )


def judged(new=None, old=None):
    return ReleaseVerdict(
        verdict=Comparison.UNDECIDED,
        reason="",
        release="2.0",
        against="1.0",
        unit=Unit.SESSIONS,
        tolerance=0.01,
        minimum=0,
        settle=0,
        settled_until=date(2026, 5, 7),
        new=new,
        old=old,
    )


sides = st.integers(1, 10**6).flatmap(
    lambda n: st.builds(side, st.just(n), st.integers(0, n) | st.integers(0, min(n, 3)))
)


@given(sides, sides)
def test_both_intervals_with_their_rates_are_on_the_axis(new, old):
    for bar in side_by_side(judged(new, old)).bars:
        assert -0.1 <= bar.left <= bar.rate + 0.1
        assert bar.rate - 3.1 <= bar.left + bar.width <= WIDTH + 0.2
        assert bar.width >= 3


@given(sides, sides)
def test_better_one_stands_further_right(new, old):
    first, second = side_by_side(judged(new, old)).bars
    if not math.isclose(new.crash_rate, old.crash_rate):
        assert (first.rate <= second.rate) == (new.crash_rate > old.crash_rate) or math.isclose(
            first.rate, second.rate
        )


@pytest.mark.parametrize(
    ("new", "old", "ends"),
    [
        (side(2000, 38), side(2000, 8), ["97 %", "100 %"]),
        (side(100_000, 50), side(100_000, 50), ["99.93 %", "99.97 %"]),
        (side(1, 1), side(1, 0), ["0 %", "100 %"]),
    ],
)
def test_axis_ends_at_round_rates(new, old, ends):
    assert [label for _, label in side_by_side(judged(new, old)).ticks] == ends


def test_what_was_not_compared_is_not_drawn():
    assert side_by_side(judged()) is None

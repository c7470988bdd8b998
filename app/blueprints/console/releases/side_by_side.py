"""Two releases' crash-free rates with their intervals, on one axis.

The axis is made for these two, so that they can be told apart: its ends are written below it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.blueprints.console.releases.rate_words import between, counted, percent
from app.services.releases.verdicts import ComparedSide, ReleaseVerdict, Unit

WIDTH = 320
_MIN_WIDTH = 3
# An axis ends at one of these steps, of a power of ten.
_STEPS = (1, 2, 5)
_FINEST = 1e-4
# The axis has at most so many steps.
_MOST_STEPS = 6


@dataclass(frozen=True)
class Bar:
    """One release: what is drawn, in units of the width, and the same in words."""

    name: str
    left: float
    width: float
    rate: float
    words: str


@dataclass(frozen=True)
class SideBySide:
    bars: tuple[Bar, Bar]
    ticks: tuple[tuple[float, str], ...]


def side_by_side(judged: ReleaseVerdict) -> SideBySide | None:
    """None where there was nothing to compare."""
    if judged.new is None or judged.old is None:
        return None
    intervals = [_crash_free(side) for side in (judged.new, judged.old)]
    ticks = _ticks(min(low for low, _ in intervals), max(high for _, high in intervals))
    first, last = ticks[0], ticks[-1]

    def along(rate: float) -> float:
        return WIDTH * (rate - first) / (last - first)

    def bar(name: str, side: ComparedSide) -> Bar:
        low, high = _crash_free(side)
        width = max(along(high) - along(low), _MIN_WIDTH)
        sample = side.users if judged.unit is Unit.USERS else side.sessions
        rate = 1 - side.crash_rate
        return Bar(
            name=name,
            left=round(min(along(low), WIDTH - width), 1),
            width=round(width, 1),
            rate=round(along(rate), 1),
            words=f"{percent(rate)} crash-free ({between(low, high)}),"
            f" {counted(sample, judged.unit.removesuffix('s'))}",
        )

    return SideBySide(
        bars=(bar(judged.release, judged.new), bar(judged.against or "", judged.old)),
        ticks=tuple((round(along(tick), 1), f"{tick * 100:.4g} %") for tick in (first, last)),
    )


def _crash_free(side: ComparedSide) -> tuple[float, float]:
    low, high = side.crash_rate_interval
    return 1 - high, 1 - low


def _ticks(low: float, high: float) -> Sequence[float]:
    """Round rates from below the lowest to above the highest, no closer than they can be told."""
    step = _step((high - low) / _MOST_STEPS)
    first, last = math.floor(low / step), min(math.ceil(high / step), round(1 / step))
    first = min(first, last - 1)
    return [number * step for number in range(first, last + 1)]


def _step(least: float) -> float:
    power = _FINEST
    while True:
        for step in _STEPS:
            if step * power >= least:
                return step * power
        power *= 10

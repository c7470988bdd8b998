"""The word on a release: fail, pass, or undecided; and what is missing for one.

`fail` is asked of all days, `pass` of the settled ones, on which late crashes have come in. For
each word, the side whose few crashes speak for it is the one whose design effect is wary.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.rates import Comparison, Interval
from app.domain.release_gate.clusters import Side
from app.domain.release_gate.counts import Counts
from app.domain.release_gate.evidence import (
    log_evidence_against_loss,
    log_evidence_of_more_crashes,
)

# The odds from which on a word is given: it is wrong in at most 1 of 50 releases, whoever looks.
ODDS_ENOUGH = 50.0
_LOG_ENOUGH = math.log(ODDS_ENOUGH)
# A failing release loses at least this much, as a share, also where that is less than any digit.
LEAST_LOSS = 1e-6
_BISECTIONS = 24
_MOST_TIMES = 1000
_HALVINGS = 12


@dataclass(frozen=True)
class Matched:
    """Both releases on the same days; `counts` are weighed day by day."""

    counts: Counts
    new: Side
    old: Side

    @property
    def for_fail(self) -> Counts:
        return self.counts.divided(new=self.new.own_effect, old=self.old.wary_effect)

    @property
    def for_pass(self) -> Counts:
        return self.counts.divided(new=self.new.wary_effect, old=self.old.own_effect)


@dataclass(frozen=True)
class Judged:
    """`interval` holds the new release's losses that are still possible, as shares; `needed` is how
    many more sessions of it a word may take, None past a thousand times as many."""

    word: Comparison
    interval: Interval
    needed: int | None


def judge(seen: Matched, settled: Matched | None, *, tolerance: float) -> Judged:
    """`settled` is None where no day is settled yet: then nothing passes."""
    word = word_of(seen, settled, tolerance=tolerance)
    return Judged(
        word=word,
        interval=_interval(seen, settled or seen, word, tolerance),
        needed=_sessions_needed(seen, settled, word, tolerance),
    )


def word_of(
    seen: Matched, settled: Matched | None, *, tolerance: float, times: float = 1.0
) -> Comparison:
    """The word alone, or the one of so many times as much of the same."""
    if fails(seen.for_fail.times(times)):
        return Comparison.FAIL
    if settled is not None and passes(settled.for_pass.times(times), tolerance=tolerance):
        return Comparison.PASS
    return Comparison.UNDECIDED


def fails(counts: Counts) -> bool:
    """Of figures divided for this word."""
    return counts.loss > 0 and log_evidence_of_more_crashes(counts) >= _LOG_ENOUGH


def passes(counts: Counts, *, tolerance: float) -> bool:
    """Of figures divided for this word."""
    return counts.loss < tolerance and _excludes(counts, tolerance, tolerance)


def _excludes(counts: Counts, loss: float, tolerance: float) -> bool:
    return log_evidence_against_loss(counts, loss, tolerance=tolerance) >= _LOG_ENOUGH


def _interval(seen: Matched, settled: Matched, word: Comparison, tolerance: float) -> Interval:
    """Its ends are excluded exactly where the words say so: above 0, and below the tolerance."""
    low_counts, high_counts = seen.for_fail, settled.for_pass
    low = _end(low_counts, -1.0, (0.0,), tolerance)
    high = _end(high_counts, 1.0, (tolerance,), tolerance)
    low = max(low, LEAST_LOSS) if word is Comparison.FAIL else min(low, 0.0)
    return low, max(low, high)


def _end(
    counts: Counts, outermost: float, asked_first: tuple[float, ...], tolerance: float
) -> float:
    """Between the measured loss, which nothing excludes, and the loss furthest from it."""
    inner, outer = counts.loss, outermost
    if not _excludes(counts, outer, tolerance):
        return outer

    def narrow(loss: float) -> None:
        nonlocal inner, outer
        if min(inner, outer) < loss < max(inner, outer):
            if _excludes(counts, loss, tolerance):
                outer = loss
            else:
                inner = loss

    for loss in asked_first:
        narrow(loss)
    for _ in range(_BISECTIONS):
        narrow((inner + outer) / 2)
    return outer


def _sessions_needed(
    seen: Matched, settled: Matched | None, word: Comparison, tolerance: float
) -> int | None:
    """If all goes on as it went: a magnitude, not a promise."""
    if word is not Comparison.UNDECIDED:
        return 0

    def is_decided(times: float) -> bool:
        found = word_of(seen, settled, tolerance=tolerance, times=times)
        return found is not Comparison.UNDECIDED

    times = _least_times(is_decided)
    if times is None:
        return None
    return _in_two_digits((times - 1) * seen.new.sessions)


def _least_times(is_decided: Callable[[float], bool]) -> float | None:
    enough = 2.0
    while not is_decided(min(enough, _MOST_TIMES)):
        if enough >= _MOST_TIMES:
            return None
        enough *= 2
    short, enough = enough / 2, min(enough, _MOST_TIMES)
    for _ in range(_HALVINGS):
        middle = (short + enough) / 2
        if is_decided(middle):
            enough = middle
        else:
            short = middle
    return enough


def _in_two_digits(count: float) -> int:
    """Rounded up, and at least 1: none would mean that nothing is missing."""
    whole = max(1, math.ceil(count))
    digits = int(10 ** max(0, len(str(whole)) - 2))
    return -(-whole // digits) * digits

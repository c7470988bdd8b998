"""Crash-free rates, how sure they are, and whether one release is worse than another.

Intervals are Wilson's score interval (1927) at 95 %, and for the difference of two rates Newcombe's
method 10 (Statistics in Medicine 17, 1998), which is made of two Wilson intervals. Both stay honest
near 100 %, where crash-free rates live and the textbook interval has no width.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

Z_95 = 1.959963984540054  # the 97.5th percentile of the standard normal distribution
RATE_DIGITS = 4
# Where a project does not say otherwise.
GOOD_FROM = 0.99
WARNING_FROM = 0.95
# A release passes when it is surely not worse by more than this: one session in a hundred.
TOLERATED_LOSS = 0.01

# Below this many on either side nothing passes: the interval is only as good as its sample.
PASS_MIN_COUNT = 30
# A failure must also be this unlikely by chance (Fisher's exact test, one-sided), which the
# interval does not promise for a handful of users.
FAIL_MAX_CHANCE = 0.025
# From so many crashes on the interval is exact enough, and the test is not asked.
_EXACT_UP_TO_CRASHES = 1000

Interval = tuple[float, float]


class Verdict(StrEnum):
    """Of one rate, by the lines of its project."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    UNDECIDED = "undecided"


class Comparison(StrEnum):
    """Of a release against the one before it."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Lines:
    """Between which rates a verdict lies, and how many it takes at least to give one."""

    good_from: float = GOOD_FROM
    warning_from: float = WARNING_FROM
    minimum: int = 0


DEFAULT_LINES = Lines()


@dataclass(frozen=True)
class Thresholds:
    """What a project judges its releases by, by what is counted."""

    sessions: Lines = DEFAULT_LINES
    users: Lines = DEFAULT_LINES


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True)
class Tally:
    """How many there were, and how many of them crashed; `0 <= crashed <= total`."""

    total: int
    crashed: int


def crash_free_rate(tally: Tally) -> float | None:
    """(total − crashed) / total with 4 decimals; None of nothing; 1.0 only if nothing crashed."""
    if tally.total == 0:
        return None
    return _rounded((tally.total - tally.crashed) / tally.total, flawless=tally.crashed == 0)


def crash_free_interval(tally: Tally) -> Interval | None:
    """The rate's 95 % interval with 4 decimals, None of nothing."""
    if tally.total == 0:
        return None
    low, high = _wilson(tally.total, tally.crashed)
    flawless = tally.crashed == 0
    return _rounded(low, flawless=flawless), _rounded(high, flawless=flawless)


def judge(tally: Tally, lines: Lines = DEFAULT_LINES) -> Verdict:
    """On which side of the lines the whole interval lies; undecided when it straddles one, or there
    are fewer than the minimum."""
    if tally.total < max(1, lines.minimum):
        return Verdict.UNDECIDED
    low, high = _wilson(tally.total, tally.crashed)
    if low >= lines.good_from:
        return Verdict.GOOD
    if high < lines.warning_from:
        return Verdict.BAD
    if low >= lines.warning_from and high <= lines.good_from:
        return Verdict.WARNING
    return Verdict.UNDECIDED


def band(tally: Tally, lines: Lines = DEFAULT_LINES) -> Verdict:
    """Between which lines the rate itself lies, as it is shown; undecided of nothing.

    What colours a rate. Whether another sample could well have another colour is `judge`'s to say.
    """
    rate = crash_free_rate(tally)
    if rate is None:
        return Verdict.UNDECIDED
    if rate >= lines.good_from:
        return Verdict.GOOD
    return Verdict.WARNING if rate >= lines.warning_from else Verdict.BAD


def is_uncertain(tally: Tally, lines: Lines = DEFAULT_LINES) -> bool:
    """Whether 95 % of certainty is not enough to know the side, or there are too few; False of
    nothing."""
    return tally.total > 0 and judge(tally, lines) is Verdict.UNDECIDED


def compare(
    new: Tally, old: Tally, *, tolerance: float = TOLERATED_LOSS, minimum: int = 0
) -> tuple[Comparison, Interval | None]:
    """Whether `new` is worse than `old`, and the 95 % interval of the difference of their rates.

    For one look: who asks again and again is told a wrong word more often (that is what
    `release_gate` is for). Fail: surely worse, also by Fisher's exact test. Pass: surely not worse
    by more than the tolerance, and enough on both sides. Otherwise, and when one of them is empty
    or has fewer than `minimum`, undecided.
    """
    if new.total == 0 or old.total == 0:
        return Comparison.UNDECIDED, None
    low, high = _difference(new, old)
    if min(new.total, old.total) < minimum:
        return Comparison.UNDECIDED, (low, high)
    if high < 0 and _is_beyond_chance(new, old):
        return Comparison.FAIL, (low, high)
    if low >= -tolerance and min(new.total, old.total) >= PASS_MIN_COUNT:
        return Comparison.PASS, (low, high)
    return Comparison.UNDECIDED, (low, high)


def nearest_rank(count: int, percent: int) -> int:
    """Which of `count` values in rising order, from 0, is the percentile (nearest-rank method)."""
    return max(0, -(-count * percent // 100) - 1)


def crash_rate_interval(total: float, crashed: float) -> Interval:
    """The 95 % interval of the share that crashed, of counts that may be fractions; not of 0."""
    low, high = _wilson(total, crashed)
    return 1 - high, 1 - low


def loss_interval(
    total: float, crashed: float, *, other_total: float, other_crashed: float, z: float = Z_95
) -> Interval:
    """How much larger the share that crashed is than the other's, of counts that may be fractions;
    not of 0. `z` is the normal quantile of the certainty that is asked for."""
    # Of crash-free rates, so the sides change places.
    return _difference_of((other_total, other_crashed), (total, crashed), z)


def _wilson(n: float, crashed: float, z: float = Z_95) -> Interval:
    rate = (n - crashed) / n
    spread = z * z / n
    centre = (rate + spread / 2) / (1 + spread)
    margin = z / (1 + spread) * math.sqrt(rate * (1 - rate) / n + spread / (4 * n))
    low = 0.0 if crashed == n else max(0.0, centre - margin)
    high = 1.0 if crashed == 0 else min(1.0, centre + margin)
    return low, high


def _difference(new: Tally, old: Tally) -> Interval:
    return _difference_of((new.total, new.crashed), (old.total, old.crashed), Z_95)


def _difference_of(new: tuple[float, float], old: tuple[float, float], z: float) -> Interval:
    """Of crash-free rates, of pairs of all and crashed."""
    new_rate, old_rate = ((total - crashed) / total for total, crashed in (new, old))
    new_low, new_high = _wilson(*new, z)
    old_low, old_high = _wilson(*old, z)
    difference = new_rate - old_rate
    return (
        difference - math.hypot(new_rate - new_low, old_high - old_rate),
        difference + math.hypot(new_high - new_rate, old_rate - old_low),
    )


def _is_beyond_chance(new: Tally, old: Tally) -> bool:
    """Whether so many of the crashes would hardly fall on `new` if both were alike."""
    crashed = new.crashed + old.crashed
    if crashed > _EXACT_UP_TO_CRASHES:
        return True
    ways = _log_choose(new.total + old.total, crashed)
    chance = math.fsum(
        math.exp(_log_choose(new.total, n) + _log_choose(old.total, crashed - n) - ways)
        for n in range(max(new.crashed, crashed - old.total), min(crashed, new.total) + 1)
    )
    return chance < FAIL_MAX_CHANCE


def _log_choose(total: int, chosen: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)


def _rounded(rate: float, *, flawless: bool) -> float:
    rounded = round(rate, RATE_DIGITS)
    if rounded == 1.0 and not flawless:
        return round(1 - 10.0**-RATE_DIGITS, RATE_DIGITS)
    return rounded

"""A release cut into slices, and which of them crash more or less often than the rest of it.

Who looks at twenty slices finds one in twenty that stands out by chance, so each is held to a
stricter line the more there are; and ten crashes of one user are not ten users
(`app.domain.release_gate.clusters`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import NormalDist

from app.domain import rates
from app.domain.rates import Interval
from app.domain.release_gate import Counts, Crashes, Side, log_evidence_of_more_crashes
from app.domain.release_health import HealthFigures

# The chance that any slice of a release is called different where none is.
_WRONG_AT_MOST = 0.05
_SIDES = 2
_DIGITS = 6
_LEAST = 10.0**-_DIGITS


class SliceBy(StrEnum):
    """What sessions of a release are told apart by."""

    OS_NAME = "os_name"
    ENVIRONMENT = "environment"
    APP_VERSION = "app_version"


class Differs(StrEnum):
    """A slice crashes more or less often than the rest of its release."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, kw_only=True)
class Slice(HealthFigures):
    """Sessions that have the same `value`; None: those that named none.

    `values` is how many different values are in it: more than one in what is left over.
    `difference` is how many more of its sessions crash than of the release's others, as a share;
    None where the release has no others. `differs` is None where chance may explain it.
    """

    value: str | None
    values: int = 1
    crashes: Crashes = Crashes()
    difference: float | None = None
    difference_interval: Interval | None = None
    differs: Differs | None = None

    @property
    def side(self) -> Side:
        return Side(
            sessions=self.sessions_total,
            crashed=self.sessions_crashed,
            users=self.users_total,
            crashes=self.crashes,
        )


@dataclass(frozen=True)
class SlicedRelease:
    """Those that differ first, by how much; then the ones with most sessions. `other` is the rest
    where there are more values than are listed."""

    by: SliceBy
    slices: tuple[Slice, ...]
    other: Slice | None = None


def compared(by: SliceBy, found: Sequence[Slice], other: Slice | None) -> SlicedRelease:
    """Each slice beside all others together."""
    every = [*found, *([other] if other else [])]
    told = [_beside(each, _rest(each, every), len(every)) for each in every]
    rest = told.pop() if other else None
    return SlicedRelease(by, tuple(sorted(told, key=_place)), rest)


def _place(each: Slice) -> tuple[bool, float, int]:
    size = abs(each.difference or 0) if each.differs else 0
    return each.differs is None, -size, -each.sessions_total


def _rest(each: Slice, every: Sequence[Slice]) -> Side | None:
    others = [other.side for other in every if other is not each]
    if not others:
        return None
    # Who is in two slices counts twice: it only weighs how many sessions a user has.
    return Side(
        sessions=sum(side.sessions for side in others),
        crashed=sum(side.crashed for side in others),
        users=sum(side.users for side in others),
        crashes=Crashes(
            sum(side.crashes.count for side in others),
            sum(side.crashes.squares for side in others),
        ),
    )


def _beside(each: Slice, rest: Side | None, count: int) -> Slice:
    if rest is None:
        return each
    # Of two, each is the rest of the other: that is one question.
    questions = count if count > 2 else 1
    own = each.side
    counts = Counts(own.sessions, own.crashed, rest.sessions, rest.crashed)
    # The side whose few crashes speak for a word is the one whose design effect is wary.
    more = counts.divided(new=own.own_effect, old=rest.wary_effect)
    less = counts.divided(new=own.wary_effect, old=rest.own_effect)
    log_enough = math.log(_SIDES * questions / _WRONG_AT_MOST)
    differs = None
    if counts.loss > 0 and log_evidence_of_more_crashes(more) >= log_enough:
        differs = Differs.MORE
    elif counts.loss < 0 and log_evidence_of_more_crashes(_turned(less)) >= log_enough:
        differs = Differs.LESS
    z = NormalDist().inv_cdf(1 - _WRONG_AT_MOST / _SIDES / questions)
    interval = _agreeing((_interval(more, z)[0], _interval(less, z)[1]), differs)
    return replace(
        each,
        difference=round(counts.loss, _DIGITS),
        difference_interval=interval,
        differs=differs,
    )


def _turned(counts: Counts) -> Counts:
    return Counts(counts.old_sessions, counts.old_crashed, counts.new_sessions, counts.new_crashed)


def _interval(counts: Counts, z: float) -> Interval:
    return rates.loss_interval(
        counts.new_sessions,
        counts.new_crashed,
        other_total=counts.old_sessions,
        other_crashed=counts.old_crashed,
        z=z,
    )


def _agreeing(interval: Interval, differs: Differs | None) -> Interval:
    """It leaves out "no difference" exactly where the word says so: for few crashes the evidence is
    exact, and the interval is not."""
    low, high = (round(end, _DIGITS) for end in interval)
    if differs is Differs.MORE:
        low = max(low, _LEAST)
    elif differs is Differs.LESS:
        high = min(high, -_LEAST)
    else:
        low, high = min(low, 0.0), max(high, 0.0)
    return min(low, high), max(low, high)

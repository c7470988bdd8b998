"""The gate's words over a history, by the service's own code.

Most looks are far from any word. They are passed over by a bound that needs no code of the gate: no
E-value is above the best likelihood ratio there is, and dividing a side only lowers that.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.domain.release_gate import Crashes, Matched, PairedDay, Side, weigh
from app.domain.release_gate.gate import ODDS_ENOUGH, fails, passes
from bench.gate.histories import DrawnSide

_LOG_ODDS = math.log(ODDS_ENOUGH)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class History:
    new: DrawnSide
    old: DrawnSide
    tolerance: float = 0.01
    # At each look, how many of its days have settled; None: all of them.
    settled_days: npt.NDArray[np.int64] | None = None


def first_fail(history: History, *, is_screened: bool = True) -> int | None:
    """At which look it fails; None: at none."""
    looks = _looks_worth_asking(history)[0] if is_screened else range(len(history.new.users))
    for look in looks:
        matched = _matched(history, int(look))
        if matched is not None and fails(matched.for_fail):
            return int(look)
    return None


def first_pass(history: History, *, is_screened: bool = True) -> int | None:
    looks = _looks_worth_asking(history)[1] if is_screened else range(len(history.new.users))
    for look in looks:
        days = None if history.settled_days is None else int(history.settled_days[look])
        matched = _matched(history, int(look), days=days)
        if matched is not None and passes(matched.for_pass, tolerance=history.tolerance):
            return int(look)
    return None


def _matched(history: History, look: int, *, days: int | None = None) -> Matched | None:
    """None where no day is of both. With settled days, users are taken as of all days."""
    both = list(_days(history, look))[:days]
    counts = weigh(both)
    if counts is None:
        return None
    common = [day for day in both if day.new_sessions and day.old_sessions]
    sides = []
    for drawn, sessions, crashed in (
        (history.new, [d.new_sessions for d in common], [d.new_crashed for d in common]),
        (history.old, [d.old_sessions for d in common], [d.old_crashed for d in common]),
    ):
        count, known = sum(crashed), int(drawn.all_crashed[look])
        # Of a part of the days, as many crashes by user as of all of them.
        squares = float(drawn.squares[look]) * (count / known if known else 0.0)
        users = max(1, int(drawn.users[look] * sum(sessions) / drawn.sessions[look].sum()))
        side = Side(
            sessions=sum(sessions), crashed=count, users=users, crashes=Crashes(count, squares)
        )
        sides.append(side)
    return Matched(counts, *sides)


def _days(history: History, look: int) -> Iterator[PairedDay]:
    columns = (history.new.sessions, history.new.crashed, history.old.sessions, history.old.crashed)
    for n, k, other_n, other_k in zip(*(column[look].tolist() for column in columns)):
        yield PairedDay(new_sessions=n, new_crashed=k, old_sessions=other_n, old_crashed=other_k)


def _looks_worth_asking(history: History) -> tuple[list[int], list[int]]:
    """For `fail` and for `pass`: those at which the word is not out of the question."""
    if history.settled_days is not None:
        every = list(range(len(history.new.users)))
        return every, every
    n, k, other_n, other_k = _weighed(history)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, other_p = k / n, other_k / other_n
        both = (k + other_k) / (n + other_n)
        most = _part(k, p / both) + _part(other_k, other_p / both)
        for_fail = (p > other_p) & (most >= _LOG_ODDS)
        loss = history.tolerance
        least = np.minimum(
            n * _divergence(p, np.minimum(1, other_p + loss)),
            n * _divergence(p, np.maximum(p, loss))
            + other_n * _divergence(other_p, np.maximum(p - loss, 0)),
        )
        for_pass = (p - other_p < loss) & (math.log(2) + least >= _LOG_ODDS)
    return np.flatnonzero(for_fail).tolist(), np.flatnonzero(for_pass).tolist()


def _weighed(history: History) -> tuple[Floats, Floats, Floats, Floats]:
    n, k = history.new.sessions.astype(float), history.new.crashed
    other_n, other_k = history.old.sessions.astype(float), history.old.crashed
    with np.errstate(divide="ignore", invalid="ignore"):
        both = n + other_n
        a = np.where(both > 0, other_n / both, 0.0)
        b = np.where(both > 0, n / both, 0.0)
        sums = [(a * n).sum(axis=1), (b * other_n).sum(axis=1)]
        worth = [
            sums[0] ** 2 / (a * a * n).sum(axis=1),
            sums[1] ** 2 / (b * b * other_n).sum(axis=1),
        ]
        rates = (a * k).sum(axis=1) / sums[0], (b * other_k).sum(axis=1) / sums[1]
    return worth[0], rates[0] * worth[0], worth[1], rates[1] * worth[1]


def _part(count: Floats, ratio: Floats) -> Floats:
    return np.where(count > 0, count * np.log(np.where(count > 0, ratio, 1.0)), 0.0)


def _divergence(p: Floats, q: Floats) -> Floats:
    """Of a Bernoulli of p from one of q, in nats; infinite where q excludes what p has."""
    crashed = np.where(p > 0, p * np.log(np.where(p > 0, p / q, 1.0)), 0.0)
    whole = np.where(p < 1, (1 - p) * np.log(np.where(p < 1, (1 - p) / (1 - q), 1.0)), 0.0)
    return np.where(np.isnan(crashed + whole), np.inf, crashed + whole)

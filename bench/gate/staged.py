"""Rollouts over eight days: the new release's share grows, and days are good or bad for both."""

from dataclasses import dataclass

import numpy as np

from bench.gate.histories import Counts, DrawnSide, ranks

SHARES = (0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
LOOKS_A_DAY = 36
_DAYS = len(SHARES)
_SPREAD_OF_DAYS = 0.4
_SPREAD_OF_HOURS = 0.6
# The first day's looks before 20:00.
_BEFORE_RELEASE = LOOKS_A_DAY * 20 // 24


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """`late_hours`: how long after its session a crash is told, on average."""

    rate: float = 0.01
    loss: float = 0.0
    sessions_a_day: int = 3000
    sessions_per_user: int = 1
    looping: float = 0.0
    weekend: float = 1.0
    is_even: bool = False  # one share and one rate on all days
    late_hours: float = 0.0


def draw(random: np.random.Generator, rollout: Rollout) -> tuple[DrawnSide, DrawnSide]:
    """The new and the old release, at each look of the eight days."""
    looks = _DAYS * LOOKS_A_DAY
    day_of = np.repeat(np.arange(_DAYS), LOOKS_A_DAY)
    hour = np.arange(looks) % LOOKS_A_DAY / LOOKS_A_DAY
    of_day = rollout.sessions_a_day / LOOKS_A_DAY
    busy = of_day * (1 + _SPREAD_OF_HOURS * np.sin(2 * np.pi * hour))
    shares = np.array([0.5] * _DAYS if rollout.is_even else SHARES)[day_of]
    if not rollout.is_even:
        shares[:_BEFORE_RELEASE] = 0
    rates = np.full(_DAYS, rollout.rate)
    if not rollout.is_even:
        rates *= np.exp(random.normal(-(_SPREAD_OF_DAYS**2) / 2, _SPREAD_OF_DAYS, _DAYS))
        weekend = (np.arange(_DAYS) + random.integers(0, 7)) % 7 >= 5
        rates[weekend] *= rollout.weekend
    # Within a day as by the hour, for both alike.
    by_look = rates[day_of] * (1 + _SPREAD_OF_HOURS * np.sin(2 * np.pi * hour + 1))
    sessions = random.poisson(busy)
    new = random.binomial(sessions, shares)
    sides = []
    for counts, loss in ((new, rollout.loss), (sessions - new, 0.0)):
        sides.append(_side(random, rollout, counts, by_look + loss, day_of))
    return sides[0], sides[1]


def _side(
    random: np.random.Generator,
    rollout: Rollout,
    sessions: Counts,
    rates: np.ndarray[tuple[int], np.dtype[np.float64]],
    day_of: Counts,
) -> DrawnSide:
    looks, all_sessions = len(sessions), int(sessions.sum())
    users = max(1, all_sessions // rollout.sessions_per_user)
    looping = int(random.binomial(users, rollout.looping)) if rollout.looping else 0
    looped = random.binomial(sessions, looping / users)
    single = random.binomial(sessions - looped, np.minimum(1, rates))
    begun = np.concatenate(
        [np.repeat(np.arange(looks), looped), np.repeat(np.arange(looks), single)]
    )
    whose = np.concatenate(
        [
            random.integers(0, max(1, looping), int(looped.sum())),
            looping + random.integers(0, max(1, users - looping), int(single.sum())),
        ]
    )
    told = begun
    if rollout.late_hours:
        told = begun + random.exponential(rollout.late_hours / 24 * LOOKS_A_DAY, len(begun)).astype(
            int
        )
    order = np.argsort(told, kind="stable")
    told, whose, days = told[order], whose[order], day_of[begun[order]]
    reached = np.searchsorted(told, np.arange(looks), side="right")
    squares = np.concatenate([[0], np.cumsum(2 * ranks(whose) + 1)])
    crashed = np.stack(
        [np.concatenate([[0], np.cumsum(days == day)])[reached] for day in range(_DAYS)], axis=1
    )
    on_day = np.stack(
        [np.cumsum(np.where(day_of == day, sessions, 0)) for day in range(_DAYS)], axis=1
    )
    seen = on_day.sum(axis=1)
    part = seen / max(1, all_sessions)
    users_seen = np.maximum(1, users * (1 - (1 - part) ** rollout.sessions_per_user))
    return DrawnSide(on_day, crashed, squares[reached], np.round(users_seen).astype(np.int64))

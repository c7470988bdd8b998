"""Two releases' sessions, compared day by day, as counts that have the same mix of days.

Counts are fractions from here on: they say how many sessions and crashes of one single day would
tell as much.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PairedDay:
    """One UTC day, as both releases had it."""

    new_sessions: int
    new_crashed: int
    old_sessions: int
    old_crashed: int


@dataclass(frozen=True)
class Counts:
    """Sessions and crashes of both sides; no side is empty."""

    new_sessions: float
    new_crashed: float
    old_sessions: float
    old_crashed: float

    @property
    def new_rate(self) -> float:
        return self.new_crashed / self.new_sessions

    @property
    def old_rate(self) -> float:
        return self.old_crashed / self.old_sessions

    @property
    def loss(self) -> float:
        """How many more sessions of the new release crash, as a share; below 0: fewer."""
        return self.new_rate - self.old_rate

    def divided(self, *, new: float, old: float) -> "Counts":
        """What is left of each side when so many of its sessions tell as much as one."""
        return Counts(
            self.new_sessions / new,
            self.new_crashed / new,
            self.old_sessions / old,
            self.old_crashed / old,
        )

    def times(self, factor: float) -> "Counts":
        return self.divided(new=1 / factor, old=1 / factor)


def weigh(days: Iterable[PairedDay]) -> Counts | None:
    """A day weighs on each side by the other side's share of it, so both have the same days.

    None where no day has sessions of both. With one share on all days these are the plain counts.
    """
    new = old = new_crashed = old_crashed = new_squares = old_squares = 0.0
    for day in days:
        n, k, other_n, other_k = (
            day.new_sessions,
            day.new_crashed,
            day.old_sessions,
            day.old_crashed,
        )
        if not n or not other_n:
            continue
        both = n + other_n
        new_weight, old_weight = other_n / both, n / both
        new += new_weight * n
        new_crashed += new_weight * k
        new_squares += new_weight * new_weight * n
        old += old_weight * other_n
        old_crashed += old_weight * other_k
        old_squares += old_weight * old_weight * other_n
    if not new:
        return None
    new_worth, old_worth = new * new / new_squares, old * old / old_squares
    return Counts(
        new_worth, new_crashed / new * new_worth, old_worth, old_crashed / old * old_worth
    )

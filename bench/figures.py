"""Figures of several rounds, and the Markdown tables they are printed in."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, and how far the rounds lie apart."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        found = list(values)
        return cls(statistics.median(found), min(found), max(found))

    @classmethod
    def of_ratios(cls, dividends: Iterable[float], divisors: Iterable[float]) -> "Spread":
        """Round by round, so that what disturbs a whole round cancels out."""
        return cls.of(one / other for one, other in zip(dividends, divisors, strict=True))

    def show(self, digits: int = 0) -> str:
        low, high = (f"{value:,.{digits}f}" for value in (self.lowest, self.highest))
        middle = f"{self.median:,.{digits}f}"
        return middle if low == high else f"{middle} ({low}–{high})"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int = 1) -> str:
    """Markdown; the first `texts` columns hold words, the others figures, aligned right."""
    lines = [list(heads), ["---"] * texts + ["---:"] * (len(heads) - texts)]
    lines += [list(row) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

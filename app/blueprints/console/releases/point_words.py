"""What a chart says of one of its points: which day, the value, and what it was counted of."""

from collections.abc import Sequence

from app.blueprints.console.releases.rate_words import (
    between,
    counted,
    day_name,
    percent,
)
from app.domain.rates import Interval, Tally, crash_free_rate
from app.domain.release_health import DayHealth, adoption_over


def days_name(days: Sequence[DayHealth]) -> str:
    """`7 May`, or `1 May to 7 May`."""
    first, last = day_name(days[0]), day_name(days[-1])
    return first if len(days) == 1 else f"{first} to {last}"


def crash_free_point(name: str, tally: Tally, rate: float | None, interval: Interval | None) -> str:
    """`7 May: 98.71 % crash-free (97.9–99.3 %); 16 of 1,240 sessions crashed`"""
    if interval is None:
        return f"{name}: no session"
    return (
        f"{name}: {percent(rate)} crash-free ({between(*interval)});"
        f" {tally.crashed:,} of {counted(tally.total, 'session')} crashed"
    )


def short_point(name: str, tally: Tally) -> str:
    """`7 May: 98.71 % of 1,240`"""
    return f"{name}: {percent(crash_free_rate(tally))} of {tally.total:,}"


def sessions_point(name: str, tally: Tally) -> str:
    if not tally.total:
        return f"{name}: no session"
    return f"{name}: {counted(tally.total, 'session')}, {tally.crashed:,} crashed"


def adoption_point(name: str, days: Sequence[DayHealth]) -> str:
    adoption = adoption_over(days)
    if adoption is None:
        return f"{name}: no session of any release"
    own, of_all = sum(day.sessions for day in days), sum(day.project_sessions for day in days)
    return f"{name}: {percent(adoption)}, {own:,} of {counted(of_all, 'session')}"

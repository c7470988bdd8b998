"""Which charts the pages about releases draw of a release's days; the shapes are `charts`'."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.blueprints.console.releases import charts
from app.domain.rates import crash_free_interval, crash_free_rate
from app.domain.release_health import DayHealth, adoption_over, tally_over

# A row's charts have room for so many points, and a page for so many bytes.
_MOST_POINTS = 31
_WEEK_DAYS = 7


@dataclass(frozen=True)
class Sparkline:
    """Two small charts in one box each: adoption, and crash-free sessions with their intervals.

    `step` is `day` or `week`: what a point stands for.
    """

    step: str
    width: int
    adoption: str
    crash_free: str
    intervals: str
    lines: list[tuple[float, float]]


def sparkline(days: Sequence[DayHealth]) -> Sparkline:
    """All from 90 to 100 %, so that rows can be compared; a lower rate lies on the edge."""
    floor, size = charts.STRIP_FLOOR, 1 if len(days) <= _MOST_POINTS else _WEEK_DAYS
    points = _grouped(days, size)
    tallies = [tally_over(point) for point in points]
    rates_of_points = [crash_free_rate(tally) for tally in tallies]
    intervals = [crash_free_interval(tally) for tally in tallies]
    return Sparkline(
        step="day" if size == 1 else "week",
        width=len(points),
        adoption=charts.line_path([adoption_over(point) for point in points]),
        crash_free=charts.line_path(rates_of_points, floor=floor),
        intervals=charts.intervals_path(intervals, floor=floor),
        lines=charts.rate_lines(floor)[1:3],
    )


def _grouped(days: Sequence[DayHealth], size: int) -> list[Sequence[DayHealth]]:
    """The last group ends with the last day; the first may be shorter."""
    first = len(days) % size
    starts = [*([0] if first else []), *range(first, len(days), size)]
    return [days[start:end] for start, end in zip(starts, [*starts[1:], len(days)], strict=True)]


class DailyCharts:
    """The three charts of a release's own page."""

    def __init__(self, days: Sequence[DayHealth]) -> None:
        self.days = days
        self.width = len(days)
        self.floor = charts.rate_floor(day.crash_free for day in days)

    @cached_property
    def crash_free(self) -> str:
        return charts.line_path([day.crash_free for day in self.days], floor=self.floor)

    @cached_property
    def crash_free_dots(self) -> str:
        return charts.dots_path([day.crash_free for day in self.days], floor=self.floor)

    @cached_property
    def intervals(self) -> str:
        intervals = [day.crash_free_interval for day in self.days]
        return charts.intervals_path(intervals, floor=self.floor)

    @cached_property
    def rate_lines(self) -> list[tuple[float, float]]:
        return charts.rate_lines(self.floor)

    @cached_property
    def rate_labels(self) -> list[tuple[float, float]]:
        return charts.rate_labels(self.floor)

    @cached_property
    def sessions_top(self) -> int:
        return charts.count_top(day.sessions for day in self.days)

    @cached_property
    def sessions(self) -> str:
        return charts.bars_path([day.sessions for day in self.days], top=self.sessions_top)

    @cached_property
    def crashed(self) -> str:
        return charts.bars_path([day.crashed for day in self.days], top=self.sessions_top)

    @cached_property
    def adoption(self) -> str:
        return charts.line_path([day.adoption for day in self.days])

    @cached_property
    def adoption_dots(self) -> str:
        return charts.dots_path([day.adoption for day in self.days])

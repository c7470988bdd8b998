"""Which charts the pages about releases draw of a release's days; the shapes are `charts`'."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.blueprints.console import charts
from app.domain.release_health import DayHealth


@dataclass(frozen=True)
class Sparkline:
    """Two small charts in one box each: adoption, and crash-free sessions with their intervals."""

    width: int
    adoption: str
    crash_free: str
    intervals: str
    lines: list[tuple[float, float]]


def sparkline(days: Sequence[DayHealth]) -> Sparkline:
    """All from 90 to 100 %, so that rows can be compared; a lower rate lies on the edge."""
    floor = charts.STRIP_FLOOR
    return Sparkline(
        width=len(days),
        adoption=charts.line_path([day.adoption for day in days]),
        crash_free=charts.line_path([day.crash_free for day in days], floor=floor),
        intervals=charts.intervals_path([day.crash_free_interval for day in days], floor=floor),
        lines=charts.rate_lines(floor)[1:3],
    )


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

"""Which charts the pages about releases draw of a release's days; the shapes are `charts`'.

Each chart says of each of its points what it stands for, in `points`: that is what a page shows of
a day that somebody points at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.blueprints.console.releases import charts
from app.blueprints.console.releases.charts import RateAxis
from app.blueprints.console.releases.point_words import (
    adoption_point,
    crash_free_point,
    days_name,
    sessions_point,
    short_point,
)
from app.blueprints.console.releases.rate_words import axis_label, day_name
from app.domain.rates import (
    DEFAULT_LINES,
    Lines,
    Tally,
    crash_free_interval,
    crash_free_rate,
)
from app.domain.release_health import DayHealth, adoption_over, tally_over

# A row's charts have room for so many points, and a page for so many bytes.
_MOST_POINTS = 31
_WEEK_DAYS = 7
# In a small chart, so many say what they stand for.
_MOST_TOLD = 14


@dataclass(frozen=True)
class Spark:
    """A small chart in a box as wide as it has points. `points`: what each stands for, in words,
    or none; `labels`: what is written on the axis, and how far down."""

    width: int
    line: str
    points: list[str]
    labels: list[tuple[str, float]]
    band: str = ""
    lines: tuple[float, ...] = ()


@dataclass(frozen=True)
class Sparkline:
    """Two small charts: adoption, and crash-free sessions with their intervals.

    `step` is `day` or `week`: what a point stands for.
    """

    step: str
    adoption: Spark
    crash_free: Spark


def page_axis(rows: Sequence[Sequence[DayHealth]]) -> RateAxis:
    """One for all the rows of a page, so that they can be compared."""
    return tallies_axis([tally_over(point) for days in rows for point in _points(days)])


def tallies_axis(tallies: Sequence[Tally]) -> RateAxis:
    return charts.rate_axis(map(crash_free_rate, tallies), map(crash_free_interval, tallies))


def sparkline(
    days: Sequence[DayHealth], axis: RateAxis, judged_by: Lines = DEFAULT_LINES
) -> Sparkline:
    points = _points(days)
    adoptions = [adoption_over(point) for point in points]
    return Sparkline(
        step="day" if len(points) == len(days) else "week",
        adoption=Spark(
            width=len(points),
            line=charts.line_path(adoptions),
            points=[],
            labels=[("100 %", 0), ("0 %", charts.HEIGHT)],
        ),
        crash_free=_told(
            points,
            crash_free_spark([tally_over(point) for point in points], axis, judged_by),
        ),
    )


def _told(points: Sequence[Sequence[DayHealth]], spark: Spark) -> Spark:
    """With what each of its days stands for; of weeks, and of many days, a page has no room."""
    if len(points) > _MOST_TOLD or any(len(point) > 1 for point in points):
        return spark
    return replace(
        spark, points=[short_point(days_name(point), tally_over(point)) for point in points]
    )


def crash_free_spark(
    tallies: Sequence[Tally], axis: RateAxis, judged_by: Lines = DEFAULT_LINES
) -> Spark:
    """Says no values: to make hundreds of them takes longer than to draw a page of charts."""
    rates = [crash_free_rate(tally) for tally in tallies]
    intervals = [crash_free_interval(tally) for tally in tallies]
    return Spark(
        width=len(tallies),
        line=charts.line_path(rates, floor=axis.floor),
        points=[],
        labels=[("100 %", 0), (axis_label(axis.floor), charts.HEIGHT)],
        band=charts.band_path(intervals, floor=axis.floor),
        lines=tuple(axis.down(line) for line in limits_on(axis, judged_by)),
    )


def limits_on(axis: RateAxis, judged_by: Lines) -> list[float]:
    """The rates at which a colour ends, as far as they are on the axis."""
    limits = (judged_by.good_from, judged_by.warning_from)
    return [rate for rate in limits if rate > axis.floor]


def _points(days: Sequence[DayHealth]) -> list[Sequence[DayHealth]]:
    return _grouped(days, 1 if len(days) <= _MOST_POINTS else _WEEK_DAYS)


def _grouped(days: Sequence[DayHealth], size: int) -> list[Sequence[DayHealth]]:
    """The last group ends with the last day; the first may be shorter."""
    first = len(days) % size
    starts = [*([0] if first else []), *range(first, len(days), size)]
    return [days[start:end] for start, end in zip(starts, [*starts[1:], len(days)], strict=True)]


class DailyCharts:
    """The three charts of a release's own page."""

    def __init__(self, days: Sequence[DayHealth], judged_by: Lines = DEFAULT_LINES) -> None:
        self.days = days
        self.judged_by = judged_by
        self.axis = tallies_axis([day.tally for day in days])
        self.floor = self.axis.floor

    @cached_property
    def day_names(self) -> list[tuple[str, float]]:
        """Of some days, and how far along each stands, in percent."""
        count = len(self.days)
        return [
            (day_name(self.days[number]), charts.middle_percent(number, count))
            for number in charts.named_places(count)
        ]

    @cached_property
    def crash_free(self) -> str:
        return charts.line_path([day.crash_free for day in self.days], floor=self.floor)

    @cached_property
    def crash_free_dots(self) -> str:
        return charts.dots_path([day.crash_free for day in self.days], floor=self.floor)

    @cached_property
    def band(self) -> str:
        return charts.band_path([day.crash_free_interval for day in self.days], floor=self.floor)

    @cached_property
    def is_band_cut(self) -> bool:
        """Whether an interval goes on below the axis."""
        return any(
            day.crash_free_interval and day.crash_free_interval[0] < self.floor for day in self.days
        )

    @cached_property
    def crash_free_points(self) -> list[str]:
        if len(self.days) > _MOST_POINTS:
            return []
        return [
            crash_free_point(day_name(day), day.tally, day.crash_free, day.crash_free_interval)
            for day in self.days
        ]

    @cached_property
    def rate_labels(self) -> list[tuple[str, float]]:
        return [(axis_label(rate), down) for rate, down in self.axis.lines]

    @cached_property
    def limits(self) -> list[float]:
        """How far down the lines are at which a colour ends."""
        return [self.axis.down(rate) for rate in limits_on(self.axis, self.judged_by)]

    @cached_property
    def count_labels(self) -> list[tuple[str, float]]:
        top, half = self.sessions_top, charts.HEIGHT / 2
        middle = [(f"{top // 2:,}", half)] if top % 2 == 0 else []
        return [(f"{top:,}", 0), *middle, ("0", charts.HEIGHT)]

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
    def sessions_points(self) -> list[str]:
        if len(self.days) > _MOST_POINTS:
            return []
        return [sessions_point(day_name(day), day.tally) for day in self.days]

    @cached_property
    def adoption(self) -> str:
        return charts.line_path([day.adoption for day in self.days])

    @cached_property
    def adoption_dots(self) -> str:
        return charts.dots_path([day.adoption for day in self.days])

    @cached_property
    def adoption_points(self) -> list[str]:
        if len(self.days) > _MOST_POINTS:
            return []
        return [adoption_point(day_name(day), [day]) for day in self.days]

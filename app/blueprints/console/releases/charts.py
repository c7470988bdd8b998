"""The geometry of the console's charts: numbers become the `d` of SVG paths, and nothing else here.

A chart's box is as wide as it has points and 100 high, stretched to any size
(`preserveAspectRatio="none"`), so one path serves a phone and a desk; strokes and dots keep their
shape by `vector-effect`. A point without a value is a gap: no line leads over it. What a newcomer
would get wrong: an axis of rates need not begin at 0, so it has to have room for each rate, and its
ends are written on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.rates import Interval

HEIGHT = 100
_MIDDLE = 0.5  # of a point's place
_BAR_MARGIN = 0.12
_ALONE = 0.2  # of the place of a point without neighbours, how far its interval goes to each side
# Where an axis of rates may begin, and how far apart its lines are then.
_RATE_AXES = (
    (0.99, 0.0025),
    (0.98, 0.005),
    (0.95, 0.01),
    (0.9, 0.02),
    (0.8, 0.05),
    (0.5, 0.1),
    (0.0, 0.2),
)
# Of an axis, so much is left free below the lowest rate: else its dot would lie on the edge.
_ROOM_BELOW = 0.05
# So many days have their name below a chart: on a phone, more would touch.
_MOST_DAY_NAMES = 5


@dataclass(frozen=True)
class RateAxis:
    """From `floor`, below 1, to 1."""

    floor: float
    step: float

    @property
    def lines(self) -> list[tuple[float, float]]:
        """Rates that have a line across the chart, highest first, and how far down each is."""
        count = round((1 - self.floor) / self.step)
        return [
            (round(1 - number * self.step, 4), HEIGHT * number / count)
            for number in range(count + 1)
        ]

    def down(self, rate: float) -> float:
        return _down(rate, self.floor, 1)


def rate_axis(rates: Iterable[float | None], intervals: Iterable[Interval | None] = ()) -> RateAxis:
    """The closest one on which all of these rates are, the lowest not on its edge, and half of the
    intervals to their ends: one day of two sessions has one that would make all others flat."""
    known = [rate for rate in rates if rate is not None]
    lows = sorted(interval[0] for interval in intervals if interval is not None)
    lowest = min([1.0, *known, *lows[len(lows) // 2 :][:1]])
    return next(
        RateAxis(floor, step)
        for floor, step in _RATE_AXES
        if lowest >= floor + _ROOM_BELOW * (1 - floor) or not floor
    )


def count_top(counts: Iterable[int]) -> int:
    """Where an axis of counts ends: 1, 2 or 5 times a power of ten, and at least 1."""
    highest = max(counts, default=0)
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= highest:
                return step * power
        power *= 10


def named_places(count: int) -> list[int]:
    """Which of so many days have their name below the chart: evenly, the last one among them."""
    step = max(1, -(-count // _MOST_DAY_NAMES))
    return list(range((count - 1) % step, count, step))


def middle_percent(number: int, count: int) -> float:
    """How far along the chart the middle of a point's place is."""
    return round(100 * (number + _MIDDLE) / count, 2)


def line_path(values: Sequence[float | None], *, floor: float = 0, top: float = 1) -> str:
    """A line through the points, broken at each gap; a point between two gaps is a dot."""
    drawn = []
    for number, value in enumerate(values):
        if value is None:
            continue
        place = f"{_number(number + _MIDDLE)} {_number(_down(value, floor, top))}"
        if number > 0 and values[number - 1] is not None:
            drawn.append("L" + place)
        elif number + 1 < len(values) and values[number + 1] is not None:
            drawn.append("M" + place)
        else:
            drawn.append(f"M{place}h0")
    return "".join(drawn)


def dots_path(values: Sequence[float | None], *, floor: float = 0, top: float = 1) -> str:
    """Lines of no length, which round caps turn into dots."""
    return "".join(
        f"M{_number(number + _MIDDLE)} {_number(_down(value, floor, top))}h0"
        for number, value in enumerate(values)
        if value is not None
    )


def band_path(intervals: Sequence[Interval | None], *, floor: float) -> str:
    """The area between the ends of neighbours' intervals; a box where one has no neighbour.

    It is cut where the axis begins.
    """
    return "".join(_band(first, run, floor) for first, run in _runs(intervals))


def _runs(intervals: Sequence[Interval | None]) -> Iterable[tuple[int, list[Interval]]]:
    """Each with the number of its first one."""
    run: list[Interval] = []
    for number, interval in enumerate([*intervals, None]):
        if interval is not None:
            run.append(interval)
        elif run:
            yield number - len(run), run
            run = []


def _band(first: int, run: Sequence[Interval], floor: float) -> str:
    if len(run) == 1:
        [(low, high)] = run
        return _box(first, low, high, floor, margin=_MIDDLE - _ALONE)
    along = [_number(first + number + _MIDDLE) for number in range(len(run))]
    upper = [f"{x} {_number(_down(high, floor, 1))}" for x, (_, high) in zip(along, run)]
    lower = [f"{x} {_number(_down(low, floor, 1))}" for x, (low, _) in zip(along, run)]
    return "M" + "L".join([*upper, *reversed(lower)]) + "z"


def bars_path(counts: Sequence[int], *, top: int) -> str:
    """A bar for each that is not 0."""
    return "".join(
        _box(number, 0, count / top, 0, margin=_BAR_MARGIN)
        for number, count in enumerate(counts)
        if count
    )


def _box(number: int, low: float, high: float, floor: float, *, margin: float) -> str:
    upper, lower = _down(high, floor, 1), _down(low, floor, 1)
    left, width = _number(number + margin), _number(1 - 2 * margin)
    return f"M{left} {_number(upper)}h{width}V{_number(lower)}h-{width}z"


def _down(value: float, floor: float, top: float) -> float:
    """From the upper edge; what is beyond the axis is at its end."""
    share = (value - floor) / (top - floor)
    return HEIGHT * (1 - min(1.0, max(0.0, share)))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Whisker:
    """One interval along an axis of its own or of a page, in units of a box that is not stretched.

    `goes_on`: its lower end is below the axis.
    """

    low: float
    high: float
    rate: float
    ticks: tuple[tuple[float, float], ...]
    goes_on: bool


WHISKER_WIDTH = 200


def whisker(rate: float, interval: Interval, axis: RateAxis) -> Whisker:
    low, high = (along(end, axis) for end in interval)
    return Whisker(
        low=low,
        high=high,
        rate=along(rate, axis),
        ticks=tuple((tick, along(tick, axis)) for tick, _ in reversed(axis.lines)),
        goes_on=interval[0] < axis.floor,
    )


def along(rate: float, axis: RateAxis) -> float:
    return round(WHISKER_WIDTH * (1 - axis.down(rate) / HEIGHT), 1)

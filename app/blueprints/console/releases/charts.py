"""The geometry of the console's charts: numbers become the `d` of SVG paths, and nothing else here.

A chart's box is as wide as it has points and 100 high, stretched to any size
(`preserveAspectRatio="none"`), so one path serves a phone and a desk; strokes and dots keep their
shape by `vector-effect`. A point without a value is a gap: no line leads over it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.rates import GOOD_FROM, WARNING_FROM, Interval

HEIGHT = 100
_MIDDLE = 0.5  # of a point's place
_BAR_MARGIN = 0.12
_INTERVAL_MARGIN = 0.3
_RATE_FLOORS = (0.9, 0.5, 0.0)
# Closer than this, two labels of an axis would touch.
_LABEL_DISTANCE = 9


def rate_floor(rates: Iterable[float | None]) -> float:
    """Where an axis of rates begins, so that all of them are on it; it ends at 1."""
    lowest = min((rate for rate in rates if rate is not None), default=1.0)
    return next(floor for floor in _RATE_FLOORS if floor <= lowest)


def count_top(counts: Iterable[int]) -> int:
    """Where an axis of counts ends: 1, 2 or 5 times a power of ten, and at least 1."""
    highest = max(counts, default=0)
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= highest:
                return step * power
        power *= 10


def rate_lines(floor: float) -> list[tuple[float, float]]:
    """The rates that have a line across the chart, highest first, and how far down each is."""
    return [(rate, _down(rate, floor, 1)) for rate in (1, GOOD_FROM, WARNING_FROM, floor)]


def rate_labels(floor: float) -> list[tuple[float, float]]:
    """Those lines that have room for a label; 1 and the floor always have one."""
    top, *middle, bottom = rate_lines(floor)
    kept = [top]
    for rate, down in middle:
        if all(abs(down - other) >= _LABEL_DISTANCE for _, other in (*kept, bottom)):
            kept.append((rate, down))
    return [*kept, bottom]


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


def intervals_path(intervals: Sequence[Interval | None], *, floor: float) -> str:
    """A slim box from the lower to the upper end of each; cut where the axis begins."""
    return "".join(
        _box(number, low, high, floor, margin=_INTERVAL_MARGIN)
        for number, interval in enumerate(intervals)
        if interval is not None
        for low, high in [interval]
    )


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
class Strip:
    """One interval on a scale from 90 to 100 %, in units of a box that is not stretched."""

    left: float
    width: float
    rate: float
    lines: tuple[float, ...]


STRIP_WIDTH = 200
STRIP_FLOOR = 0.9
_STRIP_MIN_WIDTH = 3


def strip(rate: float, interval: Interval) -> Strip:
    """What lies below 90 % is at the left end; an interval always has some width."""
    low, high = (_along(end) for end in interval)
    width = max(high - low, _STRIP_MIN_WIDTH)
    return Strip(
        left=round(min(low, STRIP_WIDTH - width), 1),
        width=round(width, 1),
        rate=round(_along(rate), 1),
        lines=tuple(round(_along(line), 1) for line in (WARNING_FROM, GOOD_FROM)),
    )


def _along(rate: float) -> float:
    return STRIP_WIDTH * max(0.0, (rate - STRIP_FLOOR) / (1 - STRIP_FLOOR))

"""Release health as CSV, for the API and for a link of the console."""

from collections.abc import Iterator, Mapping, Sequence

from flask import Response

from app.domain.release_health import HealthFigures, ReleaseHealth
from app.domain.release_slices import Slice, SlicedRelease
from app.web.spreadsheets import Cell, csv_text

_FIGURES = (
    "sessions_total",
    "sessions_crashed",
    "sessions_errored",
    "users_total",
    "users_crashed",
    "crash_free_sessions",
    "crash_free_users",
)
_OF_SLICE = ("by", "value", "values")
_COMPARED = ("difference", "difference_low", "difference_high", "differs")
CSV_EXAMPLE = (
    "release,by,value,values,sessions_total,sessions_crashed,sessions_errored,users_total,"
    "users_crashed,crash_free_sessions,crash_free_users,difference,difference_low,"
    "difference_high,differs\r\n"
    "1.4.2,os_name,Android,1,1000,40,9,310,31,0.96,0.9,0.035,0.021,0.052,more\r\n"
)


def csv_answer(
    rows: Sequence[ReleaseHealth], sliced: Mapping[str, SlicedRelease] | None
) -> Response:
    """A line a release; with slices, a line for each of them."""
    if sliced is None:
        heads: tuple[str, ...] = ("release", *_FIGURES)
        lines: list[list[Cell]] = [[row.release, *_figures(row)] for row in rows]
    else:
        heads = ("release", *_OF_SLICE, *_FIGURES, *_COMPARED)
        lines = [[row.release, *line] for row in rows for line in _slices(sliced[row.release])]
    answer = Response(csv_text(heads, lines), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="release-health.csv")
    return answer


def _slices(sliced: SlicedRelease) -> Iterator[list[Cell]]:
    for each in (*sliced.slices, *([sliced.other] if sliced.other else [])):
        yield [sliced.by, each.value, each.values, *_figures(each), *_compared(each)]


def _figures(row: HealthFigures) -> list[Cell]:
    return [getattr(row, name) for name in _FIGURES]


def _compared(each: Slice) -> list[Cell]:
    low, high = each.difference_interval or (None, None)
    return [each.difference, low, high, each.differs]

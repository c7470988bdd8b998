"""Release health: the list of releases, and one of them day by day.

A release's name is any text that an app sent, slashes and dots included, which browsers and proxies
tidy up in a path; so it is in the query (docs/decisions/0047).
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.choices import form_values, offered
from app.blueprints.console.releases.charts import rate_axis
from app.blueprints.console.releases.rate_words import lines_in_words, rates_of
from app.blueprints.console.releases.release_charts import DailyCharts, page_axis, sparkline
from app.blueprints.console.releases.side_by_side import side_by_side
from app.blueprints.console.releases.slice_words import TITLES, slice_table
from app.domain.release_cursor import read_release_cursor, write_release_cursor
from app.domain.release_health import DEFAULT_DAYS, MAX_DAYS, Window, adoption_over
from app.domain.release_slices import SliceBy
from app.domain.roles import Role
from app.domain.text import is_storable
from app.extensions import now
from app.services.errors import NotFound
from app.services.pages import release_detail
from app.services.projects import thresholds
from app.services.releases import health
from app.services.releases import overview as release_overview
from app.services.releases import slices
from app.web.openapi import page
from app.web.releases_csv import csv_answer
from app.web.schemas import QueryInteger, WireSchema

_PAGE_ROWS = 7
_OFFERED_DAYS = (7, 14, 30, 90)
# The list's table of days; a release's own page has them all.
_TABLE_DAYS = 14


class _QuerySchema(WireSchema):
    days = QueryInteger(lowest=1, highest=MAX_DAYS, load_default=DEFAULT_DAYS)


_schema = _QuerySchema()


@dataclass(frozen=True)
class Filters:
    """What a page about releases is narrowed to, and what its links carry on."""

    days: int
    environment: str | None

    @property
    def offered_days(self) -> list[int]:
        return sorted({*_OFFERED_DAYS, self.days})

    @property
    def window(self) -> Window:
        return Window(today=now().date(), days=self.days, environment=self.environment)

    @property
    def query(self) -> dict[str, Any]:
        """Without what is so anyway."""
        days: dict[str, Any] = {} if self.days == DEFAULT_DAYS else {"days": self.days}
        return days | ({"environment": self.environment} if self.environment else {})


@blueprint.get("/projects/<project>/releases")
@page
def list_releases(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.VIEWER, project)
    filters, before = read_filters(), read_release_cursor(form_values().get("before", ""))
    shown = release_overview.overview(project_id, filters.window, limit=_PAGE_ROWS, before=before)
    axis = page_axis([shown.days[row.release] for row in shown.rows])
    rates_axis = rate_axis(
        rate for row in shown.rows for rate in (row.crash_free_users, row.crash_free_sessions)
    )
    older = shown.next_before and url_for(
        ".list_releases",
        project=project_id,
        **filters.query,
        before=write_release_cursor(shown.next_before),
    )
    return render_template(
        "console/releases.html",
        filters=filters,
        environments=offered(shown.environments, filters.environment),
        rows=[
            {
                "health": row,
                "rates": rates_of(row, rates_axis),
                "adoption": adoption_over(shown.days[row.release]),
                "sparkline": sparkline(shown.days[row.release], axis, row.thresholds.sessions),
                "days": shown.days[row.release],
                "newest_days": shown.days[row.release][-_TABLE_DAYS:],
            }
            for row in shown.rows
        ],
        older=older,
        judged_by=lines_in_words(thresholds.of_project(project_id)),
        is_first=before is None,
    )


@blueprint.get("/projects/<project>/release")
@page
def read_release(project: str) -> ResponseReturnValue:
    """`?name=` one release, `&against=` another. One without sessions in the window is 404, and
    the filters are there to widen it."""
    project_id = project_for(Role.VIEWER, project)
    values, filters, by = form_values(), read_filters(), _read_slice_by()
    name, against = values.get("name", ""), values.get("against") or None
    around = {"filters": filters, "name": name}
    try:
        compared = release_detail.read_compared(
            project_id, filters.window, release=name, against=against, by=by
        )
    except NotFound:
        environments = release_overview.environments_of(project_id)
        answer = render_template(
            "console/release_missing.html",
            **around,
            environments=offered(environments, filters.environment),
        )
        return answer, HTTPStatus.NOT_FOUND
    return render_template(
        "console/release.html",
        **around,
        environments=offered(compared.environments, filters.environment),
        compared=compared,
        others=offered(compared.others, compared.against),
        detail=compared.detail,
        rates=rates_of(compared.detail.health),
        adoption=adoption_over(compared.detail.days),
        charts=DailyCharts(compared.detail.days, compared.detail.health.thresholds.sessions),
        judged_by=lines_in_words(compared.detail.health.thresholds),
        beside=compared.judged and side_by_side(compared.judged),
        by=by,
        slice_titles=TITLES,
        slices=compared.detail.sliced and slice_table(compared.detail.sliced),
    )


@blueprint.get("/projects/<project>/release/slices.csv")
@page
def export_slices(project: str) -> ResponseReturnValue:
    """The slices of the release `?name=`, as a file; only the head of one that is not there."""
    project_id, filters, by = project_for(Role.VIEWER, project), read_filters(), _read_slice_by()
    name = form_values().get("name", "")
    rows = health.of_releases(project_id, filters.window, [name]) if is_storable(name) else []
    return csv_answer(rows, slices.of_releases(project_id, filters.window, rows, by))


def _read_slice_by() -> SliceBy:
    """Of the address; what releases are not sliced by is as if it were not there."""
    try:
        return SliceBy(form_values().get("by", ""))
    except ValueError:
        return SliceBy.OS_NAME


def read_filters() -> Filters:
    environment = form_values().get("environment", "")
    # PostgreSQL would refuse to look for a NUL; no app is in such an environment.
    is_one = environment and is_storable(environment)
    return Filters(days=_read_days(), environment=environment if is_one else None)


def _read_days() -> int:
    """Of the address; a number that cannot be is as if it were not there."""
    values = form_values()
    try:
        days: int = _schema.load({"days": values["days"]} if "days" in values else {})["days"]
    except ValidationError:
        return DEFAULT_DAYS
    return days

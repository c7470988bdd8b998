"""Release health (contract section 4.2): the report, one release, and a verdict to poll.

A release may be called `..`, `/` or `a/verdict`, which no path can say: so each view of one has an
address with the name in the query, too (docs/decisions/0133).
"""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import project_for
from app.blueprints.dashboard.blueprint import blueprint, next_page
from app.blueprints.dashboard.feedback.schemas import FeedbackRowSchema
from app.blueprints.dashboard.issues.schemas import IssueRowSchema
from app.blueprints.dashboard.releases.schemas import (
    DayHealthSchema,
    NamedReleaseQuerySchema,
    NamedVerdictQuerySchema,
    ReleaseDetailSchema,
    ReleaseHealthSchema,
    ReleasePageQuerySchema,
    ReleaseReportSchema,
    SlicedDetailSchema,
    SlicedQuerySchema,
    SlicedReportSchema,
    SlicesSchema,
    VerdictQuerySchema,
    VerdictSchema,
)
from app.blueprints.dashboard.releases.verdict_badge import BADGE_EXAMPLE, badge
from app.blueprints.dashboard.threshold_schemas import ThresholdsSchema
from app.domain.release_cursor import write_release_cursor
from app.domain.release_health import ReleaseHealth, Window
from app.domain.release_slices import SliceBy, SlicedRelease
from app.domain.roles import Role
from app.extensions import now
from app.services.pages import release_detail
from app.services.releases import health as release_health
from app.services.releases import slices, verdicts
from app.services.releases.verdicts import ReleaseVerdict, Unit
from app.web.incoming import query_values
from app.web.openapi import Media, documented
from app.web.releases_csv import CSV_EXAMPLE, csv_answer

_report_query_schema = ReleasePageQuerySchema()
_detail_query_schema = SlicedQuerySchema()
_verdict_query_schema = VerdictQuerySchema()
_named_query_schema = NamedReleaseQuerySchema()
_named_verdict_query_schema = NamedVerdictQuerySchema()
_verdict_schema = VerdictSchema()
_release_schema = ReleaseHealthSchema()
_slices_schema = SlicesSchema()
_thresholds_schema = ThresholdsSchema()
_day_schema = DayHealthSchema()
_issue_schema = IssueRowSchema()
_feedback_schema = FeedbackRowSchema()


@blueprint.get("/projects/<project>/release-health")
@documented(query=ReleasePageQuerySchema, answers={200: (ReleaseReportSchema, SlicedReportSchema)})
def report_release_health(project: str) -> ResponseReturnValue:
    """Report release health: one row a release of the last days, the one seen last first.

    `Link: rel="next"` pages on. With `by` each row has its `slices`, and a page may be shorter.
    """
    project_id = project_for(Role.VIEWER, project)
    shown, sliced, link = _report(project_id, ".report_release_health")
    rows = _release_schema.dump(shown, many=True)
    # All of one project: to dump it for each row would cost as much as the row.
    judged_by = _thresholds_schema.dump(shown[0].thresholds) if shown else None
    for row in rows:
        row["thresholds"] = judged_by
        if sliced is not None:
            row["slices"] = _slices_schema.dump(sliced[row["release"]])
    return {"releases": rows}, link


@blueprint.get("/projects/<project>/release-health.csv")
@documented(query=ReleasePageQuerySchema, answers={200: Media("text/csv", CSV_EXAMPLE)})
def export_release_health(project: str) -> ResponseReturnValue:
    """Report release health as CSV: a line a release, or with `by` a line a slice.

    Pages as the report does. A line with no `value` is of what named none, or, with more than one
    of `values`, of all further ones together.
    """
    project_id = project_for(Role.VIEWER, project)
    rows, sliced, link = _report(project_id, ".export_release_health")
    return csv_answer(rows, sliced), link


def _report(
    project_id: int, endpoint: str
) -> tuple[list[ReleaseHealth], dict[str, SlicedRelease] | None, Mapping[str, str]]:
    """A page of rows, their slices by release if these are asked for, and where the next one is."""
    query = _report_query_schema.load(query_values())
    window, by = _window(query), query["by"] and SliceBy(query["by"])
    if query["release"] is not None:
        rows = release_health.of_releases(project_id, window, [query["release"]])
        sliced = slices.of_releases(project_id, window, rows, by) if by else None
        return rows, sliced, {}
    limit, before, sliced = query["limit"], query["before"], None
    if by:
        page, sliced = slices.list_page(project_id, window, by, limit=limit, before=before)
    else:
        page = release_health.list_page(project_id, window, limit=limit, before=before)
    cursor = None if page.next_before is None else write_release_cursor(page.next_before)
    link = next_page(endpoint, _report_query_schema, before=cursor, project=project_id)
    return page.rows, sliced, link


@blueprint.get("/projects/<project>/release-health/<path:release>")
@documented(query=_detail_query_schema, answers={200: (ReleaseDetailSchema, SlicedDetailSchema)})
def read_release_health(project: str, release: str) -> ResponseReturnValue:
    """Show one release: its row of the report, days, durations, top issues and newest feedback."""
    project_id = project_for(Role.VIEWER, project)
    query = _detail_query_schema.load(query_values())
    window = _window(query)
    name = release_health.known_name(project_id, window, release)
    return _detail(project_id, window, name, by=query["by"])


@blueprint.get("/projects/<project>/release")
@documented(query=_named_query_schema, answers={200: (ReleaseDetailSchema, SlicedDetailSchema)})
def read_named_release(project: str) -> ResponseReturnValue:
    """Show one release whatever it is called: `name` may have slashes, dots and line breaks."""
    project_id = project_for(Role.VIEWER, project)
    query = _named_query_schema.load(query_values())
    return _detail(project_id, _window(query), query["name"], by=query["by"])


def _detail(
    project_id: int, window: Window, release: str, *, by: str | None
) -> ResponseReturnValue:
    detail = release_detail.read(
        project_id, window, release=release, by=SliceBy(by) if by else None
    )
    sliced = {"slices": _slices_schema.dump(detail.sliced)} if detail.sliced else {}
    return {
        **sliced,
        "thresholds": _thresholds_schema.dump(detail.health.thresholds),
        **_release_schema.dump(detail.health),
        "days": _day_schema.dump(detail.days, many=True),
        "adoption_among": detail.days[0].shared_among,
        "duration_p50_ms": detail.durations.p50_ms,
        "duration_p95_ms": detail.durations.p95_ms,
        "durations_among": detail.durations.among,
        "issues": _issue_schema.dump(detail.top_issues, many=True),
        "feedback": _feedback_schema.dump(detail.feedback, many=True),
    }


@blueprint.get("/projects/<project>/release-health/<path:release>/verdict")
@blueprint.get("/projects/<project>/release-health/<path:release>/verdict/")  # a path takes slashes
@documented(query=VerdictQuerySchema, answers={200: VerdictSchema})
def judge_release(project: str, release: str) -> ResponseReturnValue:
    """Judge whether the release crashes more often than the one before it, or `?against=` another.

    A pipeline may ask each minute, and act on the first word that is not `undecided`.
    """
    return _told(_judged_in_path(project, release))


@blueprint.get("/projects/<project>/release/verdict")
@documented(query=_named_verdict_query_schema, answers={200: VerdictSchema})
def judge_named_release(project: str) -> ResponseReturnValue:
    """Judge whether the release `name`, whatever it is called, crashes more often than another."""
    return _told(_judged_by_name(project))


@blueprint.get("/projects/<project>/release-health/<path:release>/verdict.svg")
@documented(query=_verdict_query_schema, answers={200: Media("image/svg+xml", BADGE_EXAMPLE)})
def draw_verdict(project: str, release: str) -> ResponseReturnValue:
    """Draw the verdict on the release as a badge, an SVG picture."""
    return _drawn(_judged_in_path(project, release))


@blueprint.get("/projects/<project>/release/verdict.svg")
@documented(query=_named_verdict_query_schema, answers={200: Media("image/svg+xml", BADGE_EXAMPLE)})
def draw_verdict_on_named_release(project: str) -> ResponseReturnValue:
    """Draw the verdict on the release `name`, whatever it is called, as a badge."""
    return _drawn(_judged_by_name(project))


def _told(judged: ReleaseVerdict) -> ResponseReturnValue:
    answer: dict[str, Any] = _verdict_schema.dump(judged)
    return answer


def _drawn(judged: ReleaseVerdict) -> ResponseReturnValue:
    return Response(badge(judged), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


def _judged_in_path(project: str, release: str) -> ReleaseVerdict:
    project_id = project_for(Role.VIEWER, project)
    query = _verdict_query_schema.load(query_values())
    window = _window(query)
    name = release_health.known_name(project_id, window, release)
    return _judged(project_id, window, name, query)


def _judged_by_name(project: str) -> ReleaseVerdict:
    project_id = project_for(Role.VIEWER, project)
    query = _named_verdict_query_schema.load(query_values())
    return _judged(project_id, _window(query), query["name"], query)


def _judged(project_id: int, window: Window, release: str, query: dict[str, Any]) -> ReleaseVerdict:
    return verdicts.compare(
        project_id,
        window,
        release=release,
        against=query["against"],
        unit=Unit(query["unit"]),
        tolerance=query["tolerance"],
        settle=query["settle"],
    )


def _window(query: dict[str, Any]) -> Window:
    return Window(today=now().date(), days=query["days"], environment=query["environment"])

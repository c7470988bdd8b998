"""Issues: the list, one of them, and what a team decides about it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm
from app.blueprints.console.issues.event_words import event_in_words
from app.blueprints.console.issues.grounds_words import grounds_in_words
from app.blueprints.console.issues.issue_history import history_in_words
from app.blueprints.console.projects.loss_words import words_for
from app.domain.issue_cursor import read_issue_cursor, write_issue_cursor
from app.domain.issue_status import IssueStatus
from app.domain.losses import LossKind
from app.domain.roles import Role
from app.extensions import now
from app.services import issues
from app.services.issues import EventRow
from app.services.issues.issues import MergedIssueRow
from app.services.pages import lost_lately
from app.web.incoming import query_values, row_id
from app.web.openapi import page

_PAGE_ROWS = 25
_ALL = "all"
_SHOWN_FEEDBACK = 10
_SHOWN_RELEASES = 10
_SHOWN_MERGED = 20
_DONE = {
    IssueStatus.RESOLVED: "Resolved. A new event will open it again.",
    IssueStatus.IGNORED: "Ignored. New events are still counted.",
    IssueStatus.OPEN: "Open again.",
}


@blueprint.get("/projects/<project>/issues")
@page
def list_issues(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.VIEWER, project)
    values = query_values()
    tab = _tab(values.get("status", ""))
    before = read_issue_cursor(values.get("before", ""))
    shown = issues.list_page(
        project_id,
        limit=_PAGE_ROWS,
        status=None if tab == _ALL else IssueStatus(tab),
        before=before,
    )
    counts = issues.count_by_status(project_id)
    older = shown.next_before and url_for(
        ".list_issues",
        project=project_id,
        status=tab,
        before=write_issue_cursor(shown.next_before),
    )
    return render_template(
        "console/issues.html",
        rows=shown.rows,
        tabs={**counts, _ALL: sum(counts.values())},
        chosen=tab,
        older=older,
        is_first=before is None,
        losses=words_for(lost_lately.read(project_id, today=now().date(), kind=LossKind.EVENT)),
    )


@blueprint.get("/projects/<project>/issues/<issue>")
@page
def read_issue(project: str, issue: str) -> ResponseReturnValue:
    """`?event=` one of the newest events, else the newest; `&whole=1` with all that was kept.

    `?merged_after=` the id of the merged issue after which to go on.
    """
    detail = issues.read(project_for(Role.VIEWER, project), row_id(issue))
    values = query_values()
    wanted, is_whole = values.get("event"), values.get("whole") == "1"
    event = _chosen_event(detail.events, wanted)
    if str(detail.issue.id) != issue:
        # It is merged into this one: links of before lead on.
        return redirect(url_for(".read_issue", project=project, issue=detail.issue.id))
    merged, merged_so_far = _some_merged(detail.merged, after=values.get("merged_after", ""))
    of_shown = {None, *(each.id for each in merged)}
    return render_template(
        "console/issue.html",
        issue=detail.issue,
        release_counts=detail.release_counts[:_SHOWN_RELEASES],
        events=detail.events,
        event=event and event_in_words(event, is_whole=is_whole),
        is_event_gone=bool(wanted) and (event is None or str(event.id) != wanted),
        is_whole=is_whole,
        users_count=len(_users(detail.events)),
        feedback=detail.feedback[:_SHOWN_FEEDBACK],
        feedback_count=len(detail.feedback),
        is_more_feedback=len(detail.feedback) == issues.NEWEST_FEEDBACK,
        history=history_in_words(detail),
        merged=merged,
        merged_so_far=merged_so_far,
        grounds=[each for each in grounds_in_words(detail) if each.of_issue in of_shown],
    )


@blueprint.post("/projects/<project>/issues/<issue>/status/<status>")
@page
def move_issue(project: str, issue: str, status: str) -> ResponseReturnValue:
    project_id, issue_id = project_for(Role.MEMBER, project), row_id(issue)
    if status not in list(IssueStatus):
        raise NotFound("There is no such status.")
    moved = IssueStatus(status)
    issues.set_status(project_id, issue_id, status=moved, actor=current_user.email, now=now())
    flash(_DONE[moved], "good")
    return redirect(url_for(".read_issue", project=project_id, issue=issue_id))


@blueprint.route("/projects/<project>/issues/<issue>/delete", methods=["GET", "POST"])
@page
def delete_issue(project: str, issue: str) -> ResponseReturnValue:
    """Asks first."""
    project_id, issue_id = project_for(Role.MEMBER, project), row_id(issue)
    if ConsoleForm().validate_on_submit():
        issues.remove(project_id, issue_id, actor=current_user.email, now=now())
        flash("The issue is deleted, with its events.", "good")
        return redirect(url_for(".list_issues", project=project_id))
    detail = issues.read(project_id, issue_id)
    return render_template("console/delete_issue.html", issue=detail.issue)


def _tab(wanted: str) -> str:
    """Open where nothing else is wanted, or nothing that there is."""
    return wanted if wanted in (*IssueStatus, _ALL) else IssueStatus.OPEN.value


def _chosen_event(events: list[EventRow], wanted: str | None) -> EventRow | None:
    newest = events[0] if events else None
    return next((event for event in events if str(event.id) == wanted), newest)


def _some_merged(
    merged: list[MergedIssueRow], *, after: str
) -> tuple[list[MergedIssueRow], int | None]:
    """Those behind the one with the id `after`; the id of the last, if there are more."""
    known = [str(each.id) for each in merged]
    left = merged[known.index(after) + 1 :] if after in known else merged
    shown = left[:_SHOWN_MERGED]
    return shown, shown[-1].id if len(left) > len(shown) else None


def _users(events: list[EventRow]) -> set[str]:
    named = (event.content.get("user_id_anon") for event in events)
    return {str(user_id) for user_id in named if user_id}

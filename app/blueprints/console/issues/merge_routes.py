"""Several issues made one, and taken apart again; works without scripts."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.domain.roles import Role
from app.extensions import now
from app.services import issues
from app.services.errors import Invalid
from app.services.issues.issues import IssueRow
from app.web.incoming import row_id
from app.web.openapi import page

# More than a page shows.
_MAX_SELECTED = 100


@blueprint.get("/projects/<project>/issues/merge")
@page
def choose_kept_issue(project: str) -> ResponseReturnValue:
    """Asks which one is kept; `issue` are the ids, as often as there are."""
    project_id = project_for(Role.MEMBER, project)
    ids = dict.fromkeys(map(row_id, request.args.getlist("issue")[:_MAX_SELECTED]))
    # Those that are merged by now are shown as what they are merged into.
    rows = {row.id: row for row in (issues.read_row(project_id, each) for each in ids)}
    if len(rows) < 2:
        flash("Select two issues or more to merge them.")
        return redirect(url_for(".list_issues", project=project_id))
    return render_template(
        "console/merge_issues.html", rows=sorted(rows.values(), key=_most_known_first)
    )


@blueprint.post("/projects/<project>/issues/merge")
@page
def merge_issues(project: str) -> ResponseReturnValue:
    """`keep` is the id of the one that is kept."""
    project_id = project_for(Role.MEMBER, project)
    ids = list(dict.fromkeys(map(row_id, request.form.getlist("issue")[: _MAX_SELECTED + 1])))
    keep = row_id(request.form.get("keep", ""))
    others = [each for each in ids if each != keep]
    try:
        issues.merge(project_id, keep, others, actor=current_user.email, now=now())
    except Invalid as refusal:
        flash(f"Nothing was merged. {refusal}")
        return redirect(url_for(".list_issues", project=project_id))
    flash("Merged. New events of all of them come here; below, each can be taken out.", "good")
    return redirect(url_for(".read_issue", project=project_id, issue=keep))


@blueprint.post("/projects/<project>/issues/<issue>/take-apart")
@page
def take_issue_apart(project: str, issue: str) -> ResponseReturnValue:
    """`part` is the id of one to take out; without it, all that was merged into the issue."""
    project_id, issue_id = project_for(Role.MEMBER, project), row_id(issue)
    parts = [row_id(each) for each in request.form.getlist("part")[:_MAX_SELECTED]]
    try:
        done = issues.take_apart(
            project_id, issue_id, parts or None, actor=current_user.email, now=now()
        )
    except Invalid as refusal:
        flash(f"Nothing was taken out. {refusal}")
    else:
        told = ", ".join(f"#{row.id}" for row in done.taken_out)
        flash(f"Taken out, each with its own events: {told}." if told else "There was nothing.")
    return redirect(url_for(".read_issue", project=project_id, issue=issue_id))


def _most_known_first(row: IssueRow) -> tuple[int, int]:
    return (-row.events_count, row.id)

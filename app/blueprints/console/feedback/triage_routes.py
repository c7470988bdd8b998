"""What is done to feedback from the console: moved, moved back, deleted; one piece or several.

The form of the inbox and that of a feedback's own page are the same form; a field tells where to go
back to. What is asked of the inbox stays in the address, so that the way back leads to it.
"""

from typing import NoReturn

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from marshmallow import ValidationError

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.feedback.inbox_query import inbox_query
from app.blueprints.console.feedback.inbox_routes import inbox_address
from app.domain.feedback_status import FeedbackStatus
from app.domain.roles import Role
from app.extensions import now
from app.services.feedback import moves as feedback_moves
from app.services.feedback import triage
from app.web.incoming import row_id
from app.web.openapi import page

# More than a page shows.
_MAX_SELECTED = 100
_DELETE = "delete"
_DONE = {
    FeedbackStatus.OPEN: "reopened",
    FeedbackStatus.HANDLED: "handled",
    FeedbackStatus.ARCHIVED: "archived",
}


@blueprint.post("/projects/<project>/inbox")
@page
def act_on_feedback(project: str) -> ResponseReturnValue:
    """`do` is a status or `delete`; `feedback` are the ids, as often as there are."""
    project_id = project_for(Role.MEMBER, project)
    selected, deed = _selected(), request.form.get("do", "")
    if not selected:
        flash("Nothing was selected, so nothing was done.")
        return redirect(_way_back(project_id))
    if deed == _DELETE:
        return _delete(project_id, selected)
    if deed not in list(FeedbackStatus):
        _refuse("do", "This is nothing that can be done to feedback.")
    status = FeedbackStatus(deed)
    batch = feedback_moves.move(
        project_id, selected, status=status, actor=current_user.email, now=now()
    )
    if batch is None:
        flash(f"Nothing changed: somebody has {_DONE[status]} or deleted it already.")
    else:
        session["undo"] = {
            "project": project_id,
            "words": f"{batch.count:,} {_DONE[status]}.",
            "first": batch.first_entry,
            "last": batch.last_entry,
        }
    return redirect(_way_back(project_id))


@blueprint.post("/projects/<project>/inbox/undo")
@page
def undo(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.MEMBER, project)
    count = feedback_moves.undo(
        project_id,
        first_entry=row_id(request.form.get("first", "")),
        last_entry=row_id(request.form.get("last", "")),
        actor=current_user.email,
        now=now(),
    )
    if count:
        flash(f"Undone: {count:,} moved back.", "good")
    else:
        flash("There is nothing to undo: it is too long ago, or was changed since.")
    return redirect(_way_back(project_id))


def _delete(project_id: int, selected: list[int]) -> ResponseReturnValue:
    """Asks first, unless the page has asked already: what is deleted stays deleted."""
    if request.form.get("confirmed") != "yes":
        return render_template(
            "console/delete_feedback.html",
            rows=triage.read_several(project_id, selected),
            query=inbox_query(),
            back=_way_back(project_id),
        )
    count = feedback_moves.remove(project_id, selected, actor=current_user.email, now=now())
    flash(f"{count:,} deleted for good.", "good")
    return redirect(inbox_address(project_id, inbox_query()))


def _selected() -> list[int]:
    """Raises NotFound for what is no id, and ValidationError for more than a page has."""
    ids = request.form.getlist("feedback")
    if len(ids) > _MAX_SELECTED:
        _refuse("feedback", f"At most {_MAX_SELECTED} can be selected at a time.")
    return [row_id(each) for each in dict.fromkeys(ids)]


def _way_back(project_id: int) -> str:
    """To the inbox as it was, or to the feedback's own page."""
    query = inbox_query()
    if own_page := request.form.get("page"):
        values = query.values()
        return url_for(".read_feedback", project=project_id, feedback=row_id(own_page), **values)
    return inbox_address(project_id, query)


def _refuse(field: str, message: str) -> NoReturn:
    raise ValidationError({field: [message]})

"""Feedback triage: list, move, delete."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.auth import identify_account, own_project
from app.blueprints.dashboard.schemas import (
    FeedbackQuerySchema,
    FeedbackRowSchema,
    StatusSchema,
)
from app.domain.feedback_status import FeedbackStatus
from app.extensions import now
from app.incoming import json_body, query_values, refuse_large_body, row_id
from app.services import feedback

blueprint = Blueprint("dashboard", __name__, url_prefix="/api", cli_group=None)

_feedback_query_schema = FeedbackQuerySchema()
_status_schema = StatusSchema()
_feedback_row_schema = FeedbackRowSchema()


@blueprint.before_request
def admit() -> None:
    """Body limit, then who; each view asks for the project it is about."""
    refuse_large_body()
    identify_account()


@blueprint.get("/projects/<project>/feedback")
def list_feedback(project: str) -> ResponseReturnValue:
    """The newest feedback; archived hidden unless asked for. `Link: rel="next"` pages on."""
    project_id = own_project(project)
    query = _feedback_query_schema.load(query_values())
    page = feedback.list_page(
        project_id,
        limit=query["limit"],
        include_archived=query["include"] == "all",
        status=FeedbackStatus(query["status"]) if query["status"] else None,
        words=tuple((query["q"] or "").split()),
        since=query["since"],
        before=query["before"],
    )
    headers = {}
    if page.next_before is not None:
        kept = {k: v for k, v in query_values().items() if k in _feedback_query_schema.fields}
        narrowed = kept | {"before": str(page.next_before)}
        next_url = url_for(".list_feedback", project=project_id, _external=True, **narrowed)
        headers["Link"] = f'<{next_url}>; rel="next"'
    return {"feedback": _feedback_row_schema.dump(page.rows, many=True)}, headers


@blueprint.patch("/projects/<project>/feedback/<feedback_id>")
def set_feedback_status(project: str, feedback_id: str) -> ResponseReturnValue:
    """Open, handled or archived."""
    project_id = own_project(project)
    status = FeedbackStatus(_status_schema.load(json_body())["status"])
    row = feedback.set_status(project_id, row_id(feedback_id), status=status, now=now())
    return {"feedback": _feedback_row_schema.dump(row)}


@blueprint.delete("/projects/<project>/feedback/<feedback_id>")
def delete_feedback(project: str, feedback_id: str) -> ResponseReturnValue:
    """For good."""
    feedback.remove(own_project(project), row_id(feedback_id))
    return {"deleted": True}

"""Feedback triage: list, move, delete (contract section 4.1)."""

from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint, next_page
from app.blueprints.dashboard.feedback.schemas import (
    ChangedFeedbackSchema,
    FeedbackPageSchema,
    FeedbackQuerySchema,
    FeedbackRowSchema,
    FeedbackStatusSchema,
)
from app.blueprints.dashboard.schemas import DeletedSchema
from app.domain.feedback_status import FeedbackStatus
from app.domain.roles import Role
from app.domain.search_text import words_of
from app.extensions import now
from app.services.feedback import triage
from app.web.incoming import json_body, query_values, row_id
from app.web.openapi import documented

_query_schema = FeedbackQuerySchema()
_status_schema = FeedbackStatusSchema()
_row_schema = FeedbackRowSchema()


@blueprint.get("/projects/<project>/feedback")
@documented(query=FeedbackQuerySchema, answers={200: FeedbackPageSchema})
def list_feedback(project: str) -> ResponseReturnValue:
    """List the newest feedback; archived hidden unless asked for. `Link: rel="next"` pages on."""
    project_id = project_for(Role.VIEWER, project)
    query = _query_schema.load(query_values())
    page = triage.list_page(
        project_id,
        limit=query["limit"],
        include_archived=query["include"] == "all",
        status=FeedbackStatus(query["status"]) if query["status"] else None,
        words=words_of(query["q"] or ""),
        since=query["since"],
        before=query["before"],
    )
    cursor = None if page.next_before is None else str(page.next_before)
    link = next_page(".list_feedback", _query_schema, before=cursor, project=project_id)
    return {"feedback": _row_schema.dump(page.rows, many=True)}, link


@blueprint.patch("/projects/<project>/feedback/<feedback_id>")
@documented(body=FeedbackStatusSchema, answers={200: ChangedFeedbackSchema}, refuses=(403,))
def set_feedback_status(project: str, feedback_id: str) -> ResponseReturnValue:
    """Open, handle or archive a piece of feedback."""
    project_id = project_for(Role.MEMBER, project)
    status = FeedbackStatus(_status_schema.load(json_body())["status"])
    row = triage.set_status(
        project_id, row_id(feedback_id), status=status, actor=actor(), now=now()
    )
    return {"feedback": _row_schema.dump(row)}


@blueprint.delete("/projects/<project>/feedback/<feedback_id>")
@documented(answers={200: DeletedSchema}, refuses=(403,))
def delete_feedback(project: str, feedback_id: str) -> ResponseReturnValue:
    """Delete a piece of feedback for good."""
    project_id = project_for(Role.MEMBER, project)
    triage.remove(project_id, row_id(feedback_id), actor=actor(), now=now())
    return {"deleted": True}

"""Issues: list, read, move, merge, delete (contract section 4.5)."""

from collections.abc import Iterable
from typing import Any

from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint, next_page
from app.blueprints.dashboard.feedback.schemas import FeedbackRowSchema
from app.blueprints.dashboard.issues.schemas import (
    ChangedIssueSchema,
    EventRowSchema,
    GroundsSchema,
    IssueDetailSchema,
    IssueIdsSchema,
    IssuePageSchema,
    IssueQuerySchema,
    IssueRowSchema,
    IssueStatusSchema,
    MergedIssueSchema,
    TakenApartSchema,
    TakenOutIdsSchema,
)
from app.blueprints.dashboard.schemas import DeletedSchema
from app.domain.grouping.grounds import in_words
from app.domain.issue_cursor import write_issue_cursor
from app.domain.issue_status import IssueStatus
from app.domain.roles import Role
from app.extensions import now
from app.services import issues
from app.services.issues.why import IssueGrounds
from app.web.incoming import json_body, query_values, row_id
from app.web.openapi import documented

_query_schema = IssueQuerySchema()
_status_schema = IssueStatusSchema()
_row_schema = IssueRowSchema()
_event_schema = EventRowSchema()
_feedback_schema = FeedbackRowSchema()
_merged_schema = MergedIssueSchema()
_grounds_schema = GroundsSchema()
_ids_schema = IssueIdsSchema()
_taken_out_schema = TakenOutIdsSchema()


@blueprint.get("/projects/<project>/issues")
@documented(query=IssueQuerySchema, answers={200: IssuePageSchema})
def list_issues(project: str) -> ResponseReturnValue:
    """List the issues seen last; `Link: rel="next"` pages on."""
    project_id = project_for(Role.VIEWER, project)
    query = _query_schema.load(query_values())
    page = issues.list_page(
        project_id,
        limit=query["limit"],
        status=IssueStatus(query["status"]) if query["status"] else None,
        before=query["before"],
    )
    cursor = None if page.next_before is None else write_issue_cursor(page.next_before)
    link = next_page(".list_issues", _query_schema, before=cursor, project=project_id)
    return {"issues": _row_schema.dump(page.rows, many=True)}, link


@blueprint.get("/projects/<project>/issues/<issue>")
@documented(answers={200: IssueDetailSchema})
def read_issue(project: str, issue: str) -> ResponseReturnValue:
    """Show an issue with its newest events and its feedback, and why its events are one.

    Of an issue that is merged into another, that other one is shown.
    """
    detail = issues.read(project_for(Role.VIEWER, project), row_id(issue))
    return {
        "issue": _row_schema.dump(detail.issue),
        "events": _event_schema.dump(detail.events, many=True),
        "feedback": _feedback_schema.dump(detail.feedback, many=True),
        "merged": _merged_schema.dump(detail.merged, many=True),
        "grounds": _grounds_schema.dump(_grounds(detail.grounds), many=True),
    }


@blueprint.patch("/projects/<project>/issues/<issue>")
@documented(body=IssueStatusSchema, answers={200: ChangedIssueSchema}, refuses=(403,))
def set_issue_status(project: str, issue: str) -> ResponseReturnValue:
    """Open, resolve or ignore an issue; a new event opens a resolved one again."""
    project_id = project_for(Role.MEMBER, project)
    status = IssueStatus(_status_schema.load(json_body())["status"])
    row = issues.set_status(project_id, row_id(issue), status=status, actor=actor(), now=now())
    return {"issue": _row_schema.dump(row)}


@blueprint.post("/projects/<project>/issues/<issue>/merge")
@documented(body=IssueIdsSchema, answers={200: ChangedIssueSchema}, refuses=(403,))
def merge_issues(project: str, issue: str) -> ResponseReturnValue:
    """Merge other issues into this one, which keeps its status.

    New events of theirs come to this one. `take-apart` gives each its own back.
    """
    project_id = project_for(Role.MEMBER, project)
    ids = _ids_schema.load(json_body())["ids"]
    row = issues.merge(project_id, row_id(issue), ids, actor=actor(), now=now())
    return {"issue": _row_schema.dump(row)}


@blueprint.post("/projects/<project>/issues/<issue>/take-apart")
@documented(body=TakenOutIdsSchema, answers={200: TakenApartSchema}, refuses=(403,))
def take_issue_apart(project: str, issue: str) -> ResponseReturnValue:
    """Take issues out of the one that they are merged into.

    Each gets its own events, also those that came meanwhile, and the status that it had.
    """
    project_id = project_for(Role.MEMBER, project)
    ids = _taken_out_schema.load(json_body())["ids"]
    done = issues.take_apart(project_id, row_id(issue), ids, actor=actor(), now=now())
    return {
        "issue": _row_schema.dump(done.issue),
        "taken_out": _row_schema.dump(done.taken_out, many=True),
    }


@blueprint.delete("/projects/<project>/issues/<issue>")
@documented(answers={200: DeletedSchema}, refuses=(403,))
def delete_issue(project: str, issue: str) -> ResponseReturnValue:
    """Delete an issue for good, with what is merged into it, and their events; feedback stays."""
    project_id = project_for(Role.MEMBER, project)
    issues.remove(project_id, row_id(issue), actor=actor(), now=now())
    return {"deleted": True}


def _grounds(of_issues: Iterable[IssueGrounds]) -> list[dict[str, Any]]:
    return [
        {"issue_id": each.issue_id, **told, "text": in_words(told)}
        for each in of_issues
        for told in each.told
    ]

"""What a team decides about an issue: its status, or that it goes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from app.database import write_transaction
from app.domain.audit_action import ISSUE_MOVED, AuditAction
from app.domain.issue_status import IssueStatus
from app.models import Issue, Project
from app.services import audit
from app.services.errors import Invalid, NotFound
from app.services.issues.issues import IssueRow, row_of


def set_status(
    project_id: int, issue_id: int, *, status: IssueStatus, actor: str | None, now: datetime
) -> IssueRow:
    """Raises NotFound, and Invalid for one that is merged; audited only when the status changes."""
    deed = ISSUE_MOVED[status]
    values: dict[str, Any] = {"status": status}
    if status is IssueStatus.RESOLVED:
        values["resolved_at"] = now
    with write_transaction() as connection:
        moved = connection.execute(
            update(Issue)
            .where(Issue.id == issue_id, Issue.project_id == project_id, Issue.status != status)
            .where(Issue.merged_into_id.is_(None))
            .values(values)
            .returning(Issue.id)
        ).scalar()
        if moved is not None:
            audit.record(connection, project_id, deed, actor=actor, now=now, target_id=issue_id)
        else:
            _refuse_merged(connection, project_id, issue_id)
        return row_of(connection, project_id, issue_id)


def remove(project_id: int, issue_id: int, *, actor: str | None, now: datetime) -> None:
    """Delete with all that is merged into it and all events; feedback stays, unlinked.

    Raises NotFound, and Invalid for one that is merged into another.
    """
    deed = AuditAction.ISSUE_DELETED
    with write_transaction() as connection:
        # Nobody merges anything into it meanwhile; events may come.
        turn = select(Project.id).where(Project.id == project_id).with_for_update(key_share=True)
        connection.execute(turn)
        _refuse_merged(connection, project_id, issue_id)
        theirs = Issue.project_id == project_id
        # Before what they are merged into, as events lock them.
        connection.execute(delete(Issue).where(theirs, Issue.shown_in_id == issue_id))
        deleted = connection.execute(
            delete(Issue).where(theirs, Issue.id == issue_id).returning(Issue.id)
        ).scalar()
        if deleted is None:
            raise NotFound("There is no such issue in this project.")
        audit.record(connection, project_id, deed, actor=actor, now=now, target_id=issue_id)


def _refuse_merged(connection: Connection, project_id: int, issue_id: int) -> None:
    """What is decided about one is decided about all that is shown with it: by its own number."""
    query = select(Issue.shown_in_id).where(Issue.id == issue_id, Issue.project_id == project_id)
    if (shown_in := connection.execute(query).scalar()) is not None:
        raise Invalid(
            "issue",
            f"Issue {issue_id} is merged into issue {shown_in}: decide about that one, or take this"
            " one out of it first.",
        )

"""What a team decides about an issue: its status, or that it goes."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from app.database import write_transaction
from app.domain.audit_action import ISSUE_MOVED, AuditAction
from app.domain.issue_status import IssueStatus
from app.models import Issue
from app.services import audit
from app.services.errors import NotFound
from app.services.issues.issues import IssueRow, row_of


def set_status(
    project_id: int, issue_id: int, *, status: IssueStatus, actor: str | None, now: datetime
) -> IssueRow:
    """Raises NotFound; audited only when the status changes."""
    deed = ISSUE_MOVED[status]
    values: dict[str, Any] = {"status": status}
    if status is IssueStatus.RESOLVED:
        values["resolved_at"] = now
    with write_transaction() as connection:
        moved = connection.execute(
            update(Issue)
            .where(Issue.id == issue_id, Issue.project_id == project_id, Issue.status != status)
            .values(values)
            .returning(Issue.id)
        ).scalar()
        if moved is not None:
            audit.record(connection, project_id, deed, actor=actor, now=now, target_id=issue_id)
        return row_of(connection, project_id, issue_id)


def remove(project_id: int, issue_id: int, *, actor: str | None, now: datetime) -> None:
    """Delete with all events; feedback stays, unlinked. Raises NotFound."""
    deed = AuditAction.ISSUE_DELETED
    with write_transaction() as connection:
        deleted = connection.execute(
            delete(Issue)
            .where(Issue.id == issue_id, Issue.project_id == project_id)
            .returning(Issue.id)
        ).scalar()
        if deleted is None:
            raise NotFound("There is no such issue in this project.")
        audit.record(connection, project_id, deed, actor=actor, now=now, target_id=issue_id)

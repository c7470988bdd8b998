"""One piece of feedback with all that helps to understand it, of one moment."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.database import read_transaction, snapshot
from app.domain.audit_action import FEEDBACK_MOVED
from app.models import Feedback
from app.models.events import shown_with
from app.services import audit, issues
from app.services.audit import AuditRow
from app.services.errors import NotFound
from app.services.feedback import triage
from app.services.feedback.fields import ROW, FeedbackRow
from app.services.issues.issues import EventRow, IssueRow
from app.services.releases import past_health
from app.services.releases.past_health import PastHealth

NEWEST_DEEDS = 20
OTHERS_SHOWN = 5
_DEEDS = tuple(FEEDBACK_MOVED.values())


@dataclass(frozen=True, kw_only=True)
class FeedbackDetail:
    """`event` is None also when it was purged; `others` are the newest of the same issue, and
    `history` is what was done to the feedback, newest first. `details` is what came beside it, and
    `names_event` whether it is about an event that may not have come."""

    feedback: FeedbackRow
    details: dict[str, Any] | None
    names_event: bool
    event: EventRow | None
    issue: IssueRow | None
    health: PastHealth | None
    others: list[FeedbackRow]
    has_more_others: bool
    history: list[AuditRow]


def read(project_id: int, feedback_id: int, *, now: datetime) -> FeedbackDetail:
    """Raises NotFound."""
    beside = (Feedback.event_release, Feedback.details, Feedback.sentry_event_ref)
    query = select(*ROW, *beside).where(
        Feedback.id == feedback_id, Feedback.project_id == project_id
    )
    with snapshot(), read_transaction() as connection:
        found = connection.execute(query).one_or_none()
        if found is None:
            raise NotFound("There is no such feedback in this project.")
        values = found._asdict()
        release = values.pop("event_release") or values["app_version"]
        details, event_ref = values.pop("details"), values.pop("sentry_event_ref")
        row = FeedbackRow(**values)
        day = row.created_at.astimezone(UTC).date()
        others = []
        if row.issue_id is not None:
            others = triage.newest_where(
                connection,
                Feedback.issue_id.in_(shown_with(row.issue_id)) & (Feedback.id != row.id),
                OTHERS_SHOWN + 1,
            )
        return FeedbackDetail(
            feedback=row,
            details=details,
            names_event=event_ref is not None,
            event=issues.read_event(project_id, row.event_id) if row.event_id else None,
            issue=issues.read_row(project_id, row.issue_id) if row.issue_id else None,
            health=(
                past_health.around(project_id, release, day=day, today=now.date())
                if release
                else None
            ),
            others=others[:OTHERS_SHOWN],
            has_more_others=len(others) > OTHERS_SHOWN,
            history=audit.newest_of_target(
                connection, project_id, row.id, actions=_DEEDS, limit=NEWEST_DEEDS
            ),
        )

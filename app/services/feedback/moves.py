"""Feedback moved between the tabs, several at a time, and what undoes it.

Each move writes into the audit where a piece of feedback was before, in its own transaction. So an
undo needs nothing but the audit: no client remembers for us, and none can make up what was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from app.database import write_transaction
from app.domain import tokens
from app.domain.audit_action import FEEDBACK_MOVED, AuditAction
from app.domain.feedback_status import FeedbackStatus
from app.models import AuditEntry, Feedback
from app.services import audit

# Longer than any page offers it, for those who read or click slowly; what it undoes is only what
# nobody has touched since.
UNDO_WITHIN = timedelta(minutes=5)

_RESTORE = (
    update(Feedback)
    .where(Feedback.id == bindparam("feedback_id"))
    .values(status=bindparam("old_status"), handled_at=bindparam("old_handled_at"))
)


@dataclass(frozen=True)
class Batch:
    """One move of several: how many moved, and the audit's entries about them, in a row."""

    count: int
    first_entry: int
    last_entry: int


def move(
    project_id: int,
    feedback_ids: Sequence[int],
    *,
    status: FeedbackStatus,
    actor: str | None,
    now: datetime,
) -> Batch | None:
    """Move what is there and is not there yet; None when that is nothing."""
    with write_transaction() as connection:
        entries = move_in(connection, project_id, feedback_ids, status=status, actor=actor, now=now)
    return Batch(len(entries), min(entries), max(entries)) if entries else None


def move_in(
    connection: Connection,
    project_id: int,
    feedback_ids: Sequence[int],
    *,
    status: FeedbackStatus,
    actor: str | None,
    now: datetime,
) -> list[int]:
    """Move what is there and is not there yet, in the caller's transaction.

    Returns the ids of the audit's entries, one for each that moved.
    """
    moved = [
        row for row in _locked(connection, project_id, feedback_ids) if row.status != status.value
    ]
    if not moved:
        return []
    connection.execute(
        update(Feedback)
        .where(Feedback.id.in_([row.id for row in moved]))
        .values(status=status, handled_at=now if status is FeedbackStatus.HANDLED else None)
    )
    details = {
        row.id: {
            "from": row.status,
            **({"handled_at": row.handled_at.isoformat()} if row.handled_at else {}),
        }
        for row in moved
    }
    return audit.record_each(
        connection, project_id, FEEDBACK_MOVED[status], details, actor=actor, now=now
    )


def undo(
    project_id: int, *, first_entry: int, last_entry: int, actor: str | None, now: datetime
) -> int:
    """Take the actor's own move back; how much was, which is 0 when it is too late.

    What anybody moved again, or deleted, since then stays as it is now.
    """
    with write_transaction() as connection:
        entries = _entries(connection, project_id, first_entry, last_entry, actor)
        if not entries or entries[0].created_at < now - UNDO_WITHIN:
            return 0
        targets = [row.target_id for row in entries]
        there = {row.id for row in _locked(connection, project_id, targets)}
        untouched = there - _moved_after(connection, project_id, last_entry, there)
        restored = [row for row in entries if row.target_id in untouched]
        if not restored:
            return 0
        connection.execute(_RESTORE, [_before(row) for row in restored])
        for status in FeedbackStatus:
            details = {
                row.target_id: {"from": _STATUS_AFTER[row.action]}
                for row in restored
                if row.detail["from"] == status
            }
            if details:
                deed = FEEDBACK_MOVED[status]
                audit.record_each(connection, project_id, deed, details, actor=actor, now=now)
    return len(restored)


def remove(
    project_id: int, feedback_ids: Sequence[int], *, actor: str | None, now: datetime
) -> int:
    """Delete for good; how many were there."""
    deed = AuditAction.FEEDBACK_DELETED
    with write_transaction() as connection:
        gone = [row.id for row in _locked(connection, project_id, feedback_ids)]
        if gone:
            connection.execute(delete(Feedback).where(Feedback.id.in_(gone)))
            details: dict[int, dict[str, object]] = {feedback_id: {} for feedback_id in gone}
            audit.record_each(connection, project_id, deed, details, actor=actor, now=now)
    return len(gone)


_STATUS_AFTER = {action.value: status.value for status, action in FEEDBACK_MOVED.items()}
_MOVES = tuple(action.value for action in FEEDBACK_MOVED.values())


def _locked(
    connection: Connection, project_id: int, feedback_ids: Sequence[int]
) -> list[Row[int, str, datetime | None]]:
    """By rising id: two transactions that meet on several rows must not cross."""
    return list(
        connection.execute(
            select(Feedback.id, Feedback.status, Feedback.handled_at)
            .where(Feedback.project_id == project_id, Feedback.id.in_(feedback_ids))
            .order_by(Feedback.id)
            .with_for_update()
        )
    )


def _entries(
    connection: Connection, project_id: int, first: int, last: int, actor: str | None
) -> list[Row[*tuple[Any, ...]]]:
    """Those of one move: others may have written entries in between."""
    one = select(AuditEntry.created_at).where(AuditEntry.id == first).scalar_subquery()
    return list(
        connection.execute(
            select(
                AuditEntry.target_id, AuditEntry.action, AuditEntry.detail, AuditEntry.created_at
            ).where(
                AuditEntry.project_id == project_id,
                AuditEntry.id.between(first, last),
                AuditEntry.actor == tokens.without_secrets(actor),
                AuditEntry.created_at == one,
                AuditEntry.action.in_(_MOVES),
            )
        )
    )


def _moved_after(
    connection: Connection, project_id: int, last_entry: int, feedback_ids: set[int]
) -> set[int]:
    """Whoever moves a row holds its lock, so an entry about a later move has a higher id."""
    later = connection.execute(
        select(AuditEntry.target_id).where(
            AuditEntry.project_id == project_id,
            AuditEntry.id > last_entry,
            AuditEntry.action.in_(_MOVES),
            AuditEntry.target_id.in_(feedback_ids),
        )
    )
    return {target_id for target_id in later.scalars() if target_id is not None}


def _before(entry: Row[*tuple[Any, ...]]) -> dict[str, object]:
    handled_at = entry.detail.get("handled_at")
    return {
        "feedback_id": entry.target_id,
        "old_status": entry.detail["from"],
        "old_handled_at": datetime.fromisoformat(handled_at) if handled_at else None,
    }

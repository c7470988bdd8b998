"""Who did what in a project, and when: written in the transaction of the deed, never changed.

An entry that is written beside its deed can be missing, or tell of what never happened; so
`record` takes the deed's own connection. Details hold names, roles and addresses of people who
use the dashboard; never a message, and never a token or its digest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from app.database import read_transaction
from app.domain import tokens
from app.domain.audit_action import AuditAction
from app.models import AuditEntry
from app.models.columns import columns_of


@dataclass(frozen=True)
class AuditRow:
    """`actor` is an address as it was then, None for the instance's shell; `target_id` is the
    feedback, issue, account or invitation, None for the project itself."""

    id: int
    actor: str | None
    action: str
    target_id: int | None
    detail: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class AuditPage:
    """Newest first; `next_before` is the cursor of the next page, None on the last one."""

    rows: list[AuditRow]
    next_before: int | None


_ROW = columns_of(AuditRow, AuditEntry)


def record(
    connection: Connection,
    project_id: int,
    action: AuditAction,
    *,
    actor: str | None,
    now: datetime,
    target_id: int | None = None,
    **detail: object,
) -> None:
    entry = _values(project_id, action, target_id, detail, actor=actor, now=now)
    connection.execute(insert(AuditEntry), entry)


def record_each(
    connection: Connection,
    project_id: int,
    action: AuditAction,
    details: Mapping[int, Mapping[str, object]],
    *,
    actor: str | None,
    now: datetime,
) -> list[int]:
    """One entry a target, by its id: a deed done to several is told as if done one by one.

    Returns the entries' ids.
    """
    entries = [
        _values(project_id, action, target_id, detail, actor=actor, now=now)
        for target_id, detail in details.items()
    ]
    return list(connection.execute(insert(AuditEntry).returning(AuditEntry.id), entries).scalars())


def list_page(project_id: int, *, limit: int, before: int | None = None) -> AuditPage:
    query = select(*_ROW).where(AuditEntry.project_id == project_id)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    query = query.order_by(AuditEntry.id.desc()).limit(limit + 1)
    with read_transaction() as connection:
        rows = [AuditRow(**row._asdict()) for row in connection.execute(query)]
    has_more = len(rows) > limit
    return AuditPage(rows=rows[:limit], next_before=rows[limit - 1].id if has_more else None)


def newest_of_target(
    connection: Connection,
    project_id: int,
    target_id: int,
    *,
    actions: Sequence[AuditAction],
    limit: int,
) -> list[AuditRow]:
    """What was done to one thing, newest first; `actions` tell what kind of thing the id names."""
    return newest_of_targets(connection, project_id, [target_id], actions=actions, limit=limit)


def newest_of_targets(
    connection: Connection,
    project_id: int,
    target_ids: Sequence[int],
    *,
    actions: Sequence[AuditAction],
    limit: int,
) -> list[AuditRow]:
    """The same of several, together; asks nothing where there are none."""
    if not target_ids:
        return []
    query = (
        select(*_ROW)
        .where(
            AuditEntry.project_id == project_id,
            AuditEntry.target_id.in_(target_ids),
            AuditEntry.action.in_(actions),
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [AuditRow(**row._asdict()) for row in connection.execute(query)]


def _values(
    project_id: int,
    action: AuditAction,
    target_id: int | None,
    detail: Mapping[str, object],
    *,
    actor: str | None,
    now: datetime,
) -> dict[str, object]:
    return {
        "project_id": project_id,
        "actor": tokens.without_secrets(actor),
        "action": action,
        "target_id": target_id,
        # Somebody may have pasted a token where a name belongs, or an app sent it as its id.
        "detail": tokens.without_secrets(dict(detail)),
        "created_at": now,
    }

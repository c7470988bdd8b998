"""Feedback as a team reads it: listed, searched, moved, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from app.database import read_transaction, write_transaction
from app.domain.feedback_status import FeedbackStatus
from app.models import Feedback
from app.models.feedback import IS_IN_INBOX
from app.services.errors import NotFound
from app.services.feedback import moves as feedback_moves
from app.services.feedback import search as feedback_search
from app.services.feedback.fields import ROW, FeedbackRow


@dataclass(frozen=True)
class FeedbackPage:
    """Newest first; `next_before` is the cursor of the next page, None on the last one."""

    rows: list[FeedbackRow]
    next_before: int | None


def list_page(
    project_id: int,
    *,
    limit: int,
    include_archived: bool = False,
    status: FeedbackStatus | None = None,
    words: tuple[str, ...] = (),
    since: datetime | None = None,
    before: int | None = None,
) -> FeedbackPage:
    """One page of a project's feedback, newest first."""
    query = newest_query(
        project_id,
        limit=limit + 1,  # one more tells whether there is a next page
        include_archived=include_archived,
        status=status,
        words=words,
        since=since,
        before=before,
    )
    with read_transaction() as connection:
        rows = [FeedbackRow(**row._asdict()) for row in connection.execute(query)]
    has_more = len(rows) > limit
    return FeedbackPage(rows=rows[:limit], next_before=rows[limit - 1].id if has_more else None)


def count_open(project_ids: Sequence[int]) -> dict[int, int]:
    """How much feedback is open, by project; a project without any is missing."""
    query = (
        select(Feedback.project_id, func.count())
        .where(Feedback.project_id.in_(project_ids), Feedback.status == FeedbackStatus.OPEN)
        .group_by(Feedback.project_id)
    )
    with read_transaction() as connection:
        return {project_id: count for project_id, count in connection.execute(query)}


def newest_where(
    connection: Connection, condition: ColumnElement[bool], limit: int
) -> list[FeedbackRow]:
    """The newest feedback of which the condition holds, archived included."""
    query = select(*ROW).where(condition).order_by(Feedback.id.desc()).limit(limit)
    return [FeedbackRow(**row._asdict()) for row in connection.execute(query)]


def read_several(project_id: int, feedback_ids: Sequence[int]) -> list[FeedbackRow]:
    """Those that are there, newest first."""
    mine = (Feedback.project_id == project_id) & Feedback.id.in_(feedback_ids)
    with read_transaction() as connection:
        return newest_where(connection, mine, len(feedback_ids))


def of_release(project_id: int, release: str, *, limit: int) -> list[FeedbackRow]:
    """The newest feedback that came with a release: by its app version, or its event's release."""
    with read_transaction() as connection:
        found = [
            row
            for column in (Feedback.app_version, Feedback.event_release)
            for row in newest_where(
                connection, (Feedback.project_id == project_id) & (column == release), limit
            )
        ]
    newest_first = sorted({row.id: row for row in found}.items(), reverse=True)
    return [row for _, row in newest_first[:limit]]


def set_status(
    project_id: int,
    feedback_id: int,
    *,
    status: FeedbackStatus,
    actor: str | None,
    now: datetime,
) -> FeedbackRow:
    """Move one piece of feedback; handling it again keeps the first time. Raises NotFound.

    Audited only when it moves.
    """
    mine = (Feedback.id == feedback_id) & (Feedback.project_id == project_id)
    with write_transaction() as connection:
        feedback_moves.move_in(
            connection, project_id, [feedback_id], status=status, actor=actor, now=now
        )
        row = connection.execute(select(*ROW).where(mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such feedback in this project.")
    return FeedbackRow(**row._asdict())


def remove(project_id: int, feedback_id: int, *, actor: str | None, now: datetime) -> None:
    """Delete for good; raises NotFound."""
    if not feedback_moves.remove(project_id, [feedback_id], actor=actor, now=now):
        raise NotFound("There is no such feedback in this project.")


def newest_query(
    project_id: int,
    *,
    limit: int,
    include_archived: bool,
    status: FeedbackStatus | None,
    words: tuple[str, ...],
    since: datetime | None,
    before: int | None,
) -> Select[*tuple[Any, ...]]:
    """Ids rise with time, so the newest are the highest: an index serves the order and the cut."""
    found = feedback_search.with_words(project_id, words)
    query = select(*ROW).where(*found.conditions)
    if status is not None:
        query = query.where(Feedback.status == status)
    elif not include_archived:
        query = query.where(IS_IN_INBOX)
    if since is not None:
        query = query.where(Feedback.created_at >= since)
    if before is not None:
        query = query.where(found.id < before)
    return query.order_by(found.id.desc()).limit(limit)

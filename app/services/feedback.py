"""Feedback: submitted by an app's users, triaged by its team."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    delete,
    func,
    literal,
    null,
    select,
    update,
)

from app.database import insert_unless_exists, read_transaction, write_transaction
from app.domain.feedback_status import FeedbackStatus
from app.domain.scrubber import scrub
from app.models import Event, Feedback
from app.models.feedback import IS_IN_INBOX
from app.services.errors import NotFound

# Losing the race to insert and then finding the winner deleted or expired can happen once or
# twice; more means that something else is wrong.
_MAX_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a user wrote: trimmed, checked, not yet scrubbed."""

    message: str
    name: str | None = None
    email: str | None = None
    url: str | None = None
    app_version: str | None = None


@dataclass(frozen=True)
class StoredFeedback:
    id: int
    is_new: bool


@dataclass(frozen=True)
class FeedbackRow:
    """One row of the triage list, in the order of the wire contract."""

    id: int
    event_id: int | None
    issue_id: int | None
    name: str | None
    email: str | None
    message: str
    status: str
    handled_at: datetime | None
    url: str | None
    app_version: str | None
    created_at: datetime


@dataclass(frozen=True)
class FeedbackPage:
    """Newest first; `next_before` is the cursor of the next page, None on the last one."""

    rows: list[FeedbackRow]
    next_before: int | None


_ROW = (
    Feedback.id,
    Feedback.event_id,
    Feedback.issue_id,
    Feedback.name,
    Feedback.email,
    Feedback.message,
    Feedback.status,
    Feedback.handled_at,
    Feedback.url,
    Feedback.app_version,
    Feedback.created_at,
)


def submit(
    project_id: int,
    submission: Submission,
    *,
    address_hash: bytes,
    now: datetime,
    duplicate_window: timedelta,
    event_id: int | None = None,
) -> StoredFeedback:
    """Store one piece of feedback, scrubbed; sending it again is harmless.

    The same message from the same address, for the same event, within `duplicate_window` of the
    first is that first one. Raises NotFound when the project has no such event.
    """
    message = scrub(submission.message)
    values: dict[str, object] = {
        "project_id": project_id,
        "event_id": event_id,
        "issue_id": None,
        "event_release": None,
        "message": message,
        "name": submission.name,
        "email": submission.email,
        "url": submission.url,
        "app_version": submission.app_version,
        "status": FeedbackStatus.OPEN,
        "created_at": now,
        "address_hash": address_hash,
        "duplicate_key": _duplicate_key(project_id, address_hash, event_id, message),
    }
    with write_transaction() as connection:
        if event_id is not None:
            values |= _links_to_event(connection, project_id, event_id)
        return _store_once(connection, values, expired_before=now - duplicate_window)


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


def newest_where(
    connection: Connection, condition: ColumnElement[bool], limit: int
) -> list[FeedbackRow]:
    """The newest feedback of which the condition holds, archived included."""
    query = select(*_ROW).where(condition).order_by(Feedback.id.desc()).limit(limit)
    return [FeedbackRow(**row._asdict()) for row in connection.execute(query)]


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
    project_id: int, feedback_id: int, *, status: FeedbackStatus, now: datetime
) -> FeedbackRow:
    """Move one piece of feedback; handling it again keeps the first time. Raises NotFound."""
    already_handled = Feedback.status == FeedbackStatus.HANDLED
    handled_at = (
        case((already_handled, Feedback.handled_at), else_=literal(now, Feedback.handled_at.type))
        if status is FeedbackStatus.HANDLED
        else null()
    )
    with write_transaction() as connection:
        row = connection.execute(
            update(Feedback)
            .where(Feedback.id == feedback_id, Feedback.project_id == project_id)
            .values(status=status, handled_at=handled_at)
            .returning(*_ROW)
        ).one_or_none()
    if row is None:
        raise NotFound("There is no such feedback in this project.")
    return FeedbackRow(**row._asdict())


def remove(project_id: int, feedback_id: int) -> None:
    """Delete for good; raises NotFound."""
    with write_transaction() as connection:
        deleted = connection.execute(
            delete(Feedback)
            .where(Feedback.id == feedback_id, Feedback.project_id == project_id)
            .returning(Feedback.id)
        ).scalar()
    if deleted is None:
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
    query = select(*_ROW).where(Feedback.project_id == project_id)
    if status is not None:
        query = query.where(Feedback.status == status)
    elif not include_archived:
        query = query.where(IS_IN_INBOX)
    if since is not None:
        query = query.where(Feedback.created_at >= since)
    if before is not None:
        query = query.where(Feedback.id < before)
    if words:
        # One text a row, so that each word may be in a different field; no word spans two lines.
        searched = Feedback.message + "\n" + func.coalesce(Feedback.name, "")
        searched += "\n" + func.coalesce(Feedback.email, "")
        searched += "\n" + func.coalesce(Feedback.url, "")
        lowered = func.lower(searched)
        query = query.where(*(lowered.contains(word.lower(), autoescape=True) for word in words))
    return query.order_by(Feedback.id.desc()).limit(limit)


def _links_to_event(connection: Connection, project_id: int, event_id: int) -> dict[str, object]:
    # The lock keeps the event until the feedback that points to it is stored (PostgreSQL; on
    # SQLite the whole transaction already does).
    event = connection.execute(
        select(Event.issue_id, Event.release)
        .where(Event.id == event_id, Event.project_id == project_id)
        .with_for_update(read=True, key_share=True)
    ).one_or_none()
    if event is None:
        raise NotFound("There is no such event in this project.")
    return {"issue_id": event.issue_id, "event_release": event.release}


def _store_once(
    connection: Connection, values: dict[str, object], *, expired_before: datetime
) -> StoredFeedback:
    """Insert, and let the unique key decide: looking first and inserting then would race."""
    key = values["duplicate_key"]
    insert = insert_unless_exists(connection, Feedback, "duplicate_key")
    for _ in range(_MAX_ATTEMPTS):
        new_id = connection.execute(insert.returning(Feedback.id), values).scalar()
        if new_id is not None:
            return StoredFeedback(id=new_id, is_new=True)
        first = connection.execute(
            select(Feedback.id, Feedback.created_at).where(Feedback.duplicate_key == key)
        ).one_or_none()
        if first is None:  # deleted since the insert was refused
            continue
        if first.created_at > expired_before:
            return StoredFeedback(id=first.id, is_new=False)
        connection.execute(
            update(Feedback)
            .where(Feedback.id == first.id, Feedback.duplicate_key == key)
            .values(duplicate_key=None)
        )
    raise RuntimeError(f"feedback was neither stored nor found in {_MAX_ATTEMPTS} attempts")


def _duplicate_key(
    project_id: int, address_hash: bytes, event_id: int | None, message: str
) -> bytes:
    """Equal for what counts as the same feedback; 32 bytes."""
    scope = f"{project_id}/{event_id or ''}/".encode()
    return hashlib.sha256(scope + address_hash + message.encode()).digest()

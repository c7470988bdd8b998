"""The inbox: one tab of a project's feedback, narrowed, and how much each tab holds.

The API lists the same rows with fewer ways to narrow them (`app.services.feedback.triage`); what
counts as a match of words is written once, in `app.services.feedback.search`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from app.database import read_transaction, snapshot
from app.domain.feedback_status import FeedbackStatus
from app.models import Feedback, Issue
from app.models.events import shown_in, shown_with
from app.services.feedback import search as feedback_search
from app.services.feedback.fields import ROW, FeedbackRow
from app.services.feedback.inbox_survey import survey
from app.services.feedback.search import FoundFeedback


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """All of these must hold; `since` is part of the time that is asked for, `until` is not."""

    words: tuple[str, ...] = ()
    version: str | None = None
    has_email: bool = False
    has_event: bool = False
    since: datetime | None = None
    until: datetime | None = None
    issue_id: int | None = None


EVERYTHING = Narrowing()


@dataclass(frozen=True, kw_only=True)
class InboxRow(FeedbackRow):
    """With what its issue is called; None of both without an issue."""

    issue_type: str | None
    issue_message: str | None


@dataclass(frozen=True)
class InboxPage:
    """`counts` are of each status, under the same narrowing; `newest_id` is the project's, 0 when
    it has no feedback at all. All of one moment."""

    rows: list[InboxRow]
    next_before: int | None
    counts: dict[FeedbackStatus, int]
    newest_id: int


@dataclass(frozen=True)
class Neighbours:
    """The ids of the next newer and the next older feedback of a tab."""

    newer: int | None
    older: int | None


def read_page(
    project_id: int,
    *,
    status: FeedbackStatus | None,
    narrowing: Narrowing,
    limit: int,
    before: int | None = None,
) -> InboxPage:
    """Newest first; a status of None is the tab of all."""
    newest = select(func.max(Feedback.id)).where(Feedback.project_id == project_id)
    with snapshot(), read_transaction() as connection:
        if narrowing == EVERYTHING:
            counts = _count_all(connection, project_id)
            found = _found(project_id, narrowing, status=status)
            if before is not None:
                found = found.where(found.id < before)
            ids = _ids(connection, found, limit=limit + 1)
        else:
            found = _found(project_id, narrowing)
            if narrowing.since or narrowing.until:
                lowest, highest = _range_of_days(connection, project_id, narrowing)
                found = found.where(found.id >= lowest, found.id <= highest)
            surveyed = survey(connection, found, status=status, before=before, limit=limit + 1)
            counts, ids = surveyed.counts, surveyed.ids
        rows = _rows(connection, ids[:limit])
        newest_id = connection.execute(newest).scalar() or 0
    next_before = ids[limit - 1] if len(ids) > limit else None
    return InboxPage(rows, next_before, counts, newest_id)


def count_arrivals(project_id: int, narrowing: Narrowing, *, after: int) -> int:
    """How much open feedback came after the id, which was the newest then."""
    found = _found(project_id, narrowing, status=FeedbackStatus.OPEN)
    query = select(func.count()).select_from(Feedback).where(*found.conditions, found.id > after)
    with read_transaction() as connection:
        return int(connection.execute(query).scalar_one())


def neighbours(
    project_id: int, feedback_id: int, *, status: FeedbackStatus | None, narrowing: Narrowing
) -> Neighbours:
    """The feedback itself need not be in the tab: it may just have been moved out of it."""
    found = _found(project_id, narrowing, status=status)
    query = select(found.id).select_from(Feedback).where(*found.conditions).limit(1)
    newer = query.where(found.id > feedback_id).order_by(found.id)
    older = query.where(found.id < feedback_id).order_by(found.id.desc())
    with read_transaction() as connection:
        return Neighbours(connection.execute(newer).scalar(), connection.execute(older).scalar())


def _found(
    project_id: int, narrowing: Narrowing, *, status: FeedbackStatus | None = None
) -> FoundFeedback:
    found = feedback_search.with_words(project_id, narrowing.words)
    if status is not None:
        found = found.where(Feedback.status == status)
    if narrowing.version is not None:
        found = found.where(Feedback.app_version == narrowing.version)
    if narrowing.has_email:
        found = found.where(Feedback.email.is_not(None))
    if narrowing.has_event:
        found = found.where(Feedback.event_id.is_not(None))
    if narrowing.issue_id is not None:
        found = found.where(Feedback.issue_id.in_(shown_with(narrowing.issue_id)))
    return found.where(*_in_days(narrowing))


def _in_days(narrowing: Narrowing) -> list[ColumnElement[bool]]:
    conditions = []
    if narrowing.since is not None:
        conditions.append(Feedback.created_at >= narrowing.since)
    if narrowing.until is not None:
        conditions.append(Feedback.created_at < narrowing.until)
    return conditions


def _range_of_days(
    connection: Connection, project_id: int, narrowing: Narrowing
) -> tuple[int, int]:
    """The lowest and the highest id of the days: found in an index, so that a month is searched
    without reading the years around it. (1, 0) where there is none.

    Ids rise with time, but not so strictly that the days need not be looked at again.
    """
    # Not of the bare id: for that PostgreSQL walks from either end until a row is in the days.
    any_id = Feedback.id + 0
    query = select(func.min(any_id), func.max(any_id)).where(
        Feedback.project_id == project_id, *_in_days(narrowing)
    )
    lowest, highest = connection.execute(query).one()
    return (1, 0) if lowest is None else (lowest, highest)


def _count_all(connection: Connection, project_id: int) -> dict[FeedbackStatus, int]:
    """Of every status, in an index: no row is read."""
    query = (
        select(Feedback.status, func.count())
        .where(Feedback.project_id == project_id)
        .group_by(Feedback.status)
    )
    counted = {status: n for status, n in connection.execute(query)}
    return {status: counted.get(status, 0) for status in FeedbackStatus}


def _ids(connection: Connection, found: FoundFeedback, *, limit: int) -> Sequence[int]:
    query = select(found.id).where(*found.conditions).order_by(found.id.desc()).limit(limit)
    return connection.execute(query).scalars().all()


def _rows(connection: Connection, ids: Sequence[int]) -> list[InboxRow]:
    query = (
        select(*ROW, Issue.exception_type.label("issue_type"), Issue.message.label("issue_message"))
        .select_from(Feedback)
        .outerjoin(Issue, Issue.id == shown_in(Feedback.issue_id))
        .where(Feedback.id.in_(ids))
        .order_by(Feedback.id.desc())
    )
    return [InboxRow(**row._asdict()) for row in connection.execute(query)]

"""The inbox: one tab of a project's feedback, narrowed, and how much each tab holds.

The API lists the same rows with fewer ways to narrow them (`app.services.triage`); what counts as a
match of words is written once, there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.database import read_transaction, snapshot
from app.domain.feedback_status import FeedbackStatus
from app.models import Feedback, Issue
from app.services.triage import ROW, FeedbackRow, has_words

VERSIONS_MAX_COUNT = 200


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
    query = _narrowed(
        select(*ROW, Issue.exception_type.label("issue_type"), Issue.message.label("issue_message"))
        .select_from(Feedback)
        .outerjoin(Issue, Issue.id == Feedback.issue_id),
        project_id,
        narrowing,
        status=status,
    )
    if before is not None:
        query = query.where(Feedback.id < before)
    query = query.order_by(Feedback.id.desc()).limit(limit + 1)
    newest = select(func.max(Feedback.id)).where(Feedback.project_id == project_id)
    with snapshot(), read_transaction() as connection:
        rows = [InboxRow(**row._asdict()) for row in connection.execute(query)]
        newest_id = connection.execute(newest).scalar() or 0
        counts = count_by_status(project_id, narrowing)
    next_before = rows[limit - 1].id if len(rows) > limit else None
    return InboxPage(rows[:limit], next_before, counts, newest_id)


def count_by_status(project_id: int, narrowing: Narrowing) -> dict[FeedbackStatus, int]:
    """Every status is there. Without any narrowing an index is counted, and no row is read."""
    query = _narrowed(select(Feedback.status, func.count()), project_id, narrowing)
    with read_transaction() as connection:
        counted = {status: n for status, n in connection.execute(query.group_by(Feedback.status))}
    return {status: counted.get(status, 0) for status in FeedbackStatus}


def count_arrivals(project_id: int, narrowing: Narrowing, *, after: int) -> int:
    """How much open feedback came after the id, which was the newest then."""
    query = _narrowed(
        select(func.count()).select_from(Feedback),
        project_id,
        narrowing,
        status=FeedbackStatus.OPEN,
    )
    with read_transaction() as connection:
        return int(connection.execute(query.where(Feedback.id > after)).scalar_one())


def neighbours(
    project_id: int, feedback_id: int, *, status: FeedbackStatus | None, narrowing: Narrowing
) -> Neighbours:
    """The feedback itself need not be in the tab: it may just have been moved out of it."""
    query = _narrowed(select(Feedback.id), project_id, narrowing, status=status).limit(1)
    newer = query.where(Feedback.id > feedback_id).order_by(Feedback.id)
    older = query.where(Feedback.id < feedback_id).order_by(Feedback.id.desc())
    with read_transaction() as connection:
        return Neighbours(connection.execute(newer).scalar(), connection.execute(older).scalar())


def versions(project_id: int) -> list[str]:
    """Which app versions feedback came with, the last by the alphabet first, a bounded number.

    Hops from one to the next in an index, however much feedback each has: DISTINCT would read all.
    """
    of_project = Feedback.project_id == project_id
    last = select(func.max(Feedback.app_version).label("version")).where(of_project)
    hops = last.cte("hops", recursive=True)
    one_before = (
        select(func.max(Feedback.app_version))
        .where(of_project, Feedback.app_version < hops.c.version)
        .scalar_subquery()
    )
    hops = hops.union_all(select(one_before).where(hops.c.version.is_not(None)))
    query = select(hops.c.version).where(hops.c.version.is_not(None)).limit(VERSIONS_MAX_COUNT)
    with read_transaction() as connection:
        found = [version for version in connection.execute(query).scalars() if version]
    return sorted(found, reverse=True)  # a database's alphabet depends on its language


def _narrowed(
    query: Select[*tuple[Any, ...]],
    project_id: int,
    narrowing: Narrowing,
    *,
    status: FeedbackStatus | None = None,
) -> Select[*tuple[Any, ...]]:
    conditions: list[ColumnElement[bool]] = [Feedback.project_id == project_id]
    if status is not None:
        conditions.append(Feedback.status == status)
    if narrowing.version is not None:
        conditions.append(Feedback.app_version == narrowing.version)
    if narrowing.has_email:
        conditions.append(Feedback.email.is_not(None))
    if narrowing.has_event:
        conditions.append(Feedback.event_id.is_not(None))
    if narrowing.since is not None:
        conditions.append(Feedback.created_at >= narrowing.since)
    if narrowing.until is not None:
        conditions.append(Feedback.created_at < narrowing.until)
    if narrowing.issue_id is not None:
        conditions.append(Feedback.issue_id == narrowing.issue_id)
    return query.where(*conditions, *has_words(narrowing.words))

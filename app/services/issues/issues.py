"""Issues and their events, as a team reads them; what it decides about them is in `triage`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, tuple_
from sqlalchemy.orm import aliased

from app.database import planned_for_values, read_transaction, snapshot
from app.domain.audit_action import ISSUE_MOVED, AuditAction
from app.domain.issue_cursor import IssueCursor
from app.domain.issue_status import IssueStatus
from app.models import Event, Feedback, Issue, IssueRelease
from app.models.columns import columns_of
from app.models.events import STANDS_ALONE, shown_in
from app.services import audit
from app.services.audit import AuditRow
from app.services.errors import NotFound
from app.services.feedback import triage
from app.services.feedback.fields import FeedbackRow
from app.services.issues import releases, why
from app.services.issues.releases import ReleaseCount
from app.services.issues.why import IssueGrounds

NEWEST_EVENTS = 20
NEWEST_FEEDBACK = 100
TOP_ISSUES = 5
_NEWEST_DEEDS = 20


@dataclass(frozen=True, kw_only=True)
class IssueRow:
    """With what is merged into it, which are `merged_count`; its message and level are its own.

    `releases` are those it was seen in, in the order of versions: the newest 20 of
    `releases_count`.
    """

    id: int
    exception_type: str
    message: str | None
    level: str
    status: str
    events_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    reopened_at: datetime | None
    releases: list[str]
    releases_count: int
    merged_count: int


@dataclass(frozen=True, kw_only=True)
class MergedIssueRow:
    """An issue that is shown in another: what it counts, and its status as it was before.

    `merged_into_id` is another than the one that shows it where that was merged later.
    """

    id: int
    exception_type: str
    message: str | None
    status: str
    events_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    merged_into_id: int
    merged_at: datetime


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """`issue_id` is the issue that shows it."""

    id: int
    issue_id: int
    exception_type: str
    message: str | None
    level: str
    release: str | None
    environment: str
    platform: str | None
    content: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class IssuePage:
    rows: list[IssueRow]
    next_before: IssueCursor | None


@dataclass(frozen=True)
class IssueDetail:
    """An issue with its newest events and its newest feedback; `release_counts` are those of the
    releases with most events, of the newest 100; `history` is its part of the audit, newest
    first; `merged` are the issues that it shows, too, by id."""

    issue: IssueRow
    events: list[EventRow]
    feedback: list[FeedbackRow]
    release_counts: list[ReleaseCount]
    history: list[AuditRow]
    merged: list[MergedIssueRow]
    grounds: list[IssueGrounds]


_MERGES = (AuditAction.ISSUE_MERGED, AuditAction.ISSUE_TAKEN_OUT)
_ISSUE_DEEDS = (*ISSUE_MOVED.values(), AuditAction.ISSUE_DELETED, *_MERGES)
_Merged = aliased(Issue)
_ROW: tuple[Any, ...] = (
    *columns_of(IssueRow, Issue, apart_from=["releases", "merged_count"]),
    select(func.count(_Merged.id))
    .where(_Merged.shown_in_id == Issue.id)
    .scalar_subquery()
    .label("merged_count"),
)
_MERGED_ROW = columns_of(MergedIssueRow, Issue)
_EVENT_ROW: tuple[Any, ...] = (
    *columns_of(EventRow, Event, apart_from=["issue_id"]),
    shown_in(Event.issue_id).label("issue_id"),
)


def list_page(
    project_id: int,
    *,
    limit: int,
    status: IssueStatus | None = None,
    before: IssueCursor | None = None,
) -> IssuePage:
    """One page of a project's issues, the one seen last first."""
    query = select(*_ROW).where(Issue.project_id == project_id, STANDS_ALONE)
    if status is not None:
        query = query.where(Issue.status == status)
    if before is not None:
        position = tuple_(Issue.last_seen_at, Issue.id)
        query = query.where(position < (before.last_seen_at, before.id))
    query = query.order_by(Issue.last_seen_at.desc(), Issue.id.desc()).limit(limit + 1)
    with read_transaction() as connection:
        found = [row._asdict() for row in connection.execute(query)]
        rows = _with_releases(connection, found[:limit])
    last = rows[-1] if len(found) > limit else None
    return IssuePage(rows, IssueCursor(last.last_seen_at, last.id) if last else None)


def read(project_id: int, issue_id: int) -> IssueDetail:
    """The issue that shows this one, which may be merged into it. Raises NotFound."""
    with snapshot(), read_transaction() as connection:
        row = row_of(connection, project_id, issue_id, or_its_shower=True)
        issue_id = row.id
        merged = [
            MergedIssueRow(**each._asdict())
            for each in connection.execute(
                select(*_MERGED_ROW).where(Issue.shown_in_id == issue_id).order_by(Issue.id)
            )
        ]
        ids = [issue_id, *(each.id for each in merged)]
        newest = _newest_events(connection, ids)
        said = triage.newest_where(connection, Feedback.issue_id.in_(ids), NEWEST_FEEDBACK)
        counts = releases.counts_of(connection, ids)
        history = audit.newest_of_target(
            connection, project_id, issue_id, actions=_ISSUE_DEEDS, limit=_NEWEST_DEEDS
        )
        history += audit.newest_of_targets(
            connection, project_id, ids[1:], actions=_MERGES, limit=_NEWEST_DEEDS
        )
        grounds = why.read(connection, ids)
    history.sort(key=lambda entry: entry.id, reverse=True)
    return IssueDetail(row, newest, said, counts, history[:_NEWEST_DEEDS], merged, grounds)


def _newest_events(connection: Connection, issue_ids: Sequence[int]) -> list[EventRow]:
    """Of all of them together; reads no more than so many of each."""
    earlier = aliased(Event)
    first_of_newest = (
        select(earlier.id)
        .where(earlier.issue_id == Issue.id)
        .order_by(earlier.id.desc())
        .offset(NEWEST_EVENTS - 1)
        .limit(1)
        .correlate(Issue)
        .scalar_subquery()
    )
    query = (
        select(*_EVENT_ROW)
        .select_from(Issue)
        .join(Event, Event.issue_id == Issue.id)
        .where(Issue.id.in_(issue_ids), Event.id >= func.coalesce(first_of_newest, 0))
        .order_by(Event.id.desc())
        .limit(NEWEST_EVENTS)
    )
    return [EventRow(**event._asdict()) for event in connection.execute(query)]


def count_by_status(project_id: int) -> dict[IssueStatus, int]:
    """How many issues a project has in each status, 0 included."""
    query = (
        select(Issue.status, func.count())
        .where(Issue.project_id == project_id, STANDS_ALONE)
        .group_by(Issue.status)
    )
    with read_transaction() as connection:
        counts = {status: count for status, count in connection.execute(query)}
    return {status: counts.get(status, 0) for status in IssueStatus}


def read_row(project_id: int, issue_id: int) -> IssueRow:
    """The issue alone, or the one that shows it; raises NotFound."""
    with read_transaction() as connection:
        return row_of(connection, project_id, issue_id, or_its_shower=True)


def read_event(project_id: int, event_id: int) -> EventRow:
    """Raises NotFound."""
    query = select(*_EVENT_ROW).where(Event.id == event_id, Event.project_id == project_id)
    with read_transaction() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such event in this project.")
    return EventRow(**row._asdict())


def top_of_release(project_id: int, release: str) -> list[IssueRow]:
    """The issues with most events of a release; `events_count` counts all releases."""
    of_release = (IssueRelease.project_id == project_id) & (IssueRelease.release == release)
    # By an index, but for what is merged, which has to be added up first: that is never much.
    is_alone = Issue.shown_in_id.is_(None) & Issue.own_events_count.is_(None)
    alone = (
        select(Issue.id, IssueRelease.events_count)
        .join(IssueRelease, IssueRelease.issue_id == Issue.id)
        .where(of_release, is_alone)
        .order_by(IssueRelease.events_count.desc(), Issue.id.desc())
        .limit(TOP_ISSUES)
    )
    shown = func.coalesce(Issue.shown_in_id, Issue.id)
    merged = (
        select(shown, func.sum(IssueRelease.events_count))
        .join(IssueRelease, IssueRelease.issue_id == Issue.id)
        .where(of_release, ~is_alone)
        .group_by(shown)
    )
    with read_transaction() as connection:
        # How many issues a release has is not to be guessed: some have all.
        with planned_for_values(connection):
            counts = [*connection.execute(alone), *connection.execute(merged)]
        top = sorted(counts, key=lambda count: (count[1], count[0]), reverse=True)[:TOP_ISSUES]
        ids = [issue_id for issue_id, _ in top]
        found = connection.execute(select(*_ROW).where(Issue.id.in_(ids)))
        rows = {row.id: row._asdict() for row in found}
        return _with_releases(connection, [rows[issue_id] for issue_id in ids])


def row_of(
    connection: Connection, project_id: int, issue_id: int, *, or_its_shower: bool = False
) -> IssueRow:
    """The issue itself, or the one that shows it. Raises NotFound."""
    mine: ColumnElement[bool] = (Issue.id == issue_id) & (Issue.project_id == project_id)
    if or_its_shower:
        mine = (Issue.id == shown_in(issue_id)) & (Issue.project_id == project_id)
    row = connection.execute(select(*_ROW).where(mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such issue in this project.")
    return _with_releases(connection, [row._asdict()])[0]


def _with_releases(connection: Connection, rows: list[dict[str, Any]]) -> list[IssueRow]:
    releases.add_to(connection, rows)
    return [IssueRow(**row) for row in rows]

"""Rows that were stored while a clock was ahead, and what puts them right.

A row is one of the future when its time is more than a day ahead: hosts disagree by seconds. When
it really came nobody knows; rows get their ids in the order in which they come, so it is put to the
time of the row before it. The audit is never changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from app.database import read_transaction, write_transaction
from app.domain.times import AHEAD_AT_MOST, latest_day
from app.models import (
    Event,
    Feedback,
    Issue,
    IssueRelease,
    NewNames,
    Project,
    Release,
    ReleaseDay,
    ReleaseUser,
    Session,
)
from app.models.projects import IS_ALIVE
from app.models.sessions import ALL_ENVIRONMENTS, IS_NEWEST_DAY
from app.services.sessions import ledger

_BATCH_ROWS = 1000


@dataclass(frozen=True)
class FutureRows:
    """How many rows of a table are ahead of the clock, and how far the last one is."""

    what: str
    count: int
    last: datetime | None

    def __str__(self) -> str:
        until = f", up to {self.last:%Y-%m-%d}" if self.last else ""
        return f"{self.count} {self.what} of the future{until}"


def are_some(connection: Connection, *, now: datetime) -> bool:
    """Of sessions, events or issues: one look into an index for each project."""
    of_each = [
        select(Project.id).where(IS_ALIVE, exists(select(key).where(condition).correlate(Project)))
        for key, condition in (
            (
                ReleaseDay.day,
                (ReleaseDay.project_id == Project.id)
                & (ReleaseDay.environment == ALL_ENVIRONMENTS)
                & (ReleaseDay.day > latest_day(now))
                & IS_NEWEST_DAY,
            ),
            (Event.id, (Event.project_id == Project.id) & _is_ahead(Event.created_at, now)),
            (Issue.id, (Issue.project_id == Project.id) & _is_ahead(Issue.last_seen_at, now)),
        )
    ]
    return any(connection.execute(query.limit(1)).first() for query in of_each)


def is_some_feedback(connection: Connection, *, now: datetime) -> bool:
    """Reads an index of all feedback: for a command, not for what is asked every few seconds."""
    query = select(Feedback.id).where(_is_ahead(Feedback.created_at, now)).limit(1)
    return connection.execute(query).first() is not None


def find_in_database(*, now: datetime) -> list[FutureRows]:
    with read_transaction() as connection:
        return find(connection, now=now)


def find(connection: Connection, *, now: datetime) -> list[FutureRows]:
    """Reads all of a table where no index tells."""
    found = []
    for what, model, column in _TABLES:
        query = select(func.count(), func.max(column)).where(_condition(model, column, now))
        count, last = connection.execute(query).one()
        if count:
            found.append(FutureRows(what, count, last))
    return found


def repair(*, now: datetime) -> Iterator[str]:
    """Put all of them right, and the kept figures with them; a line for each thing done.

    Each step is complete in itself: interrupted, the next run goes on.
    """
    with read_transaction() as connection:
        moments = _moments_of_sessions(connection, now)
        places = _places(connection, now)
    for project_id, name in places:
        moved = _repair_release(project_id, name, moments, now)
        yield f"release {name!r} of project {project_id}: {moved} sessions put right"
    for what, model, column in _TABLES[1:]:
        if moved := _repair_times(model, column, now):
            yield f"{moved} {what} put right"
    with write_transaction() as connection:
        connection.execute(delete(NewNames).where(NewNames.day > latest_day(now)))


_TABLES: tuple[tuple[str, Any, Any], ...] = (
    ("sessions", Session, Session.started_at),
    ("events", Event, Event.created_at),
    ("feedback", Feedback, Feedback.created_at),
    ("issues", Issue, Issue.last_seen_at),
    ("releases of issues", IssueRelease, IssueRelease.first_seen_at),
)


def _is_ahead(column: Any, now: datetime) -> ColumnElement[bool]:
    is_ahead: ColumnElement[bool] = column > now + AHEAD_AT_MOST
    return is_ahead


def _condition(model: Any, column: Any, now: datetime) -> ColumnElement[bool]:
    is_ahead = _is_ahead(column, now)
    if model is Session:  # also one that came since, and took its user's day
        is_ahead = or_(is_ahead, Session.day > latest_day(now))
    if model is Issue:
        is_ahead = or_(is_ahead, _is_ahead(Issue.first_seen_at, now))
    return is_ahead


def _moments_of_sessions(connection: Connection, now: datetime) -> dict[int, datetime]:
    """When each session of the future began, as far as can be told."""
    query = select(Session.id, Session.started_at).where(
        _condition(Session, Session.started_at, now)
    )
    rows = connection.execute(query.order_by(Session.id)).all()
    moments: dict[int, datetime] = {}
    for row_id, moment in rows:
        if moment > now + AHEAD_AT_MOST:
            moment = _before(connection, Session, Session.started_at, row_id, moments, now)
        moments[row_id] = moment
    return moments


def _before(
    connection: Connection,
    model: Any,
    column: Any,
    row_id: int,
    known: dict[int, datetime],
    now: datetime,
) -> datetime:
    """The time of the row before; `known` has what was found out of lower ids."""
    query: Any = (
        select(model.id, column).where(model.id < row_id).order_by(model.id.desc()).limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return now
    before_id: int = row[0]
    moment: datetime = known.get(before_id, row[1])
    return min(moment, now)


def _places(connection: Connection, now: datetime) -> list[tuple[int, str]]:
    """The releases whose sessions or figures are of the future, by project and name."""
    of_sessions = (
        select(Release.project_id, Release.name)
        .join(Session, Session.release_id == Release.id)
        .where(_condition(Session, Session.started_at, now))
    )
    of_figures = (
        select(Release.project_id, Release.name)
        .join(ReleaseDay, ReleaseDay.release_id == Release.id)
        .where(ReleaseDay.day > latest_day(now))
    )
    rows = connection.execute(of_sessions.union(of_figures)).all()
    return sorted((project_id, name) for project_id, name in rows)


def _repair_release(project_id: int, name: str, moments: dict[int, datetime], now: datetime) -> int:
    """How many sessions moved; their release's figures are made anew, in all scopes."""
    with write_transaction() as connection:
        # On PostgreSQL no report of the project comes between.
        turn = select(Project.id).where(Project.id == project_id).with_for_update()
        if connection.execute(turn).scalar() is None:
            return 0  # purged meanwhile
        scopes = connection.execute(
            select(Release.id).where(Release.project_id == project_id, Release.name == name)
        )
        release_ids = list(scopes.scalars())
        rows = connection.execute(
            select(Session.id, Session.ended_at, Session.duration_ms).where(
                Session.release_id.in_(release_ids), _condition(Session, Session.started_at, now)
            )
        ).all()
        changes = []
        for row in rows:
            moment = moments.get(row.id, now)
            ended_at = row.ended_at
            if ended_at is not None and ended_at > now + AHEAD_AT_MOST:
                ended_at = moment
            changes.append(
                {"of": row.id, "began": moment, "of_day": moment.date(), "ended": ended_at}
            )
        if changes:
            connection.execute(
                update(Session)
                .where(Session.id == bindparam("of"))
                .values(
                    started_at=bindparam("began"),
                    day=bindparam("of_day"),
                    ended_at=bindparam("ended", type_=Session.ended_at.type),
                ),
                changes,
            )
        _make_figures(connection, release_ids)
    return len(changes)


def _make_figures(connection: Connection, release_ids: list[int]) -> None:
    """From the raw sessions, as far back as these are complete."""
    horizon = ledger.horizon_of(connection)
    days = ledger.recomputed_days(connection, horizon, release_ids)
    users = ledger.recomputed_users(connection, horizon, release_ids)
    for model, column in ((ReleaseDay, ReleaseDay.day), (ReleaseUser, ReleaseUser.newest_day)):
        is_theirs = model.release_id.in_(release_ids)
        connection.execute(delete(model).where(is_theirs, column >= horizon))
    if days:
        figures = dict.fromkeys(("users_newest", "users_newest_crashed"), 0)
        rows = [
            {"release_id": release_id, "day": day, **figures, **row}
            for (release_id, day), row in days.items()
        ]
        connection.execute(insert(ReleaseDay), rows)
    if users:
        connection.execute(
            insert(ReleaseUser),
            [
                {"release_id": release_id, "user_key": user_key, **row}
                for (release_id, user_key), row in users.items()
            ],
        )


def _repair_times(model: Any, column: Any, now: datetime) -> int:
    if model in (Issue, IssueRelease):
        return _repair_by_events(model, now)
    known: dict[int, datetime] = {}
    with read_transaction() as connection:
        query = select(model.id).where(_condition(model, column, now)).order_by(model.id)
        for row_id in connection.execute(query).scalars().all():
            known[row_id] = _before(connection, model, column, row_id, known, now)
    changes = [{"of": row_id, "came": moment} for row_id, moment in known.items()]
    change = update(model).where(model.id == bindparam("of")).values({column: bindparam("came")})
    for first in range(0, len(changes), _BATCH_ROWS):
        with write_transaction() as connection:
            connection.execute(change, changes[first : first + _BATCH_ROWS])
    if model is Feedback:
        with write_transaction() as connection:
            is_ahead = _is_ahead(Feedback.handled_at, now)
            connection.execute(update(Feedback).where(is_ahead).values(handled_at=now))
    return len(changes)


def _repair_by_events(model: Any, now: datetime) -> int:
    """An issue was seen when its events came, which are right by now; without any, now."""
    if model is IssueRelease:
        is_ahead = _is_ahead(IssueRelease.first_seen_at, now)
        with write_transaction() as connection:
            change = update(IssueRelease).where(is_ahead).values(first_seen_at=now)
            return connection.execute(change).rowcount
    of_issue = Event.issue_id == Issue.id
    last, first = (
        func.coalesce(select(of(Event.created_at)).where(of_issue).scalar_subquery(), now)
        for of in (func.max, func.min)
    )
    values = {
        "last_seen_at": case((_is_ahead(Issue.last_seen_at, now), last), else_=Issue.last_seen_at),
        "first_seen_at": case(
            (_is_ahead(Issue.first_seen_at, now), first), else_=Issue.first_seen_at
        ),
    }
    with write_transaction() as connection:
        is_ahead = _condition(Issue, Issue.last_seen_at, now)
        moved = connection.execute(update(Issue).where(is_ahead).values(values)).rowcount
        for column in (Issue.reopened_at, Issue.resolved_at):
            change = update(Issue).where(_is_ahead(column, now)).values({column: now})
            connection.execute(change)
    return moved

"""Recomputes every kept figure from the raw sessions and sums, and reports what differs.

The raw sessions, and the sums of those that have no rows, are complete from the retention horizon
on. Older figures cannot be checked, and no report asks for them. Figures of deleted projects are
not checked either: their rows are being purged.

However many rows there are, memory holds some hundreds: the database sorts, what is kept and what
is recomputed come in one order, and the two streams are compared as they pass.
"""

import heapq
from collections.abc import Collection, Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    case,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.database import read_transaction, snapshot
from app.domain.session_moves import RISING_FIGURES
from app.domain.session_status import SessionStatus
from app.models import (
    Project,
    Release,
    ReleaseDay,
    ReleaseUser,
    RetentionHorizon,
    Session,
    SessionSum,
)
from app.models.projects import IS_ALIVE
from app.models.sessions import ALL_ENVIRONMENTS, NOBODY, SESSIONS_HORIZON

_OF_ALIVE_PROJECTS = select(Release.id).join(Project).where(IS_ALIVE)
_ROWS_AT_ONCE = 500

Key = tuple[int, Any]  # a release, and its day or its user
Row = dict[str, Any]
Rows = Iterator[tuple[Key, Row]]


def verify() -> Iterator[str]:
    """One line for each figure that differs from the sessions; no line when all add up."""
    with snapshot(), read_transaction() as connection:
        horizon = horizon_of(connection)
        yield from _differences(
            "day", _kept_days(connection, horizon), recomputed_days(connection, horizon)
        )
        yield from _differences(
            "user", _kept_users(connection, horizon), recomputed_users(connection, horizon)
        )


def horizon_of(connection: Connection) -> date:
    """From which day on the raw sessions are complete."""
    query = select(RetentionHorizon.day).where(RetentionHorizon.name == SESSIONS_HORIZON)
    return connection.execute(query).scalar() or date.min


def _differences(kind: str, kept: Rows, recomputed: Rows) -> Iterator[str]:
    """Both in the order of their keys."""
    marked = heapq.merge(
        ((key, True, row) for key, row in kept),
        ((key, False, row) for key, row in recomputed),
        key=itemgetter(0),
    )
    for (release_id, of), pair in groupby(marked, key=itemgetter(0)):
        rows = {is_kept: row for _, is_kept, row in pair}
        old, new = rows.get(True, {}), rows.get(False, {})
        for name in sorted(old.keys() | new.keys()):
            if (old.get(name) or 0) != (new.get(name) or 0):
                shown = of.hex() if isinstance(of, bytes) else of
                yield (
                    f"release {release_id}, {kind} {shown}, {name}:"
                    f" kept {old.get(name)}, recomputed {new.get(name)}"
                )


def _stream(connection: Connection, query: Select[*tuple[Any, ...]]) -> Rows:
    """In the order of the first two columns, which are the key; the rest are figures."""
    first, second, *figures = query.selected_columns
    names = [str(column.key) for column in figures]
    ordered = query.order_by(first, second).execution_options(yield_per=_ROWS_AT_ONCE)
    for row in connection.execute(ordered):
        release_id, of, *values = row
        yield (release_id, of), dict(zip(names, values, strict=True))


def _kept_days(connection: Connection, horizon: date) -> Rows:
    columns = [
        getattr(ReleaseDay, name) for name in (*RISING_FIGURES, "first_seen_at", "last_seen_at")
    ]
    return _stream(
        connection,
        select(ReleaseDay.release_id, ReleaseDay.day, *columns).where(
            ReleaseDay.day >= horizon, ReleaseDay.release_id.in_(_OF_ALIVE_PROJECTS)
        ),
    )


def _scoped(horizon: date, release_ids: Collection[int] | None) -> CompoundSelect[Any]:
    """Each session and each sum twice: under its release in its environment, and in all."""
    of_sessions = (
        *(_is(Session.status == status).label(status) for status in SessionStatus),
        _is(Session.unhandled).label("unhandled"),
        Session.user_key,
        func.coalesce(Session.reported_at, Session.started_at).label("first_seen_at"),
        func.coalesce(Session.reported_at, Session.started_at).label("last_seen_at"),
    )
    of_sums = (
        *(getattr(SessionSum, status).label(status) for status in SessionStatus),
        SessionSum.unhandled,
        func.nullif(SessionSum.user_key, NOBODY).label("user_key"),
        SessionSum.first_seen_at,
        SessionSum.last_seen_at,
    )
    return union_all(
        _in_scopes(Session, of_sessions, horizon, release_ids),
        _in_scopes(SessionSum, of_sums, horizon, release_ids),
    )


def _is(condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _in_scopes(
    raw: type[Session] | type[SessionSum],
    columns: Collection[Any],
    horizon: date,
    release_ids: Collection[int] | None,
) -> Select[*tuple[Any, ...]]:
    own, scope = aliased(Release), aliased(Release)
    query = (
        select(scope.id.label("release_id"), raw.day, *columns)
        .join(own, own.id == raw.release_id)
        .join(
            scope,
            (scope.project_id == own.project_id)
            & (scope.name == own.name)
            & scope.environment.in_((own.environment, ALL_ENVIRONMENTS)),
        )
        .where(own.id.in_(_OF_ALIVE_PROJECTS), raw.day >= horizon)
    )
    return query if release_ids is None else query.where(scope.id.in_(release_ids))


def recomputed_days(
    connection: Connection, horizon: date, release_ids: Collection[int] | None = None
) -> Rows:
    """By release and day, in this order; of these releases alone, or of all."""
    raw = _scoped(horizon, release_ids).subquery()
    counted = select(
        raw.c.release_id,
        raw.c.day,
        *(
            cast(func.sum(raw.c[name]), ReleaseDay.ok.type).label(name)
            for name in (*SessionStatus, "unhandled")
        ),
        func.count(raw.c.user_key.distinct()).label("users_active"),
        func.min(raw.c.first_seen_at).label("first_seen_at"),
        func.max(raw.c.last_seen_at).label("last_seen_at"),
    ).group_by(raw.c.release_id, raw.c.day)
    users = _users(horizon, release_ids).subquery()
    parts = [
        _stream(connection, counted),
        *(
            _stream(connection, _users_by(users.c.release_id, users.c[day], name))
            for name, day in (
                ("users_newest", "newest_day"),
                ("users_newest_crashed", "newest_crashed_day"),
            )
        ),
    ]
    for key, rows in groupby(heapq.merge(*parts, key=itemgetter(0)), key=itemgetter(0)):
        yield key, {name: value for _, row in rows for name, value in row.items()}


def _users_by(
    release_id: ColumnElement[int], day: ColumnElement[date], name: str
) -> Select[*tuple[Any, ...]]:
    """How many users have this as their newest day."""
    counted = select(release_id, day, func.count().label(name)).where(day.is_not(None))
    return counted.group_by(release_id, day)


def recomputed_users(
    connection: Connection, horizon: date, release_ids: Collection[int] | None = None
) -> Rows:
    """By release and user, in this order."""
    return _stream(connection, _users(horizon, release_ids))


def _users(horizon: date, release_ids: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    raw = _scoped(horizon, release_ids).subquery()
    crashed_day = case((raw.c.crashed > 0, raw.c.day))
    return (
        select(
            raw.c.release_id,
            raw.c.user_key,
            func.max(raw.c.day).label("newest_day"),
            func.max(crashed_day).label("newest_crashed_day"),
        )
        .where(raw.c.user_key.is_not(None))
        .group_by(raw.c.release_id, raw.c.user_key)
    )


def _kept_users(connection: Connection, horizon: date) -> Rows:
    """A crash before the horizon cannot be checked."""
    is_checked = ReleaseUser.newest_crashed_day >= horizon
    return _stream(
        connection,
        select(
            ReleaseUser.release_id,
            ReleaseUser.user_key,
            ReleaseUser.newest_day,
            case((is_checked, ReleaseUser.newest_crashed_day)).label("newest_crashed_day"),
        ).where(ReleaseUser.newest_day >= horizon, ReleaseUser.release_id.in_(_OF_ALIVE_PROJECTS)),
    )

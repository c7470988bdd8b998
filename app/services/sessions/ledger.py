"""Recomputes every kept figure from the raw sessions, and reports what differs.

The raw sessions are complete from the retention horizon on. Older figures cannot be checked, and no
report asks for them. Figures of deleted projects are not checked either: their rows are being
purged.

However many rows there are, memory holds some hundreds: the database sorts, what is kept and what
is recomputed come in one order, and the two streams are compared as they pass.
"""

import heapq
from collections.abc import Collection, Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select
from sqlalchemy.orm import aliased

from app.database import read_transaction, snapshot
from app.domain.session_moves import FIGURES
from app.domain.session_status import SessionStatus
from app.models import Project, Release, ReleaseDay, ReleaseUser, RetentionHorizon, Session
from app.models.projects import IS_ALIVE
from app.models.sessions import ALL_ENVIRONMENTS, SESSIONS_HORIZON

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
    columns = [getattr(ReleaseDay, name) for name in (*FIGURES, "first_seen_at", "last_seen_at")]
    return _stream(
        connection,
        select(ReleaseDay.release_id, ReleaseDay.day, *columns).where(
            ReleaseDay.day >= horizon, ReleaseDay.release_id.in_(_OF_ALIVE_PROJECTS)
        ),
    )


def _scoped_sessions(
    horizon: date, release_ids: Collection[int] | None
) -> Select[*tuple[Any, ...]]:
    """Each session twice: under its release in its environment, and in all environments."""
    own, scope = aliased(Release), aliased(Release)
    query = (
        select(
            scope.id.label("release_id"),
            Session.day,
            Session.status,
            Session.user_key,
            Session.started_at,
        )
        .join(own, own.id == Session.release_id)
        .join(
            scope,
            (scope.project_id == own.project_id)
            & (scope.name == own.name)
            & scope.environment.in_((own.environment, ALL_ENVIRONMENTS)),
        )
        .where(own.id.in_(_OF_ALIVE_PROJECTS), Session.day >= horizon)
    )
    return query if release_ids is None else query.where(scope.id.in_(release_ids))


def recomputed_days(
    connection: Connection, horizon: date, release_ids: Collection[int] | None = None
) -> Rows:
    """By release and day, in this order; of these releases alone, or of all."""
    sessions = _scoped_sessions(horizon, release_ids).subquery()
    counted = select(
        sessions.c.release_id,
        sessions.c.day,
        *(
            func.count(case((sessions.c.status == status, 1))).label(status)
            for status in SessionStatus
        ),
        func.count(sessions.c.user_key.distinct()).label("users_active"),
        func.min(sessions.c.started_at).label("first_seen_at"),
        func.max(sessions.c.started_at).label("last_seen_at"),
    ).group_by(sessions.c.release_id, sessions.c.day)
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
    sessions = (
        _scoped_sessions(horizon, release_ids).where(Session.user_key.is_not(None)).subquery()
    )
    crashed_day = case((sessions.c.status == SessionStatus.CRASHED, sessions.c.day))
    return select(
        sessions.c.release_id,
        sessions.c.user_key,
        func.max(sessions.c.day).label("newest_day"),
        func.max(crashed_day).label("newest_crashed_day"),
    ).group_by(sessions.c.release_id, sessions.c.user_key)


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

"""Recomputes every kept figure from the raw sessions, and reports what differs.

The raw sessions are complete from the retention horizon on. Older figures cannot be checked, and no
report asks for them. Figures of deleted projects are not checked either: their rows are being
purged.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, select
from sqlalchemy.orm import aliased

from app.database import read_transaction, snapshot
from app.domain.session_moves import FIGURES
from app.domain.session_status import SessionStatus
from app.models import Project, Release, ReleaseDay, ReleaseUser, RetentionHorizon, Session
from app.models.projects import IS_ALIVE
from app.models.sessions import ALL_ENVIRONMENTS, SESSIONS_HORIZON

_OF_ALIVE_PROJECTS = select(Release.id).join(Project).where(IS_ALIVE)

Row = dict[str, object]
Rows = dict[tuple[object, ...], Row]


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
    for key in sorted(kept.keys() | recomputed.keys(), key=str):
        old, new = kept.get(key, {}), recomputed.get(key, {})
        for name in sorted(old.keys() | new.keys()):
            if (old.get(name) or 0) != (new.get(name) or 0):
                release_id, of = key
                shown = of.hex() if isinstance(of, bytes) else of
                yield (
                    f"release {release_id}, {kind} {shown}, {name}:"
                    f" kept {old.get(name)}, recomputed {new.get(name)}"
                )


def _kept_days(connection: Connection, horizon: date) -> Rows:
    columns = [getattr(ReleaseDay, name) for name in (*FIGURES, "first_seen_at", "last_seen_at")]
    rows = connection.execute(
        select(ReleaseDay.release_id, ReleaseDay.day, *columns).where(
            ReleaseDay.day >= horizon, ReleaseDay.release_id.in_(_OF_ALIVE_PROJECTS)
        )
    )
    return {(row[0], row[1]): _figures(row._asdict()) for row in rows}


def _figures(row: dict[str, Any]) -> Row:
    """The figures of a row, without its key, as integers: PostgreSQL's sum() is a decimal."""
    return {
        name: value if isinstance(value, datetime) else int(value)
        for name, value in row.items()
        if name not in ("release_id", "day")
    }


def _scoped_sessions(release_ids: Collection[int] | None) -> Select[*tuple[object, ...]]:
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
        .where(own.id.in_(_OF_ALIVE_PROJECTS))
    )
    return query if release_ids is None else query.where(scope.id.in_(release_ids))


def recomputed_days(
    connection: Connection, horizon: date, release_ids: Collection[int] | None = None
) -> Rows:
    """By release and day; of these releases alone, or of all."""
    sessions = _scoped_sessions(release_ids).where(Session.day >= horizon).subquery()
    rows: Rows = {}
    for row in connection.execute(
        select(
            sessions.c.release_id,
            sessions.c.day,
            *(
                func.sum(case((sessions.c.status == status, 1), else_=0)).label(status)
                for status in SessionStatus
            ),
            func.count(sessions.c.user_key.distinct()).label("users_active"),
            func.min(sessions.c.started_at).label("first_seen_at"),
            func.max(sessions.c.started_at).label("last_seen_at"),
        ).group_by(sessions.c.release_id, sessions.c.day)
    ):
        release_id, day, *_ = row
        rows[release_id, day] = _figures(row._asdict())
    users = recomputed_users(connection, horizon, release_ids)
    for (release_id, _user), days in users.items():
        for column, day in (
            ("users_newest", days["newest_day"]),
            ("users_newest_crashed", days["newest_crashed_day"]),
        ):
            if day is not None:
                figures = rows[release_id, day]
                figures[column] = int(str(figures.get(column, 0))) + 1
    return rows


def recomputed_users(
    connection: Connection, horizon: date, release_ids: Collection[int] | None = None
) -> Rows:
    """By release and user."""
    is_counted = (Session.day >= horizon) & Session.user_key.is_not(None)
    sessions = _scoped_sessions(release_ids).where(is_counted).subquery()
    crashed_day = case((sessions.c.status == SessionStatus.CRASHED, sessions.c.day))
    rows = connection.execute(
        select(
            sessions.c.release_id,
            sessions.c.user_key,
            func.max(sessions.c.day).label("newest_day"),
            func.max(crashed_day).label("newest_crashed_day"),
        ).group_by(sessions.c.release_id, sessions.c.user_key)
    )
    return {
        (row.release_id, row.user_key): {
            "newest_day": row.newest_day,
            "newest_crashed_day": row.newest_crashed_day,
        }
        for row in rows
    }


def _kept_users(connection: Connection, horizon: date) -> Rows:
    rows = connection.execute(
        select(
            ReleaseUser.release_id,
            ReleaseUser.user_key,
            ReleaseUser.newest_day,
            ReleaseUser.newest_crashed_day,
        ).where(ReleaseUser.newest_day >= horizon, ReleaseUser.release_id.in_(_OF_ALIVE_PROJECTS))
    )
    return {
        (row.release_id, row.user_key): {
            "newest_day": row.newest_day,
            "newest_crashed_day": (
                row.newest_crashed_day
                if row.newest_crashed_day is not None and row.newest_crashed_day >= horizon
                else None
            ),
        }
        for row in rows
    }

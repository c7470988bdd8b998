"""The figures kept beside the sessions: releases, their days, and their users' newest days.

How they stay exact is told in docs/decisions/0006-kept-figures.md. Only `app.services.sessions`
moves them, inside the transaction that stores the session.
"""

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, case, select, update

from app.database import insert_into, insert_unless_exists
from app.domain.session_status import SessionStatus
from app.domain.user_days import UserDays, see
from app.models import Release, ReleaseDay, ReleaseUser
from app.models.sessions import ALL_ENVIRONMENTS

FIGURES = (*SessionStatus, "users_active", "users_newest", "users_newest_crashed")

# Under this name the retention horizon of the raw sessions is kept.
SESSIONS_HORIZON = "sessions"


_DayKey = tuple[int, date]  # release id, day
_Figures = dict[str, int]  # by column


class LostRace(Exception):
    """Another transaction was first; everything must be read again."""


class Changes:
    """What to add to the figures, by release, day and column."""

    def __init__(self) -> None:
        self.by_row: defaultdict[_DayKey, _Figures] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))

    def add(self, release_id: int, day: date, column: str, amount: int) -> None:
        self.by_row[release_id, day][column] += amount


__UPDATE_FIGURES = (
    update(ReleaseDay)
    .where(ReleaseDay.release_id == bindparam("at_release"), ReleaseDay.day == bindparam("at_day"))
    .values({name: getattr(ReleaseDay, name) + bindparam(f"add_{name}") for name in FIGURES})
)


def scopes(
    connection: Connection, project_id: int, *, name: str, environment: str
) -> dict[str, int]:
    """The release's ids in this environment and in all, made when they are new; by rising id."""
    wanted = (ALL_ENVIRONMENTS, environment)
    query = (
        select(Release.environment, Release.id)
        .where(
            Release.project_id == project_id,
            Release.name == name,
            Release.environment.in_(wanted),
        )
        .order_by(Release.id)
    )
    found = connection.execute(query).all()
    if len(found) < len(wanted):
        insert = insert_unless_exists(connection, Release, "project_id", "environment", "name")
        connection.execute(
            insert,
            [{"project_id": project_id, "name": name, "environment": each} for each in wanted],
        )
        found = connection.execute(query).all()
    return {each: release_id for each, release_id in found}


def release_ids_of(connection: Connection, release_id: int) -> list[int]:
    """The given release's id, and that of the same release in all environments; rising."""
    in_environment = select(Release.project_id, Release.name).where(Release.id == release_id)
    project_id, name = connection.execute(in_environment).one()
    in_all = select(Release.id).where(
        Release.project_id == project_id,
        Release.name == name,
        Release.environment == ALL_ENVIRONMENTS,
    )
    return sorted((release_id, connection.execute(in_all).scalar_one()))


def lock_users(
    connection: Connection, release_ids: list[int], user_key: bytes | None
) -> dict[int, UserDays]:
    """What is known of the user, by release id; nobody else changes it until the commit."""
    if user_key is None:
        return {}
    rows = connection.execute(
        select(ReleaseUser.release_id, ReleaseUser.newest_day, ReleaseUser.newest_crashed_day)
        .where(ReleaseUser.release_id.in_(release_ids), ReleaseUser.user_key == user_key)
        .order_by(ReleaseUser.release_id)
        .with_for_update()
    )
    return {release_id: UserDays(newest, crashed) for release_id, newest, crashed in rows}


def see_user(
    connection: Connection,
    changes: Changes,
    release_id: int,
    user_key: bytes,
    known: UserDays | None,
    day: date,
    *,
    crashed: bool,
) -> None:
    user, moved = see(known, day=day, crashed=crashed)
    for change in moved:
        changes.add(release_id, change.day, change.column, change.amount)
    values = {"newest_day": user.newest, "newest_crashed_day": user.newest_crashed}
    if known is None:
        insert = insert_unless_exists(connection, ReleaseUser, "release_id", "user_key")
        inserted = connection.execute(
            insert.returning(ReleaseUser.release_id),
            {"release_id": release_id, "user_key": user_key, **values},
        ).scalar()
        if inserted is None:
            raise LostRace
    elif user != known:
        connection.execute(
            update(ReleaseUser).where(
                ReleaseUser.release_id == release_id, ReleaseUser.user_key == user_key
            ),
            values,
        )


def add_opened(connection: Connection, opened: dict[_DayKey, _Figures], now: datetime) -> None:
    """Count a new session; the first of a day makes the day's row."""
    insert = insert_into(connection, ReleaseDay)
    new = insert.excluded
    grown = {name: getattr(ReleaseDay, name) + new[name] for name in FIGURES}
    # Written out: the scalar minimum is min() on SQLite and least() on PostgreSQL.
    first = case(
        (new.first_seen_at < ReleaseDay.first_seen_at, new.first_seen_at),
        else_=ReleaseDay.first_seen_at,
    )
    last = case(
        (new.last_seen_at > ReleaseDay.last_seen_at, new.last_seen_at),
        else_=ReleaseDay.last_seen_at,
    )
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["release_id", "day"],
            set_={**grown, "first_seen_at": first, "last_seen_at": last},
        ),
        [
            {"release_id": id_, "day": day, "first_seen_at": now, "last_seen_at": now, **figures}
            for (id_, day), figures in _in_lock_order(opened)
        ],
    )


def add(connection: Connection, changes: Changes) -> None:
    """Move figures of days that exist already."""
    parameters = [
        {
            "at_release": release_id,
            "at_day": day,
            **{f"add_{name}": amount for name, amount in figures.items()},
        }
        for (release_id, day), figures in _in_lock_order(changes.by_row)
    ]
    if parameters:
        connection.execute(__UPDATE_FIGURES, parameters)


def _in_lock_order(rows: dict[_DayKey, _Figures]) -> list[tuple[_DayKey, _Figures]]:
    """By day, then release: two transactions that meet on several rows must not cross."""
    return sorted(rows.items(), key=lambda row: (row[0][1], row[0][0]))

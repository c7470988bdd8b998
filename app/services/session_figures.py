"""The figures kept beside the sessions: releases, their days, and their users' newest days.

How they stay exact is told in docs/decisions/0006-kept-figures.md. Only `app.services.sessions`
moves them, inside the transaction that stores the session. The statements are built once: building
one for each session would cost more than executing it.
"""

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, case, or_, select, update
from sqlalchemy.orm import aliased

from app.database import insert_into, insert_unless_exists
from app.domain.session_status import SessionStatus
from app.domain.user_days import UserDays, see
from app.models import Release, ReleaseDay, ReleaseUser
from app.models.sessions import ALL_ENVIRONMENTS
from app.prepared import Prepared, Statement
from app.services import senders

FIGURES = (*SessionStatus, "users_active", "users_newest", "users_newest_crashed")

# Under this name the retention horizon of the raw sessions is kept.
SESSIONS_HORIZON = "sessions"

_DayKey = tuple[int, date]  # release id, day
_Figures = dict[str, int]  # by column

_SCOPES = Prepared(
    lambda _: select(Release.environment, Release.id)
    .where(
        senders.still_holds(),
        Release.project_id == bindparam("project_id"),
        Release.name == bindparam("name"),
        or_(
            Release.environment == ALL_ENVIRONMENTS,
            Release.environment == bindparam("environment"),
        ),
    )
    .order_by(Release.id)
)
_own, _all = aliased(Release), aliased(Release)
_IN_ALL = Prepared(
    lambda _: select(_all.id)
    .join(_own, (_own.project_id == _all.project_id) & (_own.name == _all.name))
    .where(_own.id == bindparam("release_id"), _all.environment == ALL_ENVIRONMENTS)
)
_KNOWN_USER = Prepared(
    lambda _: select(ReleaseUser.release_id, ReleaseUser.newest_day, ReleaseUser.newest_crashed_day)
    .where(
        or_(
            ReleaseUser.release_id == bindparam("first"),
            ReleaseUser.release_id == bindparam("second"),
        ),
        ReleaseUser.user_key == bindparam("user_key"),
    )
    .order_by(ReleaseUser.release_id)
    .with_for_update()
)
_MOVE_USER = Prepared(
    lambda _: update(ReleaseUser)
    .where(
        ReleaseUser.release_id == bindparam("at_release"),
        ReleaseUser.user_key == bindparam("at_user"),
    )
    .values(newest_day=bindparam("newest"), newest_crashed_day=bindparam("newest_crashed"))
)
_ADD = Prepared(
    lambda _: update(ReleaseDay)
    .where(ReleaseDay.release_id == bindparam("at_release"), ReleaseDay.day == bindparam("at_day"))
    .values({name: getattr(ReleaseDay, name) + bindparam(f"add_{name}") for name in FIGURES})
)


_INSERT_RELEASE = Prepared(
    lambda dialect_name: insert_unless_exists(
        dialect_name, Release, "project_id", "environment", "name"
    )
)
_INSERT_USER = Prepared(
    lambda dialect_name: insert_unless_exists(
        dialect_name, ReleaseUser, "release_id", "user_key", returning=ReleaseUser.release_id
    )
)


def _count_opened(dialect_name: str) -> Statement:
    insert = insert_into(dialect_name, ReleaseDay)
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
    return insert.on_conflict_do_update(
        index_elements=["release_id", "day"],
        set_={**grown, "first_seen_at": first, "last_seen_at": last},
    )


_COUNT_OPENED = Prepared(_count_opened)


class LostRace(Exception):
    """Another transaction was first; everything must be read again."""


class Changes:
    """What to add to the figures, by release, day and column."""

    def __init__(self) -> None:
        self.by_row: defaultdict[_DayKey, _Figures] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))

    def add(self, release_id: int, day: date, column: str, amount: int) -> None:
        self.by_row[release_id, day][column] += amount


def scopes(
    connection: Connection,
    project_id: int,
    *,
    name: str,
    environment: str,
    token_digest: bytes | None,
) -> dict[str, int]:
    """The release's ids in this environment and in all, made when they are new; by rising id.

    Raises UnknownProjectToken when the token is the project's no more, and LostRace when somebody
    is just giving the release another name.
    """
    release = {"project_id": project_id, "name": name, "environment": environment}
    wanted = {**release, "token_digest": token_digest}
    found = _SCOPES.rows(connection, wanted)
    if len(found) < 2:
        senders.check(connection, project_id, token_digest)
        _INSERT_RELEASE.each(connection, [{**release, "environment": ALL_ENVIRONMENTS}, release])
        found = _SCOPES.rows(connection, wanted)
        if len(found) < 2:
            raise LostRace
    return {each: release_id for each, release_id in found}


def release_ids_of(connection: Connection, release_id: int) -> list[int]:
    """The given release's id, and that of the same release in all environments; rising."""
    in_all = _IN_ALL.value(connection, {"release_id": release_id})
    return sorted((release_id, in_all))


def lock_users(
    connection: Connection, release_ids: list[int], user_key: bytes | None
) -> dict[int, UserDays]:
    """What is known of the user, by release id; nobody else changes it until the commit."""
    if user_key is None:
        return {}
    first, second = release_ids
    rows = _KNOWN_USER.rows(connection, {"first": first, "second": second, "user_key": user_key})
    return {release_id: UserDays(newest, crashed) for release_id, newest, crashed in rows}


def see_user(
    connection: Connection,
    changes: Changes,
    release_ids: list[int],
    user_key: bytes,
    known: dict[int, UserDays],
    day: date,
    *,
    crashed: bool,
) -> None:
    """Move the user's days in each scope, and note what that changes in the figures.

    Raises LostRace when another transaction has just met the same new user.
    """
    for release_id in release_ids:
        user, moves = see(known.get(release_id), day=day, crashed=crashed)
        for move in moves:
            changes.add(release_id, move.day, move.column, move.amount)
        if release_id not in known:
            _insert_user(connection, release_id, user_key, user)
        elif user != known[release_id]:
            days = {"newest": user.newest, "newest_crashed": user.newest_crashed}
            _MOVE_USER.rows(connection, {"at_release": release_id, "at_user": user_key, **days})


def add_opened(connection: Connection, opened: dict[_DayKey, _Figures], now: datetime) -> None:
    """Count a new session; the first of a day makes the day's row."""
    seen = {"first_seen_at": now, "last_seen_at": now}
    _COUNT_OPENED.each(
        connection,
        [
            {"release_id": release_id, "day": day, **seen, **figures}
            for (release_id, day), figures in _in_lock_order(opened)
        ],
    )


def add(connection: Connection, changes: Changes) -> None:
    """Move figures of days that exist already."""
    added = []
    for (release_id, day), figures in _in_lock_order(changes.by_row):
        amounts = {f"add_{name}": amount for name, amount in figures.items()}
        added.append({"at_release": release_id, "at_day": day, **amounts})
    _ADD.each(connection, added)


def _insert_user(connection: Connection, release_id: int, user_key: bytes, user: UserDays) -> None:
    values = {
        "release_id": release_id,
        "user_key": user_key,
        "newest_day": user.newest,
        "newest_crashed_day": user.newest_crashed,
    }
    if _INSERT_USER.value(connection, values) is None:
        raise LostRace


def _in_lock_order(rows: dict[_DayKey, _Figures]) -> list[tuple[_DayKey, _Figures]]:
    """By day, then release: two transactions that meet on several rows must not cross."""
    return sorted(rows.items(), key=lambda row: (row[0][1], row[0][0]))

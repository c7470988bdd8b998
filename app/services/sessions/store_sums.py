"""Stores sums of sessions, their users and the figures that they move, in the caller's transaction.

Rows are locked in the order of `app.services.sessions.postgresql_statement`: users by release, then
days. The sums come last, as nothing else writes them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, update

from app.database import insert_into
from app.database.prepared import Prepared, Statement
from app.domain.session_moves import RISING_FIGURES
from app.domain.session_status import SessionStatus
from app.domain.session_sums import SumMoves
from app.models import ReleaseDay, ReleaseUser, SessionSum
from app.models.sessions import NOBODY

_COUNTS = (*SessionStatus, "unhandled")


@dataclass
class UserSums:
    """All of one user, or of nobody."""

    sessions: Counter[SessionStatus]
    unhandled: int = 0

    @property
    def total(self) -> int:
        return sum(self.sessions.values())

    @property
    def has_crashed(self) -> bool:
        return bool(self.sessions[SessionStatus.CRASHED])


def store(
    connection: Connection,
    release_id: int,
    of_users: Mapping[bytes | None, UserSums],
    moves: SumMoves,
    *,
    day: date,
    now: datetime,
) -> None:
    _store_users(connection, moves)
    moments = {"first_seen_at": now, "last_seen_at": now}
    _COUNT.each(
        connection,
        [
            {"release_id": at_release, "day": at_day, **moments, **row}
            for (at_release, at_day), row in moves.figures.items()
            if at_day == day
        ],
    )
    _ADD.each(
        connection,
        [
            {"at_release": at_release, "at_day": at_day}
            | {f"add_{name}": amount for name, amount in row.items()}
            for (at_release, at_day), row in moves.figures.items()
            if at_day != day
        ],
    )
    _KEEP.each(
        connection,
        [
            {
                "release_id": release_id,
                "day": day,
                "user_key": key or NOBODY,
                **{status: each.sessions[status] for status in SessionStatus},
                "unhandled": each.unhandled,
                **moments,
            }
            for key, each in sorted(of_users.items(), key=lambda item: item[0] or NOBODY)
        ],
    )


def keep(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Add rows of sums to what is kept of the same release, day and user."""
    _KEEP.each(connection, rows)


def _store_users(connection: Connection, moves: SumMoves) -> None:
    moved = sorted(
        ((move.release_id, key, move) for key, users in moves.users.items() for move in users),
        key=lambda each: each[:2],
    )
    _MEET.each(
        connection,
        [
            {
                "release_id": release_id,
                "user_key": key,
                "newest_day": after.newest,
                "newest_crashed_day": after.newest_crashed,
            }
            for release_id, key, (_, before, after) in moved
            if before is None
        ],
    )
    _MOVE.each(
        connection,
        [
            {
                "at_release": release_id,
                "at_user": key,
                "newest": after.newest,
                "newest_crashed": after.newest_crashed,
            }
            for release_id, key, (_, before, after) in moved
            if before is not None and after != before
        ],
    )


def _upsert(
    dialect_name: str, model: type[Any], keys: Iterable[str], names: Iterable[str]
) -> Statement:
    """Adds to the figures of these names where the row is there already."""
    insert_ = insert_into(dialect_name, model)
    new = insert_.excluded
    # SQLite gives them the names of its aggregates.
    least, greatest = (
        (func.min, func.max) if dialect_name == "sqlite" else (func.least, func.greatest)
    )
    return insert_.on_conflict_do_update(
        index_elements=list(keys),
        set_={
            **{name: getattr(model, name) + new[name] for name in names},
            "first_seen_at": least(new.first_seen_at, model.first_seen_at),
            "last_seen_at": greatest(new.last_seen_at, model.last_seen_at),
        },
    )


_MEET = Prepared(lambda _: insert(ReleaseUser))
_MOVE = Prepared(
    lambda _: update(ReleaseUser)
    .where(
        ReleaseUser.release_id == bindparam("at_release"),
        ReleaseUser.user_key == bindparam("at_user"),
    )
    .values(newest_day=bindparam("newest"), newest_crashed_day=bindparam("newest_crashed"))
)
_COUNT = Prepared(
    lambda dialect_name: _upsert(dialect_name, ReleaseDay, ("release_id", "day"), RISING_FIGURES)
)
_ADD = Prepared(
    lambda _: update(ReleaseDay)
    .where(ReleaseDay.release_id == bindparam("at_release"), ReleaseDay.day == bindparam("at_day"))
    .values({name: getattr(ReleaseDay, name) + bindparam(f"add_{name}") for name in RISING_FIGURES})
)
_KEEP = Prepared(
    lambda dialect_name: _upsert(
        dialect_name, SessionSum, ("release_id", "day", "user_key"), _COUNTS
    )
)

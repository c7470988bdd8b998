"""Stores what a report moves on SQLite: one statement after the other, inside a transaction.

On PostgreSQL each statement costs a message and an answer; there one statement does it all
(`app.services.sessions.store_postgresql`).
"""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, func, update

from app.database import insert_into, insert_unless_exists
from app.database.prepared import Prepared, Statement
from app.domain.session_moves import FIGURES, DayKey, Figures, Moves, Seen, StoredSession
from app.models import ReleaseDay, ReleaseUser, Session
from app.services.sessions.sent_report import LostRace, SentReport, session_values


def _count_opened(dialect_name: str) -> Statement:
    """The first session of a day makes the day's row."""
    insert = insert_into(dialect_name, ReleaseDay)
    new = insert.excluded
    grown = {name: getattr(ReleaseDay, name) + new[name] for name in FIGURES}
    return insert.on_conflict_do_update(
        index_elements=["release_id", "day"],
        set_={
            **grown,
            "first_seen_at": func.min(new.first_seen_at, ReleaseDay.first_seen_at),
            "last_seen_at": func.max(new.last_seen_at, ReleaseDay.last_seen_at),
        },
    )


_INSERT = Prepared(
    lambda dialect_name: insert_unless_exists(
        dialect_name, Session, "project_id", "session_id", returning=Session.id
    )
)
_CHANGE = Prepared(
    lambda _: update(Session)
    .where(Session.id == bindparam("known_id"))
    .values(
        status=bindparam("new_status"),
        duration_ms=bindparam("new_duration_ms"),
        ended_at=func.coalesce(
            # Typed, because sqlite3 itself would write a moment in another form.
            bindparam("new_ended_at", type_=Session.ended_at.type),
            Session.ended_at,
        ),
    )
)
_INSERT_USER = Prepared(
    lambda dialect_name: insert_unless_exists(
        dialect_name, ReleaseUser, "release_id", "user_key", returning=ReleaseUser.release_id
    )
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
_COUNT_OPENED = Prepared(_count_opened)


def open_session(connection: Connection, sent: SentReport, seen: Seen, moves: Moves) -> None:
    """Raises LostRace when the session is there already."""
    if _INSERT.value(connection, session_values(sent, seen, moves)) is None:
        raise LostRace
    _move_users(connection, moves, sent.report.user_key)
    moments = {"first_seen_at": sent.at, "last_seen_at": sent.at}
    opened = [
        {"release_id": release_id, "day": day, **moments, **figures}
        for (release_id, day), figures in moves.figures.items()
        if day == moves.day
    ]
    _COUNT_OPENED.each(connection, opened)
    _add(connection, {at: row for at, row in moves.figures.items() if at[1] != moves.day})


def change_session(
    connection: Connection, _sent: SentReport, session: StoredSession, moves: Moves
) -> None:
    _CHANGE.rows(
        connection,
        {
            "known_id": session.id,
            "new_status": moves.status,
            "new_duration_ms": moves.duration_ms,
            "new_ended_at": moves.ended_at,
        },
    )
    _move_users(connection, moves, session.user_key)
    _add(connection, moves.figures)


def _move_users(connection: Connection, moves: Moves, user_key: bytes | None) -> None:
    for release_id, before, after in moves.users:
        newest, newest_crashed = after.newest, after.newest_crashed
        if before is None:
            key = {"release_id": release_id, "user_key": user_key}
            days = {"newest_day": newest, "newest_crashed_day": newest_crashed}
            if _INSERT_USER.value(connection, key | days) is None:
                raise LostRace
        elif after != before:
            at = {"at_release": release_id, "at_user": user_key}
            days = {"newest": newest, "newest_crashed": newest_crashed}
            _MOVE_USER.rows(connection, at | days)


def _add(connection: Connection, figures: Mapping[DayKey, Figures]) -> None:
    """Add to the figures of days that are there already."""
    added = []
    for (release_id, day), row in figures.items():
        amounts = {f"add_{name}": amount for name, amount in row.items()}
        added.append({"at_release": release_id, "at_day": day, **amounts})
    _ADD.each(connection, added)

"""Stores what a report moves on SQLite: one statement after the other, inside a transaction.

On PostgreSQL each statement costs a message and an answer; there one statement does it all
(`app.services.sessions.store_postgresql`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Update, bindparam, func, update

from app.database import insert_into, insert_unless_exists
from app.database.prepared import Prepared, Statement
from app.domain.session_moves import (
    FIGURES,
    RISING_FIGURES,
    DayKey,
    Figures,
    Moves,
    Progress,
    Seen,
    StoredSession,
)
from app.models import ReleaseDay, ReleaseUser, Session
from app.services.sessions.sent_report import LostRace, SentReport, session_values


def _count_opened(dialect_name: str, names: Sequence[str]) -> Statement:
    """The first session of a day makes the day's row."""
    insert = insert_into(dialect_name, ReleaseDay)
    new = insert.excluded
    grown = {name: getattr(ReleaseDay, name) + new[name] for name in names}
    return insert.on_conflict_do_update(
        index_elements=["release_id", "day"],
        set_={
            **grown,
            "first_seen_at": func.min(new.first_seen_at, ReleaseDay.first_seen_at),
            "last_seen_at": func.max(new.last_seen_at, ReleaseDay.last_seen_at),
        },
    )


def _change(_dialect_name: str) -> Update:
    return (
        update(Session)
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


def _raise(dialect_name: str) -> Update:
    return _change(dialect_name).values(
        user_key=bindparam("new_user_key"),
        errors=bindparam("new_errors"),
        unhandled=bindparam("new_unhandled"),
        abnormal_mechanism=bindparam("new_abnormal_mechanism"),
    )


def _add_to_day(names: Sequence[str]) -> Update:
    return (
        update(ReleaseDay)
        .where(
            ReleaseDay.release_id == bindparam("at_release"), ReleaseDay.day == bindparam("at_day")
        )
        .values({name: getattr(ReleaseDay, name) + bindparam(f"add_{name}") for name in names})
    )


def _insert(dialect_name: str) -> Statement:
    return insert_unless_exists(
        dialect_name, Session, "project_id", "session_id", returning=Session.id
    )


# Of each two the second is for reports of the Sentry dialect, which have more columns: those of
# Pionne's cost what they did.
_INSERT, _INSERT_RISING = Prepared(_insert), Prepared(_insert)
_CHANGE, _RAISE = Prepared(_change), Prepared(_raise)
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
_ADD = Prepared(lambda _: _add_to_day(FIGURES))
_ADD_RISING = Prepared(lambda _: _add_to_day(RISING_FIGURES))
_COUNT_OPENED = Prepared(lambda dialect_name: _count_opened(dialect_name, FIGURES))
_COUNT_RISING = Prepared(lambda dialect_name: _count_opened(dialect_name, RISING_FIGURES))


def open_session(connection: Connection, sent: SentReport, seen: Seen, moves: Moves) -> None:
    """Raises LostRace when the session is there already."""
    rises = sent.report.rises
    insert = _INSERT_RISING if rises else _INSERT
    if insert.value(connection, session_values(sent, seen, moves)) is None:
        raise LostRace
    _move_users(connection, moves, sent.report.user_key)
    moments = {"first_seen_at": sent.at, "last_seen_at": sent.at}
    opened = [
        {"release_id": release_id, "day": day, **moments, **figures}
        for (release_id, day), figures in moves.figures.items()
        if day == moves.day
    ]
    (_COUNT_RISING if rises else _COUNT_OPENED).each(connection, opened)
    others = {at: row for at, row in moves.figures.items() if at[1] != moves.day}
    _add(connection, others, rises=rises)


def change_session(
    connection: Connection,
    sent: SentReport,
    session: StoredSession,
    _progress: Progress,
    moves: Moves,
) -> None:
    values: dict[str, Any] = {
        "known_id": session.id,
        "new_status": moves.status,
        "new_duration_ms": moves.duration_ms,
        "new_ended_at": moves.ended_at,
    }
    rises = sent.report.rises
    user_key = session.user_key or moves.user_key
    if rises:
        values |= {
            "new_user_key": user_key,
            "new_errors": moves.errors,
            "new_unhandled": moves.has_unhandled,
            "new_abnormal_mechanism": moves.abnormal_mechanism,
        }
    (_RAISE if rises else _CHANGE).rows(connection, values)
    _move_users(connection, moves, user_key)
    _add(connection, moves.figures, rises=rises)


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


def _add(connection: Connection, figures: Mapping[DayKey, Figures], *, rises: bool) -> None:
    """Add to the figures of days that are there already."""
    added = []
    for (release_id, day), row in figures.items():
        amounts = {f"add_{name}": amount for name, amount in row.items()}
        added.append({"at_release": release_id, "at_day": day, **amounts})
    (_ADD_RISING if rises else _ADD).each(connection, added)

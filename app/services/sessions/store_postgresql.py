"""Stores what a report moves on PostgreSQL: in one statement, all of it or nothing.

`app.services.sessions.postgresql_statement` has the statement, and why it needs no transaction
around it.
"""

import json
from datetime import date
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.domain.session_moves import Moves, Progress, Seen, StoredSession
from app.domain.user_days import UserDays
from app.services.sessions.postgresql_statement import Shape, statement_of
from app.services.sessions.sent_report import LostRace, SentReport, session_values

_UNIQUE_VIOLATION, _DEADLOCK_DETECTED = "23505", "40P01"


def open_session(connection: Connection, sent: SentReport, seen: Seen, moves: Moves) -> None:
    """Raises LostRace, having stored nothing, when anything is not as it was seen."""
    report = sent.report
    values = {
        **session_values(sent, seen, moves),
        "token_digest": sent.token_digest,
        "name": report.release,
        "environment": report.environment,
        "in_all_id": seen.in_all_id,
        "seen_at": sent.at,
    }
    _store(connection, values, moves, opens=True, rises=report.rises)


def change_session(
    connection: Connection,
    sent: SentReport,
    session: StoredSession,
    progress: Progress,
    moves: Moves,
) -> None:
    """Raises LostRace, having stored nothing, when anything is not as it was seen."""
    values = {
        "project_id": sent.project_id,
        "token_digest": sent.token_digest,
        "known_id": session.id,
        "known_status": session.status,
        "day": moves.day,
        "known_duration_ms": session.duration_ms,
        "user_key": session.user_key,
        "status": moves.status,
        "duration_ms": moves.duration_ms,
        "ended_at": moves.ended_at,
        "seen_at": sent.at,
    }
    rises = sent.report.rises
    if rises:
        values |= {
            "user_key": session.user_key or moves.user_key,
            "known_user_key": session.user_key,
            "known_errors": progress.errors,
            "known_unhandled": progress.has_unhandled,
            "known_abnormal_mechanism": progress.abnormal_mechanism,
            "had_ended": progress.has_ended,
            "errors": moves.errors,
            "unhandled": moves.has_unhandled,
            "abnormal_mechanism": moves.abnormal_mechanism,
        }
    _store(connection, values, moves, opens=False, rises=rises)


def _store(
    connection: Connection, values: dict[str, Any], moves: Moves, *, opens: bool, rises: bool
) -> None:
    rows = {}
    if moves.users:
        rows["users"] = json.dumps([_user_row(*each) for each in moves.users])
    if moves.figures:
        rows["days"] = json.dumps(
            [
                {"release_id": release_id, "day": day.isoformat(), **figures}
                for (release_id, day), figures in moves.figures.items()
            ]
        )
    try:
        stored_id = statement_of(Shape.of(moves, opens=opens, rises=rises)).value(
            connection, values | rows
        )
    except DBAPIError as error:
        if was_first(error):
            raise LostRace from error
        raise
    if stored_id is None:
        raise LostRace


def was_first(error: DBAPIError) -> bool:
    """Whether another transaction was, so that all is to be read again."""
    return getattr(error.orig, "sqlstate", None) in (_UNIQUE_VIOLATION, _DEADLOCK_DETECTED)


def _user_row(release_id: int, before: UserDays | None, after: UserDays) -> dict[str, object]:
    return {
        "release_id": release_id,
        "newest": _iso(after.newest),
        "newest_crashed": _iso(after.newest_crashed),
        "was_newest": _iso(before.newest) if before else None,
        "was_newest_crashed": _iso(before.newest_crashed) if before else None,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

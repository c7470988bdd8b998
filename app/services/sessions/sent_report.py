"""A report of a session as it came, and the columns that a new session gets from it."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.session_moves import Moves, Seen, SessionReport


@dataclass(frozen=True, kw_only=True)
class SentReport:
    """`token_digest` is that of the token it was sent with; None: no token is checked."""

    project_id: int
    report: SessionReport
    token_digest: bytes | None
    at: datetime


class LostRace(Exception):
    """Another transaction was first: read everything again, and try again."""


class UnknownNames(LostRace):
    """A session opens in a release or an environment that has no row yet: admit them, and look
    again (app.services.releases.names)."""


def session_values(sent: SentReport, seen: Seen, moves: Moves) -> dict[str, object]:
    """The columns of a session that opens."""
    report = sent.report
    return {
        "project_id": sent.project_id,
        "session_id": report.session_id,
        "release_id": seen.release_id,
        "day": moves.day,
        "status": moves.status,
        "user_key": report.user_key,
        "app_version": report.app_version,
        "os_name": report.os_name,
        "app_id": report.app_id,
        "duration_ms": moves.duration_ms,
        "started_at": sent.at,
        "ended_at": moves.ended_at,
    }

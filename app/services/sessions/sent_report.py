"""A report of a session as it came, and the columns that a new session gets from it."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.session_moves import Moves, Seen, SessionReport


@dataclass(frozen=True, kw_only=True)
class SentReport:
    """`token_digest` is that of the token it was sent with; None: no token is checked.

    `started_at` is when the session began, where that is told; it counts in the first report alone.
    """

    project_id: int
    report: SessionReport
    token_digest: bytes | None
    at: datetime
    started_at: datetime | None = None


class LostRace(Exception):
    """Another transaction was first: read everything again, and try again."""


class UnknownNames(LostRace):
    """A session opens in a release or an environment that has no row yet: admit them, and look
    again (app.services.releases.names)."""


class NeedsLocks(LostRace):
    """What is to be read must stay as it is until all is stored: begin again, in a transaction."""


def session_values(sent: SentReport, seen: Seen, moves: Moves) -> dict[str, object]:
    """The columns of a session that opens."""
    report = sent.report
    values: dict[str, object] = {
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
    if report.rises:
        values |= {
            "started_at": sent.started_at or sent.at,
            "errors": moves.errors,
            "unhandled": moves.has_unhandled,
            "abnormal_mechanism": moves.abnormal_mechanism,
            "reported_at": sent.at if sent.started_at else None,
        }
    return values

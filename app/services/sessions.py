"""Session reports from SDKs, and the figures that move with them in the same transaction.

What is counted, and how it is kept exact, is told in docs/decisions/0006-kept-figures.md.

Rows are locked in one order everywhere: session, users by release, days by day and release. (On
SQLite the transaction itself is the only lock.)
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from app.database import insert_unless_exists, write
from app.domain.session_status import SessionStatus
from app.models import Session
from app.prepared import Prepared
from app.services import senders
from app.services import session_figures as figures
from app.signals import session_recorded, tell

_MAX_ATTEMPTS = 10


@dataclass(frozen=True, kw_only=True)
class SessionReport:
    """One POST about a session; the first one fixes all fields but status, duration and end."""

    session_id: bytes  # the UUID's 16 bytes
    status: SessionStatus
    release: str
    environment: str
    app_version: str | None = None
    os_name: str | None = None
    app_id: str | None = None
    user_key: bytes | None = None
    duration_ms: int | None = None


class _Known(NamedTuple):
    """A session as it is stored."""

    id: int
    status: str
    release_id: int
    day: date
    user_key: bytes | None
    duration_ms: int | None


_KNOWN_SESSION = Prepared(
    lambda _: select(*(getattr(Session, name) for name in _Known._fields))
    .where(
        Session.project_id == bindparam("project_id"),
        Session.session_id == bindparam("session_id"),
        senders.still_holds(),
    )
    .with_for_update()
)
_INSERT = Prepared(
    lambda dialect_name: insert_unless_exists(
        dialect_name, Session, "project_id", "session_id", returning=Session.id
    )
)
_WORSEN = Prepared(
    lambda _: update(Session)
    .where(Session.id == bindparam("known_id"))
    .values({name: bindparam(f"new_{name}") for name in ("status", "ended_at", "duration_ms")})
)


def record(
    project_id: int, report: SessionReport, *, now: datetime, token_digest: bytes | None = None
) -> None:
    """Open a session, or move it on; the order of reports, and their number, does not matter.

    Raises UnknownProjectToken when the token that it was sent with is the project's no more.
    """
    for _ in range(_MAX_ATTEMPTS):
        try:
            write(lambda connection: _record(connection, project_id, report, now, token_digest))
            tell(session_recorded)
            return
        except figures.LostRace:
            continue
    raise RuntimeError(f"a session was neither opened nor found in {_MAX_ATTEMPTS} attempts")


def _record(
    connection: Connection,
    project_id: int,
    report: SessionReport,
    now: datetime,
    token_digest: bytes | None,
) -> None:
    found = _KNOWN_SESSION.rows(
        connection,
        {
            "project_id": project_id,
            "session_id": report.session_id,
            "token_digest": token_digest,
        },
    )
    if not found:
        _open(connection, project_id, report, now, token_digest)
        return
    known = _Known(*found[0])
    if report.status.outranks(SessionStatus(known.status)):
        _worsen(connection, known, report, now)
    else:
        _complete(connection, known, report)


def _open(
    connection: Connection,
    project_id: int,
    report: SessionReport,
    now: datetime,
    token_digest: bytes | None,
) -> None:
    scopes = figures.scopes(
        connection,
        project_id,
        name=report.release,
        environment=report.environment,
        token_digest=token_digest,
    )
    release_ids = list(scopes.values())
    users = figures.lock_users(connection, release_ids, report.user_key)
    # A user's newest day never moves back, not even where hosts disagree about midnight.
    day = max([now.date(), *(user.newest for user in users.values())])
    is_over = report.status is not SessionStatus.OK
    new_id = _INSERT.value(
        connection,
        {
            "project_id": project_id,
            "session_id": report.session_id,
            "release_id": scopes[report.environment],
            "day": day,
            "status": report.status,
            "user_key": report.user_key,
            "app_version": report.app_version,
            "os_name": report.os_name,
            "app_id": report.app_id,
            "duration_ms": report.duration_ms,
            "started_at": now,
            "ended_at": now if is_over else None,
        },
    )
    if new_id is None:
        raise figures.LostRace
    changes = figures.Changes()
    for release_id in release_ids:
        changes.add(release_id, day, report.status, 1)
    if report.user_key is not None:
        crashed = report.status is SessionStatus.CRASHED
        figures.see_user(
            connection, changes, release_ids, report.user_key, users, day, crashed=crashed
        )
    opened = {
        at: changes.by_row.pop(at) for at in [(release_id, day) for release_id in release_ids]
    }
    figures.add(connection, changes)  # days before this one, so they are locked first
    figures.add_opened(connection, opened, now)


def _worsen(connection: Connection, known: _Known, report: SessionReport, now: datetime) -> None:
    duration_ms = known.duration_ms if report.duration_ms is None else report.duration_ms
    _WORSEN.rows(
        connection,
        {
            "known_id": known.id,
            "new_status": report.status,
            "new_ended_at": now,
            "new_duration_ms": duration_ms,
        },
    )
    release_ids = figures.release_ids_of(connection, known.release_id)
    changes = figures.Changes()
    for release_id in release_ids:
        changes.add(release_id, known.day, known.status, -1)
        changes.add(release_id, known.day, report.status, 1)
    if report.status is SessionStatus.CRASHED and known.user_key is not None:
        users = figures.lock_users(connection, release_ids, known.user_key)
        figures.see_user(
            connection, changes, release_ids, known.user_key, users, known.day, crashed=True
        )
    figures.add(connection, changes)


def _complete(connection: Connection, known: _Known, report: SessionReport) -> None:
    """An equal or better status changes nothing but a duration that was not known yet.

    The end is known: only a session that is ok has none, and nothing is better than ok.
    """
    if known.duration_ms is None and report.duration_ms is not None:
        connection.execute(
            update(Session).where(Session.id == known.id), {"duration_ms": report.duration_ms}
        )

"""Session reports from SDKs, and the figures that move with them in the same transaction.

What is counted, and how it is kept exact, is told in docs/decisions/0006-kept-figures.md; how two
reports that come at once do not count twice in docs/decisions/0068-look-then-store.md.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from app.database import single_statements, write, write_transaction, writers_take_turns
from app.domain.losses import LossKind, LossReason
from app.domain.session_moves import (
    Moves,
    Progress,
    Seen,
    SessionReport,
    StoredSession,
    day_of_new_session,
    moves_of,
)
from app.extensions import settings
from app.services import losses
from app.services.projects import senders
from app.services.releases import names as release_names
from app.services.releases.names import Allowance, Names
from app.services.sessions import store_postgresql as session_store_postgresql
from app.services.sessions import store_sqlite as session_store_sqlite
from app.services.sessions.look import active_on, is_met_late, is_met_since, lock, look
from app.services.sessions.sent_report import LostRace, NeedsLocks, SentReport, UnknownNames
from app.signals import session_recorded, tell

__all__ = ["SessionReport", "add", "record", "record_past", "worsen"]

_MAX_ATTEMPTS = 10


def record(
    project_id: int,
    report: SessionReport,
    *,
    now: datetime,
    token_digest: bytes | None = None,
    started_at: datetime | None = None,
) -> None:
    """Open a session, or move it on; the order of reports, and their number, does not matter.

    `started_at` is when the session began, where a rising report tells it.

    Raises UnknownProjectToken when the token that it was sent with is the project's no more.
    """
    asked = sent = SentReport(
        project_id=project_id,
        report=report,
        token_digest=token_digest,
        at=now,
        started_at=started_at,
    )
    is_locked = False
    for _ in range(_MAX_ATTEMPTS):
        try:
            if writers_take_turns():
                has_opened = write(partial(_record, sent=sent, store=session_store_sqlite))
            elif is_locked:
                has_opened = write(partial(_record, sent=sent, store=session_store_postgresql))
            else:
                with single_statements() as connection:
                    has_opened = _record(
                        connection, sent=sent, store=session_store_postgresql, keeps_locks=False
                    )
        except UnknownNames:
            allowance = Allowance.of(settings())
            sent = write(partial(_admitted, sent=asked, allowance=allowance))
        except NeedsLocks:
            is_locked = True
        except LostRace:
            continue
        else:
            tell(session_recorded)
            if has_opened and sent is not asked and _names_of(sent) != _names_of(asked):
                note_other_names(project_id, now=now)
            return
    raise RuntimeError(f"a session was neither opened nor found in {_MAX_ATTEMPTS} attempts")


def _admitted(connection: Connection, *, sent: SentReport, allowance: Allowance) -> SentReport:
    """The report, with the names under which it is counted; they are known from now on."""
    senders.check(connection, sent.project_id, sent.token_digest)
    report = sent.report
    names = release_names.admit(
        connection, sent.project_id, _names_of(sent), day=sent.at.date(), allowance=allowance
    )
    version = report.app_version
    if names.release != report.release:
        # So that a native crash of this version finds its session, whatever that is counted under.
        version = version or report.release
    renamed = replace(
        report, release=names.release, environment=names.environment, app_version=version
    )
    return replace(sent, report=renamed)


def _names_of(sent: SentReport) -> Names:
    return Names(sent.report.release, sent.report.environment)


def worsen(connection: Connection, sent: SentReport) -> None:
    """Move a session that is stored, in the caller's transaction.

    Raises LostRace when it is not stored any more, or another transaction was first: then all of
    the transaction is to be done again.
    """
    seen = look(connection, sent)
    if seen.session is None:
        raise LostRace
    moves = moves_of(sent.report, seen, now=sent.at)
    if moves is not None:
        _store_of(connection).change_session(connection, sent, seen.session, seen.progress, moves)


def record_past(project_id: int, reports: Sequence[tuple[SessionReport, datetime]]) -> None:
    """Store many reports in one transaction, as `record` does, each at its own time, oldest first.

    For filling a project that nobody sends to yet: when another report of the same session or
    user is first, it raises LostRace and stores nothing.
    """
    allowance = Allowance.of(settings())
    with write_transaction() as connection:
        for report, at in reports:
            sent = SentReport(project_id=project_id, report=report, token_digest=None, at=at)
            add(connection, sent, allowance=allowance)
    tell(session_recorded)


def add(connection: Connection, asked: SentReport, *, allowance: Allowance) -> bool:
    """Open a session or move it on in the caller's transaction; whether it opened under others of
    its names.

    Raises LostRace when all of the transaction is to be done again. Call `note_other_names` after
    the commit where it did.
    """
    store, sent = _store_of(connection), asked
    try:
        has_opened = _record(connection, sent=sent, store=store)
    except UnknownNames:
        sent = _admitted(connection, sent=asked, allowance=allowance)
        has_opened = _record(connection, sent=sent, store=store)
    return has_opened and _names_of(sent) != _names_of(asked)


def note_other_names(project_id: int, *, now: datetime, quantity: int = 1) -> None:
    reason = LossReason.TOO_MANY_NAMES
    losses.count(project_id, kind=LossKind.SESSION, reason=reason, now=now, quantity=quantity)


class _Store(Protocol):
    """How each database stores; both methods store nothing and raise LostRace if what was read has
    changed meanwhile."""

    def open_session(
        self, connection: Connection, sent: SentReport, seen: Seen, moves: Moves
    ) -> None: ...

    def change_session(
        self,
        connection: Connection,
        sent: SentReport,
        session: StoredSession,
        progress: Progress,
        moves: Moves,
    ) -> None: ...


def _store_of(connection: Connection) -> _Store:
    is_sqlite = connection.dialect.name == "sqlite"
    return session_store_sqlite if is_sqlite else session_store_postgresql


def _record(
    connection: Connection, *, sent: SentReport, store: _Store, keeps_locks: bool = True
) -> bool:
    """Whether a session was opened; without a transaction that `keeps_locks` raises NeedsLocks."""
    report = sent.report
    seen = look(connection, sent)
    if is_met_since(report, seen):
        if not keeps_locks:
            raise NeedsLocks
        lock(connection, sent, seen)
        seen = look(connection, sent)
    day = day_of_new_session(seen, sent.at) if seen.session is None else seen.session.day
    is_met = seen.session is None or is_met_late(report, seen.session)
    if is_met and report.user_key is not None and seen.met_later(day):
        active = active_on(connection, seen, report.user_key, day)
        seen = replace(seen, active=active)
    moves = moves_of(report, seen, now=sent.at)
    if moves is None:
        return False
    if seen.session is None:
        store.open_session(connection, sent, seen, moves)
        return True
    store.change_session(connection, sent, seen.session, seen.progress, moves)
    return False

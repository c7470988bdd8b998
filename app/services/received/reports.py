"""Stores what one request of the Sentry dialect told, in one transaction.

Rows are locked in the same order by all: who sends, the ids of what came, issues, feedback, users
and days of releases. Two requests with several reports each may wait for one another all the same;
PostgreSQL then ends one of them, which begins again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.database import write
from app.domain.losses import LossKind, LossSource
from app.domain.sentry.categories import ATTACHMENT, ERROR, FEEDBACK, SESSION
from app.domain.sentry.client_reports import KNOWN_REASONS, OTHER
from app.domain.sentry.feedback import REPLACES_WITHIN, ReceivedFeedback
from app.domain.sentry.ids import IdKind
from app.domain.sentry.reports import IdentifiedFeedback, Reports
from app.domain.sentry.sessions import ReceivedSession
from app.extensions import settings
from app.services import losses, sessions
from app.services.feedback import received as received_feedback
from app.services.feedback.received import Arrival
from app.services.issues import events
from app.services.issues.events import AdmittedEvent, StoredEvent
from app.services.issues.new_event import clean
from app.services.projects import senders
from app.services.projects.senders import Sender
from app.services.received import ids
from app.services.received.ids import IdKey, Known
from app.services.releases.names import Allowance, Names
from app.services.sessions.sent_report import LostRace, SentReport
from app.services.sessions.store_postgresql import was_first
from app.signals import feedback_submitted, session_recorded, tell

_MAX_ATTEMPTS = 10
_KINDS = {
    ERROR: LossKind.EVENT,
    FEEDBACK: LossKind.FEEDBACK,
    SESSION: LossKind.SESSION,
    ATTACHMENT: LossKind.ATTACHMENT,
}


@dataclass(frozen=True)
class _Work:
    """Everything that is to be stored: no part of the request, which another thread may not use."""

    sender: Sender
    reports: Reports
    events: Sequence[tuple[bytes, AdmittedEvent]]
    arrival: Arrival
    allowance: Allowance
    most_new_issues: int

    @property
    def project_id(self) -> int:
        return self.sender.project_id

    @property
    def now(self) -> datetime:
        return self.arrival.now


@dataclass
class _Stored:
    """What to tell after the commit."""

    events: list[tuple[AdmittedEvent, StoredEvent]] = field(default_factory=list)
    feedback: list[tuple[ReceivedFeedback, bool]] = field(default_factory=list)
    sessions_renamed: int = 0


def store(sender: Sender, reports: Reports, *, address_hash: bytes, now: datetime) -> None:
    """All of it, and how much was lost of it; sending it again changes nothing, but for sums.

    Raises UnknownProjectToken when the key or token that it was sent with is the project's no more.
    """
    project_id = sender.project_id
    arrived = [
        (each.sentry_id, events.admitted(project_id, clean(each.event), now=now))
        for each in reports.events
    ]
    work = _Work(
        sender=sender,
        reports=reports,
        # In the order of what their issues are locked by.
        events=sorted(arrived, key=lambda each: each[1].event.fingerprint),
        arrival=Arrival(
            project_id=project_id,
            address_hash=address_hash,
            now=now,
            duplicate_window=timedelta(seconds=settings().duplicate_window_seconds),
        ),
        allowance=Allowance.of(settings()),
        most_new_issues=settings().new_issues_per_day,
    )
    _tell(work, _stored(work))


def _stored(work: _Work) -> _Stored:
    for _ in range(_MAX_ATTEMPTS):
        try:
            return write(partial(_store, work=work))
        except LostRace:
            continue
    raise RuntimeError(f"reports were not stored in {_MAX_ATTEMPTS} attempts")


def _store(connection: Connection, *, work: _Work) -> _Stored:
    """Raises LostRace when all is to be done again."""
    try:
        return _store_all(connection, work)
    except DBAPIError as error:
        if was_first(error):
            raise LostRace from error
        raise


def _store_all(connection: Connection, work: _Work) -> _Stored:
    senders.hold(connection, work.sender)
    known = ids.meet(connection, work.project_id, _keys(work.reports), now=work.now)
    stored = _Stored()
    for sentry_id, sent in work.events:
        _store_event(connection, work, sentry_id, sent, known, stored)
    for place, each in enumerate(work.reports.feedback):
        notes = work.reports.notes if place == 0 else {}
        is_new = _store_feedback(connection, work, each, known, notes)
        stored.feedback.append((each.feedback, is_new))
    for session in sorted(work.reports.sessions, key=_lock_order):
        sent_report = SentReport(
            project_id=work.project_id,
            report=session.report,
            token_digest=None,
            at=work.now,
            started_at=session.started_at,
        )
        stored.sessions_renamed += sessions.add(connection, sent_report, allowance=work.allowance)
    for aggregates in work.reports.aggregates:
        named = aggregates.attributes
        stored.sessions_renamed += sessions.add_sums(
            connection,
            work.project_id,
            Names(named.release, named.environment),
            aggregates.buckets,
            now=work.now,
            allowance=work.allowance,
        )
    return stored


def _keys(reports: Reports) -> Iterator[IdKey]:
    """All ids that are told: those of what came, and of the events that it is about."""
    for event in reports.events:
        yield IdKey(IdKind.EVENT, event.sentry_id)
    for each in reports.feedback:
        if key := _own_key(each):
            yield key
        if each.feedback.event_ref is not None:
            yield IdKey(IdKind.EVENT, each.feedback.event_ref)


def _own_key(each: IdentifiedFeedback) -> IdKey | None:
    if each.feedback.replaces and each.feedback.event_ref is not None:
        return IdKey(IdKind.REPORT, each.feedback.event_ref)
    return None if each.sentry_id is None else IdKey(IdKind.FEEDBACK, each.sentry_id)


def _store_event(
    connection: Connection,
    work: _Work,
    sentry_id: bytes,
    sent: AdmittedEvent,
    known: dict[IdKey, Known],
    stored: _Stored,
) -> None:
    """Unless it came before, also where it was deleted since."""
    key = IdKey(IdKind.EVENT, sentry_id)
    if known[key].row_id is not None:
        return
    new = events.add(
        connection,
        work.project_id,
        sent.event,
        sentry_id=sentry_id,
        now=work.now,
        allowance=work.allowance,
        most_new_issues=work.most_new_issues,
    )
    known[key] = ids.give(connection, work.project_id, key, row_id=new.id, now=work.now)
    received_feedback.tie_to_event(
        connection,
        work.project_id,
        sentry_id,
        event_id=new.id,
        issue_id=new.own_issue_id,
        release=new.release,
    )
    stored.events.append((sent, new))


def _store_feedback(
    connection: Connection,
    work: _Work,
    each: IdentifiedFeedback,
    known: dict[IdKey, Known],
    notes: dict[str, Any],
) -> bool:
    """Whether it is new."""
    key, feedback = _own_key(each), each.feedback
    before = known[key] if key else None
    if before is not None and before.row_id is not None:
        if not feedback.replaces:
            return False
        if abs(work.now - before.since) < REPLACES_WITHIN and received_feedback.replace(
            connection, before.row_id, feedback, project_id=work.project_id
        ):
            return False
    event = known[IdKey(IdKind.EVENT, feedback.event_ref)] if feedback.event_ref else None
    new = received_feedback.add(
        connection,
        feedback,
        work.arrival,
        event_id=event.row_id if event else None,
        notes=notes,
    )
    if key is not None:
        known[key] = ids.give(connection, work.project_id, key, row_id=new.id, now=work.now)
    return new.is_new


def _lock_order(session: ReceivedSession) -> tuple[str, str, bytes, bytes]:
    report = session.report
    return report.release, report.environment, report.user_key or b"", report.session_id


def _count_losses(work: _Work) -> None:
    """In memory first, as all that is lost: what a flood of refusals costs is no commit each.

    What SDKs tell is never limited, so their own words for a reason may not make rows without end.
    """
    told = [
        (LossSource.SERVER, each.category, each.reason.value, each.quantity)
        for each in work.reports.losses
    ] + [
        (LossSource.CLIENT, each.category, each.reason, each.quantity)
        for each in work.reports.discarded
        if not each.is_in_bytes
    ]
    together: Counter[tuple[LossSource, LossKind, str]] = Counter()  # of a thousand items, say
    for source, category, reason, quantity in told:
        is_known = source is LossSource.SERVER or reason in KNOWN_REASONS
        kind = _KINDS.get(category, LossKind.OTHER)
        together[source, kind, reason if is_known else OTHER] += quantity
    for (source, kind, reason), quantity in together.items():
        losses.count(
            work.project_id,
            source=source,
            kind=kind,
            reason=reason,
            now=work.now,
            quantity=quantity,
        )


def _tell(work: _Work, stored: _Stored) -> None:
    _count_losses(work)
    for sent, new in stored.events:
        events.note_stored(work.project_id, sent, new, now=work.now)
    for feedback, is_new in stored.feedback:
        tell(feedback_submitted, is_new=is_new, redactions=feedback.redactions)
    if stored.sessions_renamed:
        quantity = stored.sessions_renamed
        sessions.note_other_names(work.project_id, now=work.now, quantity=quantity)
    for _ in (*work.reports.sessions, *work.reports.aggregates):
        tell(session_recorded)

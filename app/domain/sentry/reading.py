"""Makes reports of envelopes, and of the events of the old store endpoint.

Each item is for itself: a broken one costs none of the others. But of all of them nothing may
vanish: each is in one of the lists of `Reports`, or is counted in its losses.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from app.domain.json_bounds import CostlyJson, JsonBudget
from app.domain.json_reading import NotJson, lenient_object, lenient_text
from app.domain.losses import LossReason
from app.domain.sentry.aggregates import received_aggregates
from app.domain.sentry.attachments import LOOKED_AT_BYTES, file_name, kind_of
from app.domain.sentry.categories import ATTACHMENT, ERROR, FEEDBACK, SESSION, category_of
from app.domain.sentry.client_reports import discarded_of
from app.domain.sentry.clock import DeviceClock, read_time
from app.domain.sentry.envelope import MAX_ITEMS, Envelope, Item
from app.domain.sentry.events import received_event
from app.domain.sentry.feedback import (
    InvalidFeedback,
    is_feedback,
    received_feedback,
    received_user_report,
)
from app.domain.sentry.ids import read_id
from app.domain.sentry.loose import mapping, text
from app.domain.sentry.reports import (
    AttachmentNotKept,
    IdentifiedEvent,
    IdentifiedFeedback,
    Lost,
    ReceivedAttachment,
    Reports,
)
from app.domain.sentry.sessions import LostSession, received_session

_TRANSACTION = "transaction"
# So much of one envelope is stored, in one transaction, for which all other writers may wait. SDKs
# put one event into an envelope; of sessions Sentry itself takes a hundred.
MOST_EVENTS, MOST_SESSIONS = 20, 100
_MOST_STORED = {ERROR: MOST_EVENTS, SESSION: MOST_SESSIONS}
# How many more of a category may be taken, of so many: what a project may send in a minute.
Allowance = Callable[[str, int], int]


def _new_id() -> bytes:
    return uuid4().bytes


def _all(_category: str, count: int) -> int:
    return count


def reports_of(
    envelope: Envelope,
    *,
    now: datetime,
    allowance: Allowance = _all,
    new_id: Callable[[], bytes] = _new_id,
) -> Reports:
    """What an envelope tells; its attachments stay in it.

    What is past the allowance is counted, and not looked at: it would cost as much as the rest.
    """
    headers = envelope.headers
    reading = _Reading(
        clock=DeviceClock(now, read_time(headers.get("sent_at"))),
        envelope_id=read_id(headers.get("event_id")),
        allowance=allowance,
        new_id=new_id,
    )
    reading.reports.release = text(mapping(headers.get("trace")).get("release"))
    for item in envelope.items:
        reading.take(item, envelope)
    return reading.told()


def reports_of_event(
    event: Mapping[str, Any],
    *,
    now: datetime,
    allowance: Allowance = _all,
    new_id: Callable[[], bytes] = _new_id,
) -> Reports:
    """What the body of the old store endpoint tells; it does not say when it was sent."""
    clock = DeviceClock(now)
    reading = _Reading(clock=clock, envelope_id=None, allowance=allowance, new_id=new_id)
    reading.take_event("event", event)
    reports = reading.told()
    # Always one, also for what is not kept.
    reports.sentry_id = reports.sentry_id or read_id(event.get("event_id")) or new_id()
    return reports


class _Reading:
    def __init__(
        self,
        *,
        clock: DeviceClock,
        envelope_id: bytes | None,
        allowance: Allowance,
        new_id: Callable[[], bytes],
    ) -> None:
        self.reports = Reports(sentry_id=envelope_id)
        self._clock = clock
        self._envelope_id = envelope_id
        self._id_left = envelope_id  # until the event or feedback is found whose it is
        self._allowance = allowance
        self._new_id = new_id
        self._budget = JsonBudget()  # of all payloads
        self._stored: Counter[str] = Counter()
        self._used_up: set[str] = set()
        self._invalid = 0
        self._taken = 0

    def told(self) -> Reports:
        self.reports.is_invalid |= 0 < self._invalid == self._taken
        return self.reports

    def take(self, item: Item, envelope: Envelope) -> None:
        if item.type == ATTACHMENT:
            self._taken += 1
            self._take_attachment(item, envelope)
        elif item.left_out is not None:
            self._taken += 1
            self._lose(category_of(item.type), item.left_out)
        else:
            self._take_json(item.type, envelope.payload(item))

    def _take_json(self, item_type: str, payload: bytes) -> None:
        try:
            told = lenient_object(lenient_text(payload, budget=self._budget))
        except NotJson:
            self._taken += 1
            self._refuse(item_type, "it is no JSON object")
            return
        except CostlyJson:
            self._taken += 1
            self._lose(category_of(item_type), LossReason.TOO_LARGE)
            return
        if item_type in ("event", "feedback"):
            self.take_event(item_type, told)
            return
        self._taken += 1
        if item_type == "user_report":
            self._take_user_report(told)
        elif item_type == "session":
            self._take_session(told)
        elif item_type == "sessions":
            self._take_aggregates(told)
        else:
            self.reports.discarded += discarded_of(told)

    def take_event(self, item_type: str, told: Mapping[str, Any]) -> None:
        self._taken += 1
        sentry_id = self._own_id(told)
        if is_feedback(item_type, told):
            self._take_feedback(item_type, told, sentry_id)
        elif told.get("type") == _TRANSACTION:
            self._lose(_TRANSACTION, LossReason.UNSUPPORTED)
        elif self._allows(ERROR):
            sentry_id = sentry_id or self._new_id()
            event = received_event(told, clock=self._clock)
            self.reports.sentry_id = self.reports.sentry_id or sentry_id
            self.reports.events.append(IdentifiedEvent(sentry_id, event))

    def _take_feedback(
        self, item_type: str, told: Mapping[str, Any], sentry_id: bytes | None
    ) -> None:
        if not self._allows(FEEDBACK):
            return
        try:
            feedback = received_feedback(told)
        except InvalidFeedback as error:
            self._refuse(item_type, str(error), category=FEEDBACK)
            return
        self.reports.feedback.append(IdentifiedFeedback(sentry_id, feedback))

    def _own_id(self, told: Mapping[str, Any]) -> bytes | None:
        """The envelope's for the first event or feedback in it, which beats that of the payload."""
        own = self._id_left or read_id(told.get("event_id"))
        if self._id_left is None and own is not None and own == self._envelope_id:
            own = None  # another item of the envelope has it
        self._id_left = None
        self.reports.sentry_id = self.reports.sentry_id or own
        return own

    def _take_user_report(self, told: Mapping[str, Any]) -> None:
        if not self._allows(FEEDBACK):
            return
        try:
            feedback = received_user_report(told, envelope_id=self._envelope_id)
        except InvalidFeedback as error:
            self._refuse("user_report", str(error), category=FEEDBACK)
            return
        self.reports.feedback.append(IdentifiedFeedback(None, feedback))

    def _take_session(self, told: Mapping[str, Any]) -> None:
        if not self._allows(SESSION):
            return
        try:
            session = received_session(told, clock=self._clock, new_id=self._new_id)
        except LostSession as error:
            if error.reason is LossReason.INVALID:
                self._refuse("session", "its sid is no UUID")
            else:
                self._lose(SESSION, error.reason)
            return
        self.reports.sessions.append(session)

    def _take_aggregates(self, told: Mapping[str, Any]) -> None:
        if len(self.reports.aggregates) >= MOST_SESSIONS:
            listed = told.get("aggregates")
            sent = len(listed) if isinstance(listed, list) else 1
            self._lose(SESSION, LossReason.TOO_LARGE, max(1, sent))
            return
        allowed = partial(self._allowance, SESSION)
        aggregates = received_aggregates(told, clock=self._clock, allowed=allowed)
        for reason, count in aggregates.lost.items():
            self._lose(SESSION, reason, count)
        if aggregates.buckets:
            self.reports.aggregates.append(aggregates)
        elif LossReason.INVALID in aggregates.lost:
            self._invalid += 1
            self.reports.causes.append("sessions: no aggregate can be counted")

    def _take_attachment(self, item: Item, envelope: Envelope) -> None:
        name = file_name(item.headers.get("filename"))
        reason, kind = item.left_out, None
        if reason is None:
            kind = kind_of(envelope.payload(item, max_bytes=LOOKED_AT_BYTES))
        if kind is None:
            reason = reason or LossReason.UNSUPPORTED
            self._lose(ATTACHMENT, reason, item.size)
            self.reports.attachments_not_kept.append(AttachmentNotKept(name, item.size, reason))
        else:
            self.reports.attachments.append(ReceivedAttachment(item, name, kind, item.size))

    def _allows(self, category: str) -> bool:
        if self._stored[category] >= _MOST_STORED.get(category, MAX_ITEMS):
            self._lose(category, LossReason.TOO_LARGE)
            return False
        # Who was refused once is not asked about a thousand times: each may go to another server.
        if category in self._used_up or not self._allowance(category, 1):
            self._used_up.add(category)
            self._lose(category, LossReason.LIMITED)
            return False
        self._stored[category] += 1
        return True

    def _refuse(self, item_type: str, cause: str, *, category: str | None = None) -> None:
        self._invalid += 1
        category = category or category_of(item_type)
        self.reports.is_invalid |= category == FEEDBACK
        self.reports.causes.append(f"{item_type}: {cause}")
        self._lose(category, LossReason.INVALID)

    def _lose(self, category: str, reason: LossReason, quantity: int = 1) -> None:
        self.reports.losses.append(Lost(category, reason, quantity))

"""Sessions as SDKs report them: each message tells the whole of what is known of one.

Messages repeat, overtake each other and get lost, so `init` and `seq` say nothing here, and what
counts is the worst that any of them tells (`app.domain.session_moves`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.field_limits import LABEL_MAX_CHARS
from app.domain.losses import LossReason
from app.domain.releases import DEFAULT_ENVIRONMENT, UNKNOWN_RELEASE
from app.domain.sentry.clock import DeviceClock, read_time
from app.domain.sentry.ids import read_id
from app.domain.sentry.loose import mapping, number, text
from app.domain.sentry.people import did_key
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.text import bare_name

# Devices that were offline send late; what is older tells nothing of the versions that are used.
OLDEST = timedelta(days=30)
_DURATION_TOLERANCE = timedelta(seconds=60)
_ERRORS_MAX = 2**31 - 1  # what a column holds
_DURATION_MAX_MS = 2**62
# How a message says that it goes, and what that is here. `unhandled` is an error that nobody caught
# and that ended nothing: no crash.
_STATUSES = {
    "ok": SessionStatus.OK,
    "exited": SessionStatus.EXITED,
    "crashed": SessionStatus.CRASHED,
    "abnormal": SessionStatus.ABNORMAL,
    "errored": SessionStatus.ERRORED,
    "unhandled": SessionStatus.ERRORED,
}
_ABNORMAL_MECHANISMS = ("anr_foreground", "anr_background")


class LostSession(Exception):
    """It cannot be counted."""

    def __init__(self, reason: LossReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class ReceivedSession:
    """`started_at` counts in the first report alone."""

    report: SessionReport
    started_at: datetime


@dataclass(frozen=True)
class Attributes:
    """Which version ran, and where."""

    release: str
    environment: str


def received_session(
    told: Mapping[str, Any], *, clock: DeviceClock, new_id: Callable[[], bytes]
) -> ReceivedSession:
    """Raises LostSession for one that cannot be told from others, and for one of long ago."""
    wire_status = text(told.get("status")) or "ok"
    status = _STATUSES.get(wire_status, SessionStatus.ERRORED)
    errors = _errors(told.get("errors"))
    if errors and not status.outranks(SessionStatus.ERRORED):
        status = SessionStatus.ERRORED
    times = (clock.time(told.get(name)) for name in ("started", "timestamp"))
    started_at = next(filter(None, times), clock.now)
    if started_at < clock.now - OLDEST:
        raise LostSession(LossReason.TOO_OLD)
    attributes = attributes_of(told.get("attrs"))
    mechanism = told.get("abnormal_mechanism")
    report = SessionReport(
        session_id=_session_id(told.get("sid"), wire_status, new_id),
        status=status,
        release=attributes.release,
        environment=attributes.environment,
        user_key=did_key(told.get("did")),
        duration_ms=_duration_ms(told.get("duration"), _lasted(told)),
        rises=True,
        has_ended=wire_status != "ok",
        errors=errors,
        has_unhandled=wire_status == "unhandled",
        abnormal_mechanism=mechanism if mechanism in _ABNORMAL_MECHANISMS else None,
    )
    return ReceivedSession(report, started_at)


def attributes_of(value: object) -> Attributes:
    """Cocoa may leave them all out."""
    told = mapping(value)
    return Attributes(
        _label(told.get("release")) or UNKNOWN_RELEASE,
        _label(told.get("environment")) or DEFAULT_ENVIRONMENT,
    )


def _label(value: object) -> str | None:
    shown = bare_name(bare_name(text(value) or "")[:LABEL_MAX_CHARS])
    return shown or None


def _session_id(sid: object, wire_status: str, new_id: Callable[[], bytes]) -> bytes:
    if id_ := read_id(sid):
        return id_
    # One that goes on could never be found again.
    if sid not in (None, "") or wire_status == "ok":
        raise LostSession(LossReason.INVALID)
    return new_id()


def _errors(value: object) -> int:
    told = number(value)
    return 0 if told is None or told <= 0 else min(int(told), _ERRORS_MAX)


def _lasted(told: Mapping[str, Any]) -> timedelta | None:
    """By the device's clock alone, whatever it shows."""
    started_at, reported_at = read_time(told.get("started")), read_time(told.get("timestamp"))
    if started_at is None or reported_at is None:
        return None
    return max(reported_at - started_at, timedelta())


def _duration_ms(value: object, lasted: timedelta | None) -> int | None:
    """Told in seconds; in milliseconds by old JavaScript, which is seen by what cannot be."""
    seconds = number(value)
    if seconds is None or seconds < 0:
        return None
    if lasted is not None and seconds > (lasted + _DURATION_TOLERANCE).total_seconds():
        seconds = lasted.total_seconds()
    milliseconds = seconds * 1000
    return round(milliseconds) if milliseconds < _DURATION_MAX_MS else None

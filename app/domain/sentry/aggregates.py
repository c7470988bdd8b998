"""Sessions of servers, which come as sums of a minute and never as single ones.

Two workers of one server send the same bytes for the same minute, so equal ones are not the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.losses import LossReason
from app.domain.sentry.clock import DeviceClock
from app.domain.sentry.loose import number, values
from app.domain.sentry.people import did_key
from app.domain.sentry.sessions import OLDEST, Attributes, attributes_of
from app.domain.session_status import SessionStatus

MAX_BUCKETS = 1000
_MOST = 10**6
_COUNTERS = {
    "exited": SessionStatus.EXITED,
    "errored": SessionStatus.ERRORED,
    "unhandled": SessionStatus.ERRORED,
    "abnormal": SessionStatus.ABNORMAL,
    "crashed": SessionStatus.CRASHED,
}


@dataclass(frozen=True)
class Bucket:
    """How many sessions ended how; of one user, or of nobody who is known."""

    sessions: Mapping[SessionStatus, int]
    unhandled: int = 0  # of those that are errored
    user_key: bytes | None = None

    @property
    def has_crashed(self) -> bool:
        return bool(self.sessions.get(SessionStatus.CRASHED))


@dataclass(frozen=True)
class ReceivedAggregates:
    """`lost` has a reason for each bucket that cannot be counted."""

    attributes: Attributes
    buckets: tuple[Bucket, ...]
    lost: tuple[LossReason, ...] = ()


def received_aggregates(told: Mapping[str, Any], *, clock: DeviceClock) -> ReceivedAggregates:
    """Each bucket for itself; without any list of them, one is lost."""
    buckets, lost = [], []
    listed = told.get("aggregates")
    sent = values(listed)
    for each in sent[:MAX_BUCKETS] if isinstance(listed, list) else [None]:
        bucket = _bucket(each, clock)
        if isinstance(bucket, LossReason):
            lost.append(bucket)
        else:
            buckets.append(bucket)
    lost += [LossReason.TOO_LARGE] * (len(sent) - MAX_BUCKETS)
    return ReceivedAggregates(attributes_of(told.get("attrs")), tuple(buckets), tuple(lost))


def _bucket(told: object, clock: DeviceClock) -> Bucket | LossReason:
    if not isinstance(told, dict):
        return LossReason.INVALID
    started_at = clock.time(told.get("started"))
    if started_at is not None and started_at < clock.now - OLDEST:
        return LossReason.TOO_OLD
    sessions: dict[SessionStatus, int] = {}
    for name, status in _COUNTERS.items():
        count = _count(told.get(name))
        if count is None:
            return LossReason.INVALID
        if count:
            sessions[status] = sessions.get(status, 0) + count
    unhandled = _count(told.get("unhandled")) or 0
    return Bucket(sessions, unhandled, did_key(told.get("did")))


def _count(value: object) -> int | None:
    """None for what is no number of sessions."""
    if value is None:
        return 0
    told = number(value)
    if told is None or not told.is_integer() or not 0 <= told <= _MOST:
        return None
    return int(told)

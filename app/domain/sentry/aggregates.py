"""Sessions of servers, which come as sums of a minute and never as single ones.

Two workers of one server send the same bytes for the same minute, so equal ones are not the same.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.losses import LossReason
from app.domain.sentry.clock import DeviceClock
from app.domain.sentry.loose import number
from app.domain.sentry.people import did_key
from app.domain.sentry.sessions import OLDEST, Attributes, attributes_of
from app.domain.session_status import SessionStatus
from app.domain.session_sums import SessionSums

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
class ReceivedAggregates:
    """`lost` tells how many buckets are not counted, by reason."""

    attributes: Attributes
    buckets: tuple[SessionSums, ...]
    lost: Mapping[LossReason, int]


def received_aggregates(
    told: Mapping[str, Any], *, clock: DeviceClock, allowed: Callable[[int], int]
) -> ReceivedAggregates:
    """Each bucket for itself; without any list of them, one is lost.

    `allowed` tells how many of so many buckets may count; the others are not looked at.
    """
    lost: Counter[LossReason] = Counter()
    listed = told.get("aggregates")
    sent = listed if isinstance(listed, list) else [None]
    lost[LossReason.TOO_LARGE] += max(0, len(sent) - MAX_BUCKETS)
    sent = sent[:MAX_BUCKETS]
    most = allowed(len(sent))
    lost[LossReason.LIMITED] += len(sent) - most
    buckets = []
    for each in sent[:most]:
        bucket = _bucket(each, clock)
        if isinstance(bucket, LossReason):
            lost[bucket] += 1
        else:
            buckets.append(bucket)
    return ReceivedAggregates(attributes_of(told.get("attrs")), tuple(buckets), +lost)


def _bucket(told: object, clock: DeviceClock) -> SessionSums | LossReason:
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
    return SessionSums(sessions, unhandled, did_key(told.get("did")))


def _count(value: object) -> int | None:
    """None for what is no number of sessions."""
    if value is None:
        return 0
    told = number(value)
    if told is None or not told.is_integer() or not 0 <= told <= _MOST:
        return None
    return int(told)

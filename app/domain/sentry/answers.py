"""What an SDK is answered. A refusal costs the report for good: no SDK sends one again.

Some of them compare the status with 200 and keep or count as lost all that any other one answers,
and they take what cannot be read as a number of seconds for an error of their own.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.sentry.categories import ATTACHMENT, DEFAULT, ERROR, FEEDBACK, SESSION, UNSUPPORTED
from app.domain.sentry.ids import written_id

_QUIET_SECONDS = 3600
_DETAIL_MAX_CHARS = 200
# What to hold back when a kind is over what a project may send.
_TURNED_OFF = {
    ERROR: (ERROR,),
    FEEDBACK: (FEEDBACK, DEFAULT),  # old SDKs count feedback as `default`
    SESSION: (SESSION,),
    ATTACHMENT: (ATTACHMENT,),
}


@dataclass(frozen=True)
class RateLimit:
    """Hold back these categories for so long; an empty list would mean all of them."""

    seconds: float
    categories: Sequence[str]
    scope: str
    reason: str

    def __str__(self) -> str:
        # Python reads it with int(), which takes no fraction.
        seconds = max(0, math.ceil(self.seconds))
        return f"{seconds}:{';'.join(self.categories)}:{self.scope}:{self.reason}"


QUIET = RateLimit(_QUIET_SECONDS, UNSUPPORTED, "organization", "unsupported")


def over_allowance(category: str, *, seconds: float) -> RateLimit:
    """Of one of the kinds that are counted: events, feedback, sessions, attachments."""
    return RateLimit(seconds, _TURNED_OFF[category], "project", "over_allowance")


def rate_limits_header(limits: Iterable[RateLimit]) -> str:
    """The value of X-Sentry-Rate-Limits."""
    return ", ".join(map(str, limits))


def stored_body(sentry_id: bytes | None) -> dict[str, str]:
    """Of a 200; Dart reads the id, as 32 digits."""
    return {} if sentry_id is None else {"id": written_id(sentry_id)}


def error_body(detail: str, causes: Iterable[str] = ()) -> dict[str, Any]:
    """Of everything but a 200; `message` is where our own errors tell theirs."""
    return {"detail": detail, "causes": list(causes), "message": detail}


def error_header(detail: str) -> str:
    """The value of X-Sentry-Error: one line of ASCII."""
    line = " ".join(detail.split())
    return line.encode("ascii", "replace").decode()[:_DETAIL_MAX_CHARS]

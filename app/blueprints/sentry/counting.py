"""How much of a request a project may still send, asked item by item.

The allowances are those of our own dialect: both together may use them up.
"""

from collections.abc import Callable, Mapping

from app.domain.sentry.answers import RateLimit, over_allowance
from app.domain.sentry.categories import ERROR, FEEDBACK, SESSION
from app.limits.allowances import (
    seconds_until_allowed,
    take_events,
    take_feedback,
    take_sessions,
)
from app.signals import request_limited, tell

_TAKE: Mapping[str, tuple[str, Callable[[int], int]]] = {
    ERROR: ("events", take_events),
    FEEDBACK: ("feedback", take_feedback),
    SESSION: ("sessions", take_sessions),
}


class Allowances:
    """Of one request; `limits` tells what to hold back of what was too much."""

    def __init__(self) -> None:
        self._seconds: dict[str, int] = {}

    def take(self, category: str, count: int) -> int:
        """How many of so many may pass."""
        name, take = _TAKE[category]
        taken = take(count)
        if taken < count and category not in self._seconds:
            self._seconds[category] = seconds_until_allowed()
            tell(request_limited, allowance=name)
        return taken

    @property
    def limits(self) -> list[RateLimit]:
        return [over_allowance(name, seconds=many) for name, many in self._seconds.items()]

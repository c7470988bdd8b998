"""What SDKs tell that they never sent: sampled, refused before, or too much.

Quantities of attachments and of `*_byte` are bytes, so no sum over categories means anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.sentry.loose import mappings, number

_LISTS = (
    "discarded_events",
    "rate_limited_events",
    "filtered_events",
    "filtered_sampling_events",
)
_NAME = re.compile(r"[a-z0-9_]{1,40}")
OTHER = "other"
# The words of current SDKs.
KNOWN_REASONS = frozenset(
    (
        "backpressure",
        "before_send",
        "buffer_overflow",
        "cache_overflow",
        "event_processor",
        "ignored",
        "insufficient_data",
        "internal_sdk_error",
        "invalid",
        "network_error",
        "no_parent_span",
        "queue_overflow",
        "ratelimit_backoff",
        "sample_rate",
        "send_error",
        "too_big",
    )
)
_MOST = 10**9


@dataclass(frozen=True)
class Discarded:
    """So many of a category, for one reason."""

    category: str
    reason: str
    quantity: int

    @property
    def is_in_bytes(self) -> bool:
        """Whether another one tells it by number: `log_item` where this one is `log_byte`."""
        return self.category.rpartition("_")[2] == "byte"


def discarded_of(report: Mapping[str, Any]) -> list[Discarded]:
    """One for each category and reason; what tells no quantity is left out."""
    sums: dict[tuple[str, str], int] = {}
    for list_ in _LISTS:
        for each in mappings(report.get(list_)):
            quantity = number(each.get("quantity"))
            if quantity is None or not 0 < quantity <= _MOST or not quantity.is_integer():
                continue
            key = (_name(each.get("category")), _name(each.get("reason")))
            sums[key] = min(sums.get(key, 0) + int(quantity), _MOST)
    return [Discarded(*key, quantity) for key, quantity in sums.items()]


def _name(value: object) -> str:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else OTHER

"""Bounds and scrubs what an event carries beside its columns, and says what was cut.

The parts are free-form: any app may put anything in them. A bad piece never costs the event: it is
cut, replaced or left out, and `_meta` counts it.
"""

import math
from collections import Counter
from typing import Any

from app.domain.field_limits import (
    BREADCRUMBS_MAX_COUNT,
    LABEL_MAX_CHARS,
    NESTED_MAX_DEPTH,
    NESTED_MAX_ITEMS,
    NESTED_STRING_MAX_CHARS,
    STACK_LINE_MAX_CHARS,
    STACK_MAX_LINES,
)
from app.domain.scrubber import examine
from app.domain.text import is_storable, storable, trimmed

_LARGEST_INTEGER = 2**63 - 1
# The longest address or token of which the beginning would otherwise be kept.
_SCRUB_MARGIN_CHARS = 50_000
_SHORTEST_CARD = 10**12  # a card number may come as a number, too
_TOO_DEEP = "[too deep]"


def stack_lines(value: object) -> list[str]:
    """The first lines of a stack, from an array of lines or one string; as they came."""
    if isinstance(value, str):
        value = value.splitlines()
    lines = value if isinstance(value, list) else []
    kept = [line for line in lines if isinstance(line, str)][:STACK_MAX_LINES]
    return [storable(line[:STACK_LINE_MAX_CHARS]) for line in kept]


class EventCleaner:
    """Cleans the parts of one event, under one budget for all of them.

    `cut` counts by reason: `strings`, `stack_lines`, `breadcrumbs`, `items`, `depth`, `unstorable`,
    `dropped` (a part of the wrong type, or a picture). `redacted` counts by what scrubbing found.
    """

    def __init__(self) -> None:
        self.cut: Counter[str] = Counter()
        self.redacted: Counter[str] = Counter()
        self._items_left = NESTED_MAX_ITEMS

    def text(self, value: str, *, max_chars: int) -> str:
        """Scrubbed first, so that a cut cannot save half an address; then cut."""
        if not is_storable(value):
            self.cut["unstorable"] += 1
            value = storable(value)
        # A mebibyte in one string would take a second: what is far beyond the cut is not looked at.
        examined = examine(value[: max_chars + _SCRUB_MARGIN_CHARS])
        self.redacted.update(examined.found)
        scrubbed = examined.text
        if len(scrubbed) > max_chars or len(value) > max_chars + _SCRUB_MARGIN_CHARS:
            self.cut["strings"] += 1
        return scrubbed[:max_chars]

    def label(self, value: str) -> str:
        """A name such as a release: cut, and not scrubbed, because rows are found by it."""
        if len(value) > LABEL_MAX_CHARS:
            self.cut["strings"] += 1
        return trimmed(value[:LABEL_MAX_CHARS])

    def stack(self, value: object) -> list[str]:
        """Lines, from an array of lines or one string."""
        if isinstance(value, str):
            value = value.splitlines()
        if not isinstance(value, list):
            return [] if value is None else self._dropped_list()
        lines = [line for line in value if isinstance(line, str)]
        self._count("dropped", len(value) - len(lines))
        self._count("stack_lines", len(lines) - STACK_MAX_LINES)
        return [self.text(line, max_chars=STACK_LINE_MAX_CHARS) for line in lines[:STACK_MAX_LINES]]

    def breadcrumbs(self, value: object) -> list[Any]:
        """The newest; SDKs append, so the newest are last. They are also the last to be cut."""
        if not isinstance(value, list):
            return [] if value is None else self._dropped_list()
        self._count("breadcrumbs", len(value) - BREADCRUMBS_MAX_COUNT)
        newest_first = [
            self._nested(crumb, depth=1) for crumb in reversed(value[-BREADCRUMBS_MAX_COUNT:])
        ]
        return newest_first[::-1]

    def mapping(self, value: object) -> dict[str, Any]:
        """An object; PHP sends an empty one as `[]`."""
        if value is None or value in ([], ""):
            return {}
        if not isinstance(value, dict):
            self.drop()
            return {}
        cleaned = self._nested(value, depth=0)
        return cleaned if isinstance(cleaned, dict) else {}

    def drop(self) -> None:
        """Note that a part was left out on purpose."""
        self.cut["dropped"] += 1

    def _nested(self, value: object, *, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value, max_chars=NESTED_STRING_MAX_CHARS)
        if isinstance(value, dict | list):
            return self._nested_items(value, depth=depth)
        if type(value) is int and abs(value) >= _SHORTEST_CARD:
            shown = self.text(str(value), max_chars=NESTED_STRING_MAX_CHARS)
            return value if shown == str(value) and abs(value) <= _LARGEST_INTEGER else shown
        if isinstance(value, float) and not math.isfinite(value):  # 1e999 is JSON; no database's
            return str(value)
        return value

    def _nested_items(self, value: dict[str, Any] | list[Any], *, depth: int) -> Any:
        if depth >= NESTED_MAX_DEPTH:
            self.cut["depth"] += 1
            return _TOO_DEEP
        kept = min(len(value), self._items_left)
        self._count("items", len(value) - kept)
        self._items_left -= kept
        if isinstance(value, list):
            return [self._nested(item, depth=depth + 1) for item in value[:kept]]
        cleaned: dict[str, Any] = {}
        for key, item in list(value.items())[:kept]:
            name = self.text(key, max_chars=NESTED_STRING_MAX_CHARS)
            self._count("items", name in cleaned)  # two keys that scrubbing or cutting made equal
            cleaned[name] = self._nested(item, depth=depth + 1)
        return cleaned

    def _count(self, reason: str, number: int) -> None:
        if number > 0:
            self.cut[reason] += number

    def _dropped_list(self) -> list[Any]:
        self.drop()
        return []

"""How much of an event its page shows at first: the rest is left out, and counted."""

from collections.abc import Callable
from itertools import accumulate
from typing import Any, TypeVar

from app.blueprints.console.short_texts import byte_size, short

Item = TypeVar("Item")

_SHOWN_FACTS = 40
_SHOWN_CHARS = 300
_LINE_BYTES = 60  # of the HTML around each line


class Cut:
    """Shortens, unless the whole is wanted, and counts what it took."""

    def __init__(self, *, is_whole: bool) -> None:
        self.is_whole = is_whole
        self.count = 0

    def text(self, text: str) -> str:
        shown = text if self.is_whole else short(text, _SHOWN_CHARS)
        self.count += shown != text
        return shown

    def fitting(
        self, items: list[Item], max_bytes: int, texts: Callable[[Item], tuple[str, ...]]
    ) -> list[Item]:
        """The first of them that fit together."""
        sizes = accumulate(_LINE_BYTES + sum(map(byte_size, texts(item))) for item in items)
        fit = len(items) if self.is_whole else sum(size <= max_bytes for size in sizes)
        self.count += len(items) - fit
        return items[:fit]

    def first(self, items: list[Any], count: int = _SHOWN_FACTS) -> list[Any]:
        return items[: len(items) - self._surplus(items, count)]

    def last(self, items: list[Any], count: int) -> list[Any]:
        return items[self._surplus(items, count) :]

    def _surplus(self, items: list[Any], count: int) -> int:
        surplus = 0 if self.is_whole else max(0, len(items) - count)
        self.count += surplus
        return surplus

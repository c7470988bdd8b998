"""Bounds and scrubs what an event carries beside its columns, and says what was cut.

The parts are free-form: any app may put anything in them. A bad piece never costs the event: it is
cut, replaced or left out, and `_meta` counts it. All texts share one budget of bytes, which goes to
whoever asks first; so the parts are to be cleaned in the order of their worth.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeVar

from app.domain.field_limits import (
    BREADCRUMBS_MAX_COUNT,
    EVENT_TEXT_MAX_BYTES,
    FRAME_MAX_CHARS,
    LABEL_MAX_CHARS,
    NESTED_LINES_MAX_CHARS,
    NESTED_MAX_DEPTH,
    NESTED_MAX_ITEMS,
    NESTED_STRING_MAX_CHARS,
    STACK_LINE_MAX_CHARS,
    STACK_MAX_LINES,
)
from app.domain.frames import examine_line
from app.domain.scrubber import REDACTED, Scrubbed, examine, is_plain, sweep
from app.domain.text import bare_name, is_storable, storable

T = TypeVar("T")

_MAX_BYTES_A_CHARACTER = 4

_LARGEST_INTEGER = 2**63 - 1
# Of one event, beside its stack, in texts that may hold personal data. A close look costs a short
# text ten times what a sweep does, and an honest event has a tenth of this.
_LOOKED_AT_CLOSELY_CHARS = 32 * 1024
# The longest address or card of which the beginning would otherwise be kept; tokens may be longer.
_SCRUB_MARGIN_CHARS = 400
_IN_TOKENS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
# `{"`, or `{` and a blank, in base64: how the header of each JWT begins.
_START_OF_TOKEN = re.compile(r"e(?:y[AI-L]|w[o0k])")
# A stack of one text is not looked at beyond this; lines of code may be long.
_STACK_MAX_CHARS = 4 * STACK_MAX_LINES * STACK_LINE_MAX_CHARS
_END_OF_FRAME_CHARS = 400
_SHORTEST_CARD, _BEYOND_CARDS = 10**12, 10**19  # a card number may come as a number, too
_TOO_DEEP = "[too deep]"


def stack_lines(value: object) -> list[str]:
    """The first lines of a stack, from an array of lines or one string; as they came.

    A line that is longer than a frame loses its middle: the function begins it, and the place,
    which tells the end of the file's name, ends it.
    """
    if isinstance(value, str):
        value = value[:_STACK_MAX_CHARS].splitlines()
    lines = (line for line in value if isinstance(line, str)) if isinstance(value, list) else ()
    kept: list[str] = []
    chars_left = EVENT_TEXT_MAX_BYTES
    for line in islice(lines, STACK_MAX_LINES):
        if len(line) > FRAME_MAX_CHARS:
            line = line[: FRAME_MAX_CHARS - _END_OF_FRAME_CHARS] + line[-_END_OF_FRAME_CHARS:]
        chars_left -= len(line)
        if chars_left < 0:
            break
        kept.append(storable(line))
    return kept


class EventCleaner:
    """Cleans the parts of one event, under one budget for all of them.

    `cut` counts by reason: `strings`, `stack_lines`, `breadcrumbs`, `items`, `depth`, `unstorable`,
    `dropped` (a part of the wrong type), `swept` (a text that lost whole words, because so many
    before it may have held personal data). `redacted` counts by what scrubbing found.
    """

    def __init__(self) -> None:
        self.cut: Counter[str] = Counter()
        self.redacted: Counter[str] = Counter()
        self._items_left = NESTED_MAX_ITEMS
        self._bytes_left = EVENT_TEXT_MAX_BYTES
        self._closely_left = _LOOKED_AT_CLOSELY_CHARS

    def text(
        self, value: str, *, max_chars: int, examined_by: Callable[[str], Scrubbed] | None = None
    ) -> str:
        """Scrubbed first, so that a cut cannot save half an address; then cut."""
        max_chars = min(max_chars, self._bytes_left)
        if len(value) <= max_chars and "\x00" not in value and is_plain(value):
            self._bytes_left -= len(value)  # all of it is ASCII
            return value
        # A mebibyte would take a second: what is far beyond the cut is not looked at.
        window = value[: max_chars + _SCRUB_MARGIN_CHARS if max_chars else 0]
        if not is_storable(window):
            self.cut["unstorable"] += 1
            window = storable(window)
        examined = examined_by(window) if examined_by else self._examined(window)
        self.redacted.update(examined.found)
        text = examined.text
        if is_cut := len(window) < len(value):
            text = _without_half_token(text)
        kept = _fitting(text[:max_chars], self._bytes_left)
        # What was looked at counts as well, or addresses, which shrink, would be for free.
        looked_at = _fitting(window[:max_chars], self._bytes_left)
        self._bytes_left -= max(len(kept.encode()), len(looked_at.encode()))
        if len(looked_at) < len(window[:max_chars]):
            self._bytes_left = 0  # half a character is left: nothing fits, and each would be read
        if is_cut or len(kept) < len(text):
            self.cut["strings"] += 1
        return kept

    def _examined(self, text: str) -> Scrubbed:
        """Whole words go where many texts were looked at closely already."""
        if is_plain(text):
            return Scrubbed(text, {})
        self._closely_left -= len(text)
        if self._closely_left >= 0:
            return examine(text)
        swept = sweep(text)
        self._count("swept", int(swept != text))
        return Scrubbed(swept, {})

    def label(self, value: str | None) -> str | None:
        """A name such as a release: cut, and not scrubbed, because rows are found by it.

        None where nothing of it is seen.
        """
        value = bare_name(value or "")
        if len(value) > LABEL_MAX_CHARS:
            self.cut["strings"] += 1
        # The cut may leave nothing that is seen: an empty name would stand for all of them.
        return bare_name(value[:LABEL_MAX_CHARS]) or None

    def stack(self, value: object) -> list[str]:
        """Lines, from an array of lines or one string."""
        if isinstance(value, str):
            self._count("strings", int(len(value) > _STACK_MAX_CHARS))
            value = value[:_STACK_MAX_CHARS].splitlines()
        if not isinstance(value, list):
            return [] if value is None else self._dropped_list()
        lines = [line for line in value if isinstance(line, str)]
        self._count("dropped", len(value) - len(lines))
        kept: list[str] = []
        for line in lines[:STACK_MAX_LINES]:
            if not self._bytes_left:
                break
            kept.append(self.text(line, max_chars=STACK_LINE_MAX_CHARS, examined_by=examine_line))
        self._count("stack_lines", len(lines) - len(kept))
        return kept

    def breadcrumbs(self, value: object) -> list[Any]:
        """The newest; SDKs append, so the newest are last. They are also the last to be cut."""
        if not isinstance(value, list):
            return [] if value is None else self._dropped_list()
        newest_first: list[Any] = []
        for crumb in reversed(value[-BREADCRUMBS_MAX_COUNT:]):
            if not self._bytes_left:
                break
            newest_first.append(self._nested(crumb, depth=1))
        self._count("breadcrumbs", len(value) - len(newest_first))
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
            has_lines = "\n" in value[:NESTED_STRING_MAX_CHARS]
            longest = NESTED_LINES_MAX_CHARS if has_lines else NESTED_STRING_MAX_CHARS
            return self.text(value, max_chars=longest)
        if isinstance(value, dict | list):
            return self._nested_items(value, depth=depth)
        if type(value) is int and abs(value) >= _SHORTEST_CARD:
            written = str(value)  # of thousands of digits it takes a tenth of a millisecond
            shown = self.text(written, max_chars=NESTED_STRING_MAX_CHARS)
            return value if shown == written and abs(value) <= _LARGEST_INTEGER else shown
        if isinstance(value, float):
            if not math.isfinite(value):  # 1e999 is JSON; no database's
                return str(value)
            if digits := number_like_card(value):
                shown = self.text(digits, max_chars=NESTED_STRING_MAX_CHARS)
                return value if shown == digits else shown
        return value

    def _nested_items(self, value: dict[str, Any] | list[Any], *, depth: int) -> Any:
        if depth >= NESTED_MAX_DEPTH:
            self.cut["depth"] += 1
            return _TOO_DEEP
        kept = min(len(value), self._items_left)
        self._count("items", len(value) - kept)
        self._items_left -= kept
        if isinstance(value, list):
            items = value[:kept]
            return [self._nested(item, depth=depth + 1) for item in self._while_room(items)]
        cleaned: dict[str, Any] = {}
        for key, item in self._while_room(list(islice(value.items(), kept))):
            name = self.text(key, max_chars=NESTED_STRING_MAX_CHARS)
            self._count("items", name in cleaned)  # two keys that scrubbing or cutting made equal
            cleaned[name] = self._nested(item, depth=depth + 1)
        return cleaned

    def _while_room(self, items: list[T]) -> Iterator[T]:
        """The items, as long as any text still fits."""
        for done, item in enumerate(items):
            if not self._bytes_left:
                self._count("items", len(items) - done)
                return
            yield item

    def _count(self, reason: str, number: int) -> None:
        if number > 0:
            self.cut[reason] += number

    def _dropped_list(self) -> list[Any]:
        self.drop()
        return []


def number_like_card(value: object) -> str | None:
    """As it is written, if a card may be: 4.111111111111111e15 is one as well."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if not _SHORTEST_CARD <= abs(value) < _BEYOND_CARDS or value != int(value):
        return None
    return str(int(value))


def _without_half_token(text: str) -> str:
    """Of a text that was cut, without a JWT that began in it: it has no end to be known by."""
    start_of_run = len(text.rstrip(_IN_TOKENS))
    token = _START_OF_TOKEN.search(text, start_of_run)
    return text[: token.start()] + REDACTED if token else text


def _fitting(text: str, max_bytes: int) -> str:
    """As much of the beginning as so many bytes of UTF-8 hold."""
    if len(text) * _MAX_BYTES_A_CHARACTER <= max_bytes:
        return text
    return text.encode()[:max_bytes].decode(errors="ignore")

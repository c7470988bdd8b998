"""Reads through the escapes in which an address or a number may come: in links, HTML, JSON.

Only what is ASCII is read, as one character an escape, so that every find has its place in the
text as it came. Letters and digits that are percent-encoded stay as they are: nobody encodes them,
and `%41` may be a percent sign before a card number.
"""

import re
from bisect import bisect_right
from html.entities import html5

_PERCENT = r"%(?:25)*+([0-9A-Fa-f]{2})"  # also encoded more than once: %2540
_ENTITY = r"&(?:amp;)*+(?:\#0*+([0-9]{2,3})|\#[xX]0*+([0-9A-Fa-f]{2})|([A-Za-z]{2,8}));"
_BACKSLASH = r"\\(?:u00|x)([0-9A-Fa-f]{2})"
_FULL_WIDTH = r"([\uff01-\uff5e\ufe6b\u3000])"
_ESCAPE = re.compile("|".join((_PERCENT, _ENTITY, _BACKSLASH, _FULL_WIDTH)))
_MAY_HOLD_ONE = re.compile(r"[%&\\\uff01-\uff5e\ufe6b\u3000]")
_NAMED = {
    name.rstrip(";"): character
    for name, character in html5.items()
    if len(character) == 1 and (character.isascii() or name in ("nbsp;", "ndash;", "mdash;"))
}
_UNENCODED = {"\ufe6b": "@", "\u3000": " ", "\xa0": " ", "\u2013": "-", "\u2014": "-"}
_FULL_WIDTH_SHIFT = 0xFEE0


class Reading:
    """A text with its escapes read, and where each of its characters came from."""

    def __init__(self, text: str, *, escapes: bool = True) -> None:
        """Without `escapes`, the text as it is."""
        self.original = text
        self.text = text
        # Where each stretch begins that was kept or read: in the text as read, in the original.
        self._read_at, self._came_from = [0], [0]
        if escapes and _MAY_HOLD_ONE.search(text):
            self._read(text)

    @property
    def is_changed(self) -> bool:
        return len(self._read_at) > 1

    def span(self, start: int, end: int) -> tuple[int, int]:
        """From where to where a stretch of what was read reaches in the original."""
        if not self.is_changed:
            return start, end
        return self._place(start), self._end(end)

    def was_percent_encoded(self, position: int) -> bool:
        return self.is_changed and self.original[self._place(position)] == "%"

    def _place(self, position: int) -> int:
        stretch = bisect_right(self._read_at, position) - 1
        return self._came_from[stretch] + position - self._read_at[stretch]

    def _end(self, position: int) -> int:
        """An escape in the end goes along as a whole."""
        stretch = bisect_right(self._read_at, position - 1) - 1
        if stretch + 1 < len(self._read_at) and self._read_at[stretch + 1] == position:
            return self._came_from[stretch + 1]
        return self._came_from[stretch] + position - self._read_at[stretch]

    def _read(self, text: str) -> None:
        pieces: list[str] = []
        read, kept_until = 0, 0  # characters in pieces, and of the original behind them
        for match in _ESCAPE.finditer(text):
            character = _KNOWN[known] if (known := match[0]) in _KNOWN else _character(match)
            if not character:
                continue
            start, end = match.span()
            if start > kept_until:
                pieces.append(text[kept_until:start])
                read += start - kept_until
                self._read_at.append(read)
                self._came_from.append(start)
            elif read == 0:
                self._came_from[0] = start
            pieces.append(character)
            read += 1
            kept_until = end
            self._read_at.append(read)
            self._came_from.append(end)
        pieces.append(text[kept_until:])
        self.text = "".join(pieces)


def _character(match: re.Match[str]) -> str | None:
    """What the escape stands for, or None for what is not read."""
    percent, decimal, hexadecimal, name, backslash, full_width = match.groups()
    if full_width:
        return _UNENCODED.get(full_width) or chr(ord(full_width) - _FULL_WIDTH_SHIFT)
    if name:
        found = _NAMED.get(name)
        return _UNENCODED.get(found, found) if found else None
    code = int(decimal) if decimal else int(percent or hexadecimal or backslash, 16)
    character = chr(code)
    if character == "\xa0" and not percent:
        return " "
    if code > 0x7F or (percent and character.isalnum()):
        return None
    return character


# Those that are written most; None for what is not read.
_KNOWN = {
    match[0]: _character(match)
    for code in range(0x20, 0x7F)
    for written in (f"%{code:02X}", f"%{code:02x}", f"&#{code};", f"&#x{code:x};")
    if (match := _ESCAPE.match(written))
}

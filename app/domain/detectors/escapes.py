"""Reads through the escapes in which an address or a number may come: in links, HTML, JSON.

Only what is ASCII is read, as one character an escape, so that every find has its place in the
text as it came. Letters and digits that are percent-encoded stay as they are: nobody encodes them,
and `%41` may be a percent sign before a card number.

Nothing here runs Python code for each escape: a text may be made of nothing else.
"""

import re
from bisect import bisect_right
from html.entities import html5
from itertools import accumulate

_UNENCODED = {"\xa0": " ", "\u2013": "-", "\u2014": "-"}
_NAMED = {
    name.rstrip(";"): _UNENCODED.get(character, character)
    for name, character in html5.items()
    if len(character) == 1 and (character.isascii() or name in ("nbsp;", "ndash;", "mdash;"))
}
# With how each is encoded more than once: %2540, &amp;#64;.
_PERCENT = r"%(?:25)*+(?:[012][0-9A-Fa-f]|3[A-Fa-f]|40|5[B-Fb-f]|60|7[B-Fb-f])"
_ENTITY = (
    r"&(?:amp;)*+(?:\#0*+(?:1[01][0-9]|12[0-7]|160|[0-9]{2})|\#[xX]0*+(?:[1-7][0-9A-Fa-f]|[aA]0)"
    rf"|{'|'.join(sorted(_NAMED))});"
)
_BACKSLASH = r"\\(?:u00|x)(?:[0-7][0-9A-Fa-f]|[aA]0)"
ESCAPE = f"(?:{_PERCENT}|{_ENTITY}|{_BACKSLASH})"
_ESCAPE = re.compile(f"({ESCAPE})")
_MAY_HOLD_ONE = re.compile(r"[%&\\]")
_FULL_WIDTH = re.compile("[\uff01-\uff5e\ufe6b\u3000]")
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFE6B: "@", 0x3000: " "}
# A percent sign before a number looks like an escape; digits of full width are another number.
_BESIDE_NUMBER = re.compile(
    r"(?:%|\\x|\\u00)[0-7][0-9](?=[0-9])|[0-9][\uff10-\uff19]|[\uff10-\uff19][0-9]"
)
_MOST_KEPT = 4096
# What is looked for closely, of each kind: in prose there is less than one find in a line.
_SHORT_TEXT_FINDS, _CHARS_A_FIND = 20, 128


class _Characters(dict[str, str]):
    """What each escape stands for, as it is written; of rare spellings only so many are kept."""

    def __missing__(self, written: str) -> str:
        character = _character(written)
        if len(self) < _MOST_KEPT:
            self[written] = character
        return character


def _character(written: str) -> str:
    if written[0] == "&":
        name = written.rpartition("&")[2].rpartition("amp;")[2][:-1]  # without `amp;` and `;`
        if name[0] != "#":
            return _NAMED[name]
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    else:
        code = int(written[-2:], 16)
    return _UNENCODED.get(chr(code), chr(code))


_CHARACTERS = _Characters()


class Reading:
    """A text with its escapes read, and where each of its characters came from."""

    def __init__(self, text: str, *, escapes: bool = True) -> None:
        """Without `escapes`, the text as it is."""
        self.original = text
        self.most_finds = _SHORT_TEXT_FINDS + len(text) // _CHARS_A_FIND
        if escapes and not text.isascii() and _FULL_WIDTH.search(text):
            text = text.translate(_NARROW)  # one for one: places stay
        self.text = text
        # Pieces of text and escapes in turns: where each ends, in the original and as read.
        self._written_ends: list[int] = []
        self._read_ends: list[int] = []
        if escapes and _MAY_HOLD_ONE.search(text):
            self._read(text)

    @property
    def is_changed(self) -> bool:
        return bool(self._read_ends)

    @property
    def may_hide_number(self) -> bool:
        """Whether something was read as a part of a number, or an escape, that may be none."""
        is_read = self.is_changed or self.text != self.original
        return is_read and _BESIDE_NUMBER.search(self.original) is not None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """From where to where a stretch of what was read reaches in the original."""
        if not self._read_ends:
            return start, end
        return self._place(start), self._end(end)

    def was_percent_encoded(self, position: int) -> bool:
        return bool(self._read_ends) and self.original[self._place(position)] == "%"

    def _place(self, position: int) -> int:
        piece = bisect_right(self._read_ends, position)
        if piece == 0:
            return position
        return self._written_ends[piece - 1] + position - self._read_ends[piece - 1]

    def _end(self, position: int) -> int:
        """An escape in the end goes along as a whole."""
        piece = bisect_right(self._read_ends, position - 1)
        return self._written_ends[piece] - (self._read_ends[piece] - position)

    def _read(self, text: str) -> None:
        pieces = _ESCAPE.split(text)
        if len(pieces) == 1:
            return
        self._written_ends = list(accumulate(map(len, pieces)))
        pieces[1::2] = map(_CHARACTERS.__getitem__, pieces[1::2])
        self._read_ends = list(accumulate(map(len, pieces)))
        self.text = "".join(pieces)

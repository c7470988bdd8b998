"""Reads through the escapes in which an address or a number may come: in links, HTML, JSON.

Each escape is read as one character, so that every find has its place in the text as it came. What
looks like an escape may be none: a percent sign before a card number reads as `%41`. So whoever
looks for numbers looks at the text as it came, too.

Nothing here runs Python code for each escape: a text may be made of nothing else.
"""

import re
from bisect import bisect_right
from functools import cached_property
from html.entities import html5
from itertools import accumulate

_SAME_AS = {"\xa0": " ", "\u2013": "-", "\u2014": "-"}
_NAMED = {name.rstrip(";"): sign for name, sign in html5.items() if len(sign) == 1}
# With how each is encoded more than once: %2540, &amp;#64;. Beyond ASCII, UTF-8's bytes come one by
# one.
_PERCENT = r"%(?:25)*+(?:[0-7][0-9A-Fa-f]|[C-Fc-f][0-9A-Fa-f](?:%(?:25)*+[89ABab][0-9A-Fa-f]){1,3})"
_ENTITY = (
    r"&(?:amp;)*+(?:\#0*+[0-9]{2,7}(?:;|(?![0-9;]))|\#[xX]0*+[0-9A-Fa-f]{2,6};"
    r"|[A-Za-z][A-Za-z0-9]{1,31};)"
)
_BACKSLASH = r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})"
ESCAPE = f"(?:{_PERCENT}|{_ENTITY}|{_BACKSLASH})"
_ESCAPE = re.compile(f"({ESCAPE})")
# Most texts hold percent escapes alone, each encoded once: cheaper by a third.
_PERCENT_ESCAPE = re.compile(f"({_PERCENT})")
_PERCENT_ONCE = re.compile(
    "(%(?:[0-7][0-9A-Fa-f]|[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){1,3}))"
)
# And the digits of mathematical alphabets, which no keyboard has either.
_NARROW = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_NARROW |= {0xFE6B: "@", 0x3000: " "}
_NARROW |= {code: str((code - 0x1D7CE) % 10) for code in range(0x1D7CE, 0x1D800)}
_WIDE = frozenset(map(chr, _NARROW))
# Found at a third of what the set costs; most texts have none.
_ANY_WIDE = re.compile("[\u3000\ufe6b\uff01-\uff5e\U0001d7ce-\U0001d7ff]")
# A percent sign before the number of a card looks like an escape; digits of full width are
# another number.
_FIRST_DIGITS = "(?:[3-6][0-9]|2[1-7]|18|8[126]|9[78])[0-9]"
_PERCENT_BESIDE_NUMBER = re.compile(f"%{_FIRST_DIGITS}")
_BACKSLASH_BESIDE_NUMBER = re.compile(rf"\\(?:x|u00){_FIRST_DIGITS}")
_WIDE_BESIDE_NUMBER = re.compile(r"[0-9][\uff10-\uff19]|[\uff10-\uff19][0-9]")
_MOST_KEPT = 16_384
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
    """One character, or what is written when it stands for none."""
    try:
        character = _decoded(written)
        character.encode()  # half an emoji is none
    except (ValueError, OverflowError):
        return written
    return _NARROW.get(ord(character)) or _SAME_AS.get(character, character)


def _decoded(written: str) -> str:
    if written[0] == "%":
        encoded = bytes.fromhex("".join(re.split("%(?:25)*+", written)))
        text = encoded.decode()
        return text if len(text) == 1 else _none(written)
    if written[0] == "\\":
        return chr(int(written[2:], 16))
    name = written.rpartition("&")[2].rpartition("amp;")[2].rstrip(";")
    if name[0] != "#":
        return _NAMED[name] if name in _NAMED else _none(written)
    return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))


def may_hold_escape(text: str) -> bool:
    return "%" in text or "&" in text or "\\" in text


def may_hold_digit(text: str) -> bool:
    """Ten quick looks take a tenth of what one for any of them takes."""
    return any([digit in text for digit in "0123456789"]) or not text.isascii()


def _none(written: str) -> str:
    raise ValueError(written)


_CHARACTERS = _Characters()


class Reading:
    """A text with its escapes read, and where each of its characters came from."""

    def __init__(self, text: str, *, escapes: bool = True) -> None:
        """Without `escapes`, the text as it is."""
        self.original = text
        self.most_finds = _SHORT_TEXT_FINDS + len(text) // _CHARS_A_FIND
        if escapes and not text.isascii() and _ANY_WIDE.search(text):
            for wide in _WIDE.intersection(text):
                text = text.replace(wide, _NARROW[ord(wide)])  # one for one: places stay
        self.text = text
        # Pieces of text and escapes in turns, as written and as read.
        self._written_pieces: list[str] = []
        self._read_pieces: list[str] = []
        if escapes and may_hold_escape(text):
            self._read(text)

    @property
    def is_changed(self) -> bool:
        return bool(self._read_pieces)

    # Where each piece ends. Most texts with escapes hold nothing whose place is asked for.
    @cached_property
    def _written_ends(self) -> list[int]:
        return list(accumulate(map(len, self._written_pieces)))

    @cached_property
    def _read_ends(self) -> list[int]:
        return list(accumulate(map(len, self._read_pieces)))

    @property
    def may_hide_number(self) -> bool:
        """Whether something was read as a part of a number, or an escape, that may be none."""
        if not self.is_changed and self.text == self.original:
            return False
        if _PERCENT_BESIDE_NUMBER.search(self.original):
            return True
        if _BACKSLASH_BESIDE_NUMBER.search(self.original):
            return True
        return not self.original.isascii() and bool(_WIDE_BESIDE_NUMBER.search(self.original))

    def places(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """From where to where stretches of what was read reach in the original."""
        if not self._read_pieces:
            return spans
        written, read = self._written_ends, self._read_ends
        places = []
        for start, end in spans:
            first = bisect_right(read, start)
            # An escape in the end goes along as a whole.
            last = bisect_right(read, end - 1, first)
            before = written[first - 1] - read[first - 1] if first else 0
            places.append((start + before, end + written[last] - read[last]))
        return places

    def was_percent_encoded(self, position: int) -> bool:
        if not self._read_pieces:
            return False
        piece = bisect_right(self._read_ends, position)
        return piece % 2 == 1 and self._written_pieces[piece][0] == "%"

    def _read(self, text: str) -> None:
        if "&" in text or "\\" in text:
            pieces = _ESCAPE.split(text)
        else:
            pieces = (_PERCENT_ESCAPE if "%25" in text else _PERCENT_ONCE).split(text)
        if len(pieces) == 1:
            return
        self._written_pieces = pieces
        self._read_pieces = pieces.copy()
        self._read_pieces[1::2] = map(_CHARACTERS.__getitem__, pieces[1::2])
        self.text = "".join(self._read_pieces)

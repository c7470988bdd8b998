"""Finds e-mail addresses by walking out from each `@` (RFC 5321, 5322, 6531).

Walking out, not matching from the left: a pattern that begins with the local part tries again at
each of its characters, which is quadratic on a long run without `@`. Here each character is read
at most once as part of a local part and once as part of a domain.

In free text an address is anything with a dotted domain, of any length: `user@` and
`v1.2.3@main` are none, and neither is `react@18.2.0`, because no top-level domain is a number.
"""

import re
import unicodedata

_APOSTROPHE = "\u2019"  # as phones type it in o'brien@example.com; also a closing quotation mark
_ATEXT = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~."
    + _APOSTROPHE
)
_DOMAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
# Punctuation that IDNA allows inside words: Catalan, Hebrew and Japanese need it.
_WORD_PUNCTUATION = frozenset("\u00b7\u05f3\u05f4\u30fb")
# Legal in a local part, but around a whole address they are quotes or markup.
_CLOSING = {"'": "'", "`": "`", "*": "*", "_": "_", "~": "~", "|": "|", "{": "}", "/": "/"}
_URL_DELIMITERS = "/?&=#"
_BREAK_OR_SCHEME = re.compile(r"://|\s")


def email_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each address, in order of their `@`; quoted ones may overlap others."""
    at = text.find("@")
    if at < 0:
        return []
    spans: list[tuple[int, int]] = []
    urls = _UrlTracker(text)
    floor = 0  # where the previous address ended: a local part cannot reach back into it
    while at >= 0:
        end = _domain_end(text, at + 1)
        if end is not None:
            start = _local_start(text, at, end, floor=floor, in_url=urls.in_url(at))
            if start is not None:
                spans.append((start, end))
                floor = end
        at = text.find("@", at + 1)
    return spans


class _UrlTracker:
    """Tells whether a position is inside a URL: `://` came after the last whitespace."""

    def __init__(self, text: str) -> None:
        self._marks = _BREAK_OR_SCHEME.finditer(text)
        self._next = next(self._marks, None)
        self._inside = False

    def in_url(self, position: int) -> bool:
        """Positions must be asked in rising order."""
        while self._next is not None and self._next.start() < position:
            self._inside = self._next[0] == "://"
            self._next = next(self._marks, None)
        return self._inside


def _is_word_character(character: str) -> bool:
    """Letters, marks, digits and symbols beyond ASCII; not their spaces and punctuation."""
    if character in _WORD_PUNCTUATION:
        return True
    category = unicodedata.category(character)
    return category[0] not in "ZP" and category != "Cc"


def _domain_end(text: str, start: int) -> int | None:
    """Where the domain that begins at `start` ends, or None when it is not a dotted domain."""
    end = start
    while end < len(text) and (
        text[end] in _DOMAIN or (text[end] > "\x7f" and _is_word_character(text[end]))
    ):
        end += 1
    labels = text[start:end].split(".")
    if "" in labels:  # `example.com.` ends a sentence, `a..b` is no domain
        labels = labels[: labels.index("")]
    while labels:
        labels[-1] = _without_glued_text(labels[-1]).rstrip("-_")
        if labels[-1] and not labels[-1].isdecimal():
            break
        labels.pop()
    if len(labels) < 2:
        return None
    return start + len(".".join(labels))


def _without_glued_text(label: str) -> str:
    """`com谢谢` → `com`: text without spaces, or an emoji, is glued to the address.

    A top-level domain that begins in ASCII may go on in capital-bearing scripts
    (`vermögensberater`), but in no other.
    """
    if label[:1].isascii():
        for place, character in enumerate(label):
            category = unicodedata.category(character)
            if category == "Lo" or category[0] in "SC":
                return label[:place]
    return label


def _local_start(text: str, at: int, end: int, *, floor: int, in_url: bool) -> int | None:
    """Where the local part that ends before the `@` begins, or None when there is none."""
    if at and text[at - 1] == '"':
        return _quoted_start(text, at - 1)
    start = at
    while start > floor and (
        text[start - 1] in _ATEXT
        or (text[start - 1] > "\x7f" and _is_word_character(text[start - 1]))
    ):
        start -= 1
    # A dot cannot begin a local part, and an apostrophe there is a quotation mark.
    while start < at and text[start] in (".", _APOSTROPHE):
        start += 1
    if start == at:
        return None
    if in_url:
        delimiter = max(text.rfind(sign, start, at) for sign in _URL_DELIMITERS)
        if start <= delimiter < at - 1:
            return delimiter + 1
    unwrapped = start
    while unwrapped < at - 1 and text[end : end + 1] == _CLOSING.get(text[unwrapped]):
        unwrapped += 1
    return unwrapped


def _quoted_start(text: str, closing: int) -> int | None:
    """Where the quoted string that ends at `closing` begins (RFC 5322 section 3.2.4).

    Linear over all calls: the search stops at the nearest unescaped quote, and the next closing
    quote's search stops at this one.
    """
    if _is_escaped(text, closing):
        return None
    # When every quote before is escaped, one of them still opens: that backslash is the text's own.
    opening = closing
    while (quote := text.rfind('"', 0, opening)) >= 0 and "\n" not in text[quote:opening]:
        opening = quote
        if not _is_escaped(text, quote):
            break
    return opening if opening < closing - 1 else None


def _is_escaped(text: str, position: int) -> bool:
    before = position
    while before and text[before - 1] == "\\":
        before -= 1
    return (position - before) % 2 == 1

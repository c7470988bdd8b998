"""Cuts what apps and people sent to what a page has room for, in characters and in bytes.

A page is to be under 100 kB, and it is bytes that are sent: a letter may be four of them, and a
quotation mark is five once it is escaped. So a cut by characters alone would not keep it small.
"""

from itertools import accumulate

from markupsafe import escape

# Of each character that is asked for. Latin and Cyrillic text is not cut by it.
_BYTES_A_CHARACTER = 2


def byte_size(text: str) -> int:
    """Of the text as HTML."""
    return len(str(escape(text)).encode())


def short(text: str, max_chars: int) -> str:
    """The text, or its beginning and an ellipsis: so many characters, at most twice the bytes."""
    max_bytes = max_chars * _BYTES_A_CHARACTER
    cut = text[:max_chars]
    if byte_size(cut) > max_bytes:
        sizes = accumulate(byte_size(character) for character in cut)
        cut = cut[: sum(size <= max_bytes for size in sizes)]
    return text if cut == text else f"{cut.rstrip()}…"


def is_short(text: str, max_chars: int) -> bool:
    return short(text, max_chars) == text

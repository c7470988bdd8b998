"""Digits as they are written: in groups, with a space or a dash between two of them."""

import re

# "Space" and "dash" as a person sees them: phones and word processors type the typographic ones.
# A plus is how a form encodes a space.
SEPARATOR = r"[ \u00a0\u2007\u2009\u202f\-\u2010-\u2015\u2212\uff0d+]"
_BETWEEN = re.compile(SEPARATOR)
_READ_AT_ONCE = 64
_DIGIT_BEFORE = re.compile(rf"\d{SEPARATOR}\Z")
_DIGIT_BEHIND = re.compile(rf"{SEPARATOR}\d")


def groups_of(written: str) -> list[str]:
    if written.isascii():  # a third of what the pattern costs
        return written.replace("-", " ").replace("+", " ").split(" ")
    return _BETWEEN.split(written)


def ascii_digits(digits: str) -> str:
    if digits.isascii():
        return digits
    # Python reads no integer of thousands of digits, and digit by digit takes ten times as long.
    pieces = (
        digits[place : place + _READ_AT_ONCE] for place in range(0, len(digits), _READ_AT_ONCE)
    )
    return "".join(str(int(piece)).zfill(len(piece)) for piece in pieces)


def stands_alone(text: str, start: int, end: int) -> bool:
    is_behind_digit = _DIGIT_BEFORE.search(text, max(0, start - 2), start)
    return not (is_behind_digit or _DIGIT_BEHIND.match(text, end))

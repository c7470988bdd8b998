"""What a body may have in it, beside its bytes: refused before any of it is made an object.

Python takes many times as long for a list, a name or a number as for the same bytes of a text, and
far more memory. What stands in texts counts for nothing here: a log or a picture may be full of it.
"""

import re

# A shorter body is not looked at: it is quick whatever is in it, and most bodies are shorter.
QUICK_MAX_BYTES = 64 * 1024
# Of lists, objects and values. The largest event that an SDK was seen to send has 1,600; with all
# that is kept of an event, and as much again, one has 5,000 (docs/decisions/0123).
MOST_PARTS = 50_000
# Of all numbers together: a digit can cost a dozen times what a letter costs, in an integer of
# thousands of them and in a float that lies in the middle between two.
MOST_DIGITS = 200_000
# So many are not told from those in texts.
_FEW = 200
_SIGNS_OF_PARTS = (b",", b"[", b"{")
# A part may have a name, and be a text itself.
_QUOTES_A_PART = 4
# One that does not end goes to the end.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?"?', re.DOTALL)


class CostlyJson(Exception):
    """Larger than it looks; the message says in what, and may be shown."""


def refuse_costly(text: bytes, *, most_digits: int = MOST_DIGITS) -> None:
    """Raises CostlyJson for what nobody wants to read, JSON or not; it is in UTF-8.

    Not asked of a `str`: one emoji makes all of its letters four times as large.
    """
    if len(text) <= QUICK_MAX_BYTES:
        return
    if quotes_in(text) > _QUOTES_A_PART * (MOST_PARTS + 1):
        _refuse_parts()  # and do not go from text to text
    if _parts_in(text) <= MOST_PARTS and _digits_in(text) <= most_digits:
        return
    outside = outside_of_texts(text)
    if _parts_in(outside) > MOST_PARTS:
        _refuse_parts()
    if _digits_in(outside) > most_digits:
        raise CostlyJson(f"The body is too large: its numbers have more than {most_digits} digits.")


class JsonBudget:
    """What all pieces of JSON in one body may have together, where each is read by itself.

    So a body in a thousand pieces costs no more than one in one, however short they are.
    """

    def __init__(self, *, most_parts: int = MOST_PARTS, most_digits: int = MOST_DIGITS) -> None:
        self._parts_left, self._digits_left = most_parts, most_digits

    def spend(self, text: bytes) -> None:
        """Raises CostlyJson, and spends nothing then; it is in UTF-8."""
        parts, digits = _parts_in(text), _digits_in(text)
        if parts > _FEW or digits > _FEW:
            if quotes_in(text) > _QUOTES_A_PART * (self._parts_left + 1):
                _refuse_parts()
            outside = outside_of_texts(text)
            parts, digits = _parts_in(outside), _digits_in(outside)
        if parts > self._parts_left:
            _refuse_parts()
        if digits > self._digits_left:
            raise CostlyJson("The body is too large: its numbers have too many digits.")
        self._parts_left -= parts
        self._digits_left -= digits


def outside_of_texts(text: bytes) -> bytes:
    """What is left of JSON without its texts and names."""
    return _STRING.sub(b"", text)


def quotes_in(text: bytes) -> int:
    """How many begin or end a text; of backslashes in a row, two and two are one."""
    return text.replace(rb"\\", b"").replace(rb"\"", b"").count(b'"')


def _parts_in(text: bytes) -> int:
    return sum(map(text.count, _SIGNS_OF_PARTS))


def _digits_in(text: bytes) -> int:
    return len(text) - len(text.translate(None, b"0123456789"))


def _refuse_parts() -> None:
    raise CostlyJson(
        f"The body is too large: it has more than {MOST_PARTS} lists, objects and values."
    )

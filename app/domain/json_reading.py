"""Reads JSON objects so that no bytes can fail in a surprising place, strictly or leniently.

Two calls, because a body and its text should not be in memory at once: the caller lets go of the
bytes between them.
"""

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from app.domain.json_bounds import (
    MOST_DIGITS,
    QUICK_MAX_BYTES,
    JsonBudget,
    quotes_in,
    refuse_costly,
)

# Python reads no integer of more digits (sys.set_int_max_str_digits), which are JSON all the same.
_INTEGER_MAX_DIGITS = 4300
_DIGITS = re.compile(r"[0-9]++")
# Before the digits of a fraction or an exponent.
_IN_FLOAT = (".", "e", "E", "e+", "E+", "e-", "E-")
# Each surrogate of UTF-8 costs as much as a hundred letters; so many in a body are no text.
_SURROGATE_BYTE = b"\xed"
_SURROGATES_MAX_COUNT = 10_000
_turn = Lock()


class NotJson(ValueError):
    """The message may be shown."""

    def __init__(self, told: str = "The body must be valid JSON.") -> None:
        super().__init__(told)


def strict_text(raw: bytes) -> str:
    """Raises NotJson for what is no text, and CostlyJson for what costs too much to decode."""
    _refuse_costly(raw, most_digits=MOST_DIGITS)
    try:
        return _text(raw)
    except UnicodeDecodeError:
        raise NotJson from None


def lenient_text(
    raw: bytes, *, most_digits: int = MOST_DIGITS, budget: JsonBudget | None = None
) -> str:
    """With U+FFFD for bytes that are no text, where nobody would mend them; raises the same.

    `budget` is of the body that this is a piece of.
    """
    _refuse_costly(raw, most_digits=most_digits)
    if budget is not None:
        budget.spend(_in_utf_8(raw))
    try:
        return _text(raw)
    except UnicodeDecodeError as error:
        if error.encoding != "utf-8":
            raise NotJson from None
        return raw.decode(errors="replace")


def strict_object(text: str) -> dict[str, Any]:
    """Raises NotJson."""
    return _decoded(text, _strict_decoder())


def lenient_object(text: str) -> dict[str, Any]:
    """NaN and the infinities are floats, and control characters stand for themselves.

    Raises NotJson for what is not even nearly JSON, and for what is no object.
    """
    return _decoded(text, _lenient_decoder())


def _refuse_costly(raw: bytes, *, most_digits: int) -> None:
    refuse_costly(_in_utf_8(raw), most_digits=most_digits)


def _in_utf_8(raw: bytes) -> bytes:
    encoding = json.detect_encoding(raw)
    if encoding.startswith("utf-8"):
        return raw
    # Nobody sends UTF-16, which has as many bytes in UTF-8.
    return raw.decode(encoding, errors="replace").encode(errors="replace")


def _text(raw: bytes) -> str:
    """With surrogates, if there are some, as they came; raises UnicodeDecodeError."""
    encoding = json.detect_encoding(raw)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8" or raw.count(_SURROGATE_BYTE) > _SURROGATES_MAX_COUNT:
            raise
    return raw.decode(errors="surrogatepass")


def _decoded(text: str, decoder: json.JSONDecoder) -> dict[str, Any]:
    try:
        with _without_collector(len(text)):
            # Not when Python refuses one: all before it would be read twice.
            body = decoder.decode(_with_readable_integers(text))
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(body, dict):
        raise NotJson("The body must be a JSON object.")
    return body


@contextmanager
def _without_collector(chars: int) -> Iterator[None]:
    """Decoding makes no cycles, and the collector would look at all that is made again and again:
    of a mebibyte of brackets it takes nine tenths of the time."""
    if chars <= QUICK_MAX_BYTES:
        yield
        return
    with _turn:  # the collector is one for all threads, and works between two turns
        was_on = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if was_on:
                gc.enable()


def _with_readable_integers(text: str) -> str:
    """With an exponent for integers of thousands of digits: they are read as floats then."""
    pieces: list[str] = []
    kept_until, is_in_string = 0, False
    for start, end in _long_numbers(text):
        before = text[kept_until:start]
        is_in_string ^= quotes_in(before.encode(errors="replace")) % 2 == 1
        is_integer = text[end : end + 1] not in (".", "e", "E") and not before.endswith(_IN_FLOAT)
        pieces += (text[kept_until:end], "e0" if is_integer and not is_in_string else "")
        kept_until = end
    return "".join((*pieces, text[kept_until:])) if pieces else text


def _long_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where digits stand that are too many; short numbers between them are stepped over."""
    end = 0
    for place in range(0, len(text), _INTEGER_MAX_DIGITS):
        if place >= end and (digits := _DIGITS.match(text, place)):
            before = text[max(0, place - _INTEGER_MAX_DIGITS) : place]
            start = place - len(before) + len(before.rstrip("0123456789"))
            end = digits.end()
            if end - start > _INTEGER_MAX_DIGITS:
                yield start, end


@cache
def _strict_decoder() -> json.JSONDecoder:
    """What `json.loads` would make anew for each body."""
    return json.JSONDecoder(parse_constant=_refuse_constant)


@cache
def _lenient_decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=float, strict=False)


def _refuse_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)

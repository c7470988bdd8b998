"""What a request carries, read so that no input can fail in a surprising place."""

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from flask import request
from marshmallow import ValidationError
from werkzeug.exceptions import NotFound, RequestEntityTooLarge, ServiceUnavailable

from app.current import this_request
from app.domain.client_address import address_hash, subscriber_hash
from app.domain.field_limits import MAX_ID
from app.extensions import settings
from app.web.body_bounds import MOST_DIGITS, QUICK_MAX_BYTES, quotes_in, refuse_costly

_NOT_JSON = "The body must be valid JSON."
# Python reads no integer of more digits (sys.set_int_max_str_digits), which are JSON all the same.
_INTEGER_MAX_DIGITS = 4300
_DIGITS = re.compile(r"[0-9]++")
# Before the digits of a fraction or an exponent.
_IN_FLOAT = (".", "e", "E", "e+", "E+", "e-", "E-")
# Each surrogate of UTF-8 costs as much as a hundred letters; so many in a body are no text.
_SURROGATE_BYTE = b"\xed"
_SURROGATES_MAX_COUNT = 10_000
_turn = Lock()


class BodyCutOff(ValidationError):
    """Less of the body came than was announced, or its chunks were broken: it cannot be read."""

    def __init__(self) -> None:
        super().__init__({"body": ["The body ended early or was not readable."]})


def json_body() -> dict[str, Any]:
    """The body as a JSON object, whatever its Content-Type; beacons and old clients vary.

    Raises ValidationError (422) when it is not JSON or not an object.
    """
    raw = read_body()
    _refuse_costly(raw, most_digits=MOST_DIGITS)
    try:
        text = _text(raw)
    except UnicodeDecodeError:
        raise ValidationError({"body": [_NOT_JSON]}) from None
    del raw
    return _decoded(text, _strict_decoder())


def lenient_json_body() -> dict[str, Any]:
    """The body as a JSON object, where an SDK sent it by itself and nobody would mend it.

    NaN and the infinities are floats, control characters stand for themselves, and bytes that are
    no text become U+FFFD. Raises ValidationError for what is not even nearly JSON.
    """
    return lenient_json(lenient_text(read_body()))


def lenient_text(raw: bytes, *, most_digits: int = MOST_DIGITS) -> str:
    """A body as text, to be decoded as leniently as `lenient_json_body` does; raises the same.

    What costs too much to decode is refused (RequestEntityTooLarge).
    """
    _refuse_costly(raw, most_digits=most_digits)
    try:
        return _text(raw)
    except UnicodeDecodeError as error:
        if error.encoding != "utf-8":
            raise ValidationError({"body": [_NOT_JSON]}) from None
        return raw.decode(errors="replace")


def lenient_json(text: str) -> dict[str, Any]:
    """The object in a text, read as leniently as `lenient_json_body` does; raises the same."""
    return _decoded(text, _lenient_decoder())


def query_values() -> dict[str, str]:
    """The query string; of a name that is given twice, the first."""
    return request.args.to_dict()


def row_id(text: str) -> int:
    """An id from a path; raises NotFound for all that cannot be one."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(MAX_ID)):
        raise NotFound("There is nothing with this id; ids are positive whole numbers.")
    number = int(text)
    if not 0 < number <= MAX_ID:
        raise NotFound("There is nothing with this id; ids are positive whole numbers.")
    return number


def client_address_hash() -> bytes:
    """What stands for the client's address, which itself goes no further; 32 bytes."""
    return address_hash(this_request().remote_addr or "", key=settings().require_app_key())


def client_subscriber_hash() -> bytes:
    """What stands for the client in limits on guessing.

    Of an IPv6 address it stands for the /64: whoever has one has all of its addresses.
    """
    return subscriber_hash(request.remote_addr or "", key=settings().require_app_key())


def refuse_large_body() -> None:
    """Raises RequestEntityTooLarge before anything else is looked at.

    What is too large for a route of its own is told by `request.max_content_length`. A body without
    a length (chunked) is measured when it is read.
    """
    asked = this_request()
    length = asked.content_length or 0
    if length > (asked.max_content_length or 0):
        raise RequestEntityTooLarge


def read_body() -> bytes:
    """Raises RequestEntityTooLarge, BodyCutOff, and ServiceUnavailable where there is no room."""
    asked = this_request()
    limit = asked.max_content_length or 0
    try:
        # One more than is taken: without a length, werkzeug stops there and does not say so.
        asked.max_content_length = limit + 1
        body = asked.get_data(cache=False)
    except (RequestEntityTooLarge, ServiceUnavailable):
        raise
    except Exception:  # the server's own: a broken chunk, an end before the announced length
        raise BodyCutOff from None
    finally:
        asked.max_content_length = limit
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body


def _refuse_costly(raw: bytes, *, most_digits: int) -> None:
    encoding = json.detect_encoding(raw)
    if not encoding.startswith("utf-8"):  # nobody sends UTF-16, which has as many bytes in UTF-8
        raw = raw.decode(encoding, errors="replace").encode(errors="replace")
    refuse_costly(raw, most_digits=most_digits)


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
        raise ValidationError({"body": [_NOT_JSON]}) from None
    if not isinstance(body, dict):
        raise ValidationError({"body": ["The body must be a JSON object."]})
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

"""What a request carries, read so that no input can fail in a surprising place."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import request
from marshmallow import ValidationError
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from app.current import this_request
from app.domain.client_address import address_hash, subscriber_hash
from app.domain.field_limits import MAX_ID
from app.extensions import settings

# More than any column holds.
_INTEGER_MAX_CHARS = 100
_NOT_JSON = "The body must be valid JSON."


class BodyCutOff(ValidationError):
    """Less of the body came than was announced, or its chunks were broken: it cannot be read."""

    def __init__(self) -> None:
        super().__init__({"body": ["The body ended early or was not readable."]})


class _TooManyDigits(Exception):
    """An integer of thousands of digits, which Python does not read by itself."""


def json_body() -> dict[str, Any]:
    """The body as a JSON object, whatever its Content-Type; beacons and old clients vary.

    Raises ValidationError (422) when it is not JSON or not an object.
    """
    raw = _read_body()
    try:
        text = raw.decode(json.detect_encoding(raw), "surrogatepass")
    except UnicodeDecodeError:
        raise ValidationError({"body": [_NOT_JSON]}) from None
    return _decoded(text, _strict_decoder())


def lenient_json_body() -> dict[str, Any]:
    """The body as a JSON object, where an SDK sent it by itself and nobody would mend it.

    NaN and the infinities are floats, control characters stand for themselves, and bytes that are
    no text become U+FFFD. Raises ValidationError for what is not even nearly JSON.
    """
    return lenient_json(body_text())


def body_text() -> str:
    """The body as text; the bytes are let go before anybody makes more of it."""
    raw = _read_body()
    encoding = json.detect_encoding(raw)
    try:
        return raw.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace")


def lenient_json(text: str) -> dict[str, Any]:
    """The object in a text, read as leniently as `lenient_json_body` does; raises the same."""
    try:
        return _decoded(text, _lenient_decoder(parse_int=None))
    except _TooManyDigits:
        return _decoded(text, _lenient_decoder(parse_int=_parse_int))


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


def _read_body() -> bytes:
    asked = this_request()
    limit = asked.max_content_length or 0
    try:
        # One more than is taken: without a length, werkzeug stops there and does not say so.
        asked.max_content_length = limit + 1
        body = asked.get_data(cache=False)
    except RequestEntityTooLarge:
        raise
    except Exception:  # the server's own: a broken chunk, an end before the announced length
        raise BodyCutOff from None
    finally:
        asked.max_content_length = limit
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body


def _decoded(text: str, decoder: json.JSONDecoder) -> dict[str, Any]:
    try:
        body = decoder.decode(text)
    except (json.JSONDecodeError, RecursionError):
        raise ValidationError({"body": [_NOT_JSON]}) from None
    except ValueError:
        raise _TooManyDigits from None
    if not isinstance(body, dict):
        raise ValidationError({"body": ["The body must be a JSON object."]})
    return body


@cache
def _strict_decoder() -> json.JSONDecoder:
    """What `json.loads` would make anew for each body."""
    return json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_parse_int)


@cache
def _lenient_decoder(*, parse_int: Callable[[str], int | float] | None) -> json.JSONDecoder:
    """None is Python's own way to read integers: six times as fast, and raises ValueError."""
    return json.JSONDecoder(parse_constant=float, parse_int=parse_int, strict=False)


def _parse_int(digits: str) -> int | float:
    """Python refuses integers of thousands of digits, which are JSON all the same."""
    return int(digits) if len(digits) <= _INTEGER_MAX_CHARS else float(digits)


def _refuse_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)

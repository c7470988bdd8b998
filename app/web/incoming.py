"""What a request carries, read so that no input can fail in a surprising place."""

from typing import Any

from flask import request
from marshmallow import ValidationError
from werkzeug.exceptions import NotFound, RequestEntityTooLarge, ServiceUnavailable

from app.current import this_request
from app.domain import json_reading
from app.domain.client_address import address_hash, subscriber_hash
from app.domain.field_limits import MAX_ID
from app.domain.json_bounds import MOST_DIGITS, CostlyJson
from app.domain.json_reading import NotJson
from app.extensions import settings


class BodyCutOff(ValidationError):
    """Less of the body came than was announced, or its chunks were broken: it cannot be read."""

    def __init__(self) -> None:
        super().__init__({"body": ["The body ended early or was not readable."]})


def json_body() -> dict[str, Any]:
    """The body as a JSON object, whatever its Content-Type; beacons and old clients vary.

    Raises ValidationError (422) when it is not JSON or not an object.
    """
    raw = read_body()
    try:
        text = json_reading.strict_text(raw)
        del raw
        return json_reading.strict_object(text)
    except NotJson as error:
        raise ValidationError({"body": [str(error)]}) from None
    except CostlyJson as error:
        raise RequestEntityTooLarge(str(error)) from None


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
    try:
        return json_reading.lenient_text(raw, most_digits=most_digits)
    except NotJson as error:
        raise ValidationError({"body": [str(error)]}) from None
    except CostlyJson as error:
        raise RequestEntityTooLarge(str(error)) from None


def lenient_json(text: str) -> dict[str, Any]:
    """The object in a text, read as leniently as `lenient_json_body` does; raises the same."""
    try:
        return json_reading.lenient_object(text)
    except NotJson as error:
        raise ValidationError({"body": [str(error)]}) from None


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


def this_instance() -> str:
    """Its address as the client has it, which a proxy may have made another one; no slash ends it.

    For what is to be pasted elsewhere.
    """
    return request.url_root.rstrip("/")


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

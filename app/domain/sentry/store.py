"""The body of the old store endpoint: one event, in plain JSON or as the first SDKs packed it."""

import base64
import binascii
from typing import Any

from app.domain.json_bounds import CostlyJson
from app.domain.json_reading import NotJson, lenient_object, lenient_text
from app.domain.sentry.content_encoding import BodyTooLarge, UnreadableBody, decoded

MAX_BYTES = 1024 * 1024
_UTF_8_MARK = b"\xef\xbb\xbf"


class MalformedEvent(Exception):
    """It is no JSON object: 400."""


def stored_event(body: bytes) -> dict[str, Any]:
    """The event in a body whose Content-Encoding was taken off already.

    Raises MalformedEvent, and BodyTooLarge for more than MAX_BYTES, and for what costs as much.
    """
    try:
        return lenient_object(lenient_text(_unpacked(body)))
    except NotJson:
        raise MalformedEvent("The body must be one event as a JSON object.") from None
    except CostlyJson:
        raise BodyTooLarge from None


def _unpacked(body: bytes) -> bytes:
    """Out of base64 and zlib, which nothing but its first sign tells of."""
    if len(body) > MAX_BYTES:
        raise BodyTooLarge
    if not body or body.startswith((b"{", _UTF_8_MARK)) or body[:1].isspace():
        return body
    try:
        packed = base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error:
        packed = body
    try:
        return b"".join(decoded([packed], "deflate", max_bytes=MAX_BYTES))
    except BodyTooLarge:
        raise
    except UnreadableBody:
        return packed

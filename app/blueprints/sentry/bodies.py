"""Bodies, as they come: taken apart piece by piece, and never whole.

Nothing here asks for the Content-Type: Node sends none, browsers send `text/plain`.
"""

from collections.abc import Iterator

from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable

from app.current import this_request
from app.domain.sentry.content_encoding import BodyTooLarge, decoded
from app.web.incoming import BodyCutOff

# As they are sent, and without their compression.
SENT_MAX_BYTES = 20 * 1024 * 1024
ENVELOPE_MAX_BYTES = 50 * 1024 * 1024
_PIECE_BYTES = 64 * 1024


def refuse_large_body() -> None:
    """Raises BodyTooLarge by the length that is announced; without one, `decoded_body` does."""
    if (this_request().content_length or 0) > SENT_MAX_BYTES:
        raise BodyTooLarge


def decoded_body(*, max_bytes: int) -> Iterator[bytes]:
    """Its pieces without their compression; raises UnknownEncoding at once.

    While it is read, what `decoded` raises, BodyCutOff, and ServiceUnavailable where there is no
    room.
    """
    return decoded(_pieces(), this_request().headers.get("Content-Encoding"), max_bytes=max_bytes)


def _pieces() -> Iterator[bytes]:
    asked = this_request()
    # One more than is taken: without a length, werkzeug stops there and does not say so.
    asked.max_content_length = SENT_MAX_BYTES + 1
    left = SENT_MAX_BYTES
    while True:
        try:
            piece = asked.stream.read(_PIECE_BYTES)
        except RequestEntityTooLarge:
            raise BodyTooLarge from None
        except ServiceUnavailable:
            raise
        except Exception:  # the server's own: a broken chunk, an end before the announced length
            raise BodyCutOff from None
        if not piece:
            return
        left -= len(piece)
        if left < 0:
            raise BodyTooLarge
        yield piece

"""Whatever is answered, nothing of the request's body stays behind on the connection.

A server that answers before it has read the body (401, 404, a redirect) finds the rest of it where
the next request should begin. gunicorn reads 64 KiB of it away by itself, and closes the connection
above that, although it has just promised to keep it: a proxy sends its next client's request into
it, and that one is lost. Here is the one place for all ways out, so no view thinks of it. How a
body is read away, and the answer told to close, is in `app.serving.received_body`; without
gunicorn, as in most tests, nothing happens here.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class UnreadBodies:
    """WSGI middleware, around all others; `max_bytes` of a body are read away, and no more."""

    def __init__(self, app: "WSGIApplication", *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        answer = self._app(environ, start_response)
        # The headers leave with the first part of the answer, which nobody has asked for yet.
        if read_away := getattr(environ["wsgi.input"], "read_away", None):
            read_away(max_bytes=self._max_bytes)
        return answer

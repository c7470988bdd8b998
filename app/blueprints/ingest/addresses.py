"""Where SDKs post to, in every form that follows from what people set as their endpoint.

An SDK posts events to its `endpoint` verbatim, and all else to what is left when a trailing
`/ingest` is taken off, plus `/sessions` and so on (contract section 3.0). So a bare host gives
`POST /`, and a slash at the end doubles one in what is derived: `/ingest//sessions`. No SDK tries
again or says a word, and a lost event leaves its session without a crash; so a form that nobody
thought of makes a release look healthy.

The odd forms are rewritten before routing and not registered as rules: eighteen more of them would
be in the API's description and in the labels of the metrics, and slow down the making of each app.
Other routes are not touched.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_DERIVED = re.compile(
    r"/*(?P<api>api/+)?(?:ingest/+)?(?P<route>ingest|feedback|sessions|events/+[^/]+/+feedback)/*"
)
_NEAR = re.compile(
    r"/*(?:api/+)?(?:ingest/+)?(?:ingest|feedback|sessions?|events?)(?:/.*)?", re.DOTALL
)
_SLASHES = re.compile("/+")


def usual_form(path: str) -> str:
    """The address that is routed for one of a public route in any form; all else as it is."""
    derived = _DERIVED.fullmatch(path)
    if derived is None:
        return path
    route = _SLASHES.sub("/", derived["route"])
    return f"/api/{route}" if derived["api"] else f"/{route}"


def is_near(path: str) -> bool:
    """Whether it was meant for a public route, such as `/events//feedback`."""
    return _NEAR.fullmatch(path) is not None


class AnyEndpoint:
    """WSGI middleware that takes derived addresses back to the usual ones."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if "//" in path or "ingest/" in path:  # what is right already pays for this look alone
            environ["PATH_INFO"] = usual_form(path)
        return self._app(environ, start_response)

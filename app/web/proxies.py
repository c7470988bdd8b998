"""Takes the client's address from behind proxies, as many as the settings say and no deeper.

Each proxy appends whom it saw to `X-Forwarded-For`, so only the last entries were written by ours;
everything before them is whatever the client liked to send. The peer's own address is used where
the list is shorter than it must be.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class TrustedProxies:
    """WSGI middleware for an app that stands behind `count` proxies."""

    def __init__(self, app: "WSGIApplication", *, count: int) -> None:
        self._believing = ProxyFix(app, x_for=count, x_proto=count)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        # ProxyFix reads quoted strings: a quotation mark that the client opened would swallow what
        # our proxies appended behind it. No address has one.
        for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"):
            if name in environ:
                environ[name] = environ[name].replace('"', "")
        return self._believing(environ, start_response)

"""A web app that answers four requests, one of which fails: its sessions are told as sums."""

import contextlib

import sentry_sdk
from sentry_sdk.integrations.wsgi import SentryWsgiMiddleware


def shop(environ, start_response):
    if environ["PATH_INFO"] == "/pay":
        raise KeyError("total")
    start_response("200 OK", [])
    return [b"shovels"]


def visit(app, path):
    environ = {
        **{"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "shop", "SERVER_PORT": "80"},
        **{
            "QUERY_STRING": "token=secret-of-the-query",
            "HTTP_COOKIE": "login=secret-of-the-cookie",
        },
        **{"REMOTE_ADDR": "203.0.113.9", "wsgi.url_scheme": "http"},
    }
    with contextlib.suppress(KeyError):
        list(app(environ, lambda status, headers, exc_info=None: None))


# What version 0.20 has not switched on yet.
is_old = sentry_sdk.VERSION.startswith("0.")
sentry_sdk.init(debug=True, **({"_experiments": {"auto_session_tracking": True}} if is_old else {}))
app = SentryWsgiMiddleware(shop)
for path in ("/", "/shovels", "/pay", "/"):
    visit(app, path)

"""The app, the request and its `g` themselves, for code on the path of each request.

Flask's `current_app`, `request` and `g` stand for them. Each attribute that one of these is asked
for costs as much as the thing itself does here, once; its attributes cost next to nothing then. It
saves 5 % of a request's CPU (docs/decisions/0098-what-our-own-shortcuts-save.md).
"""

from typing import Any, cast

from flask import Flask, Request, current_app, g, request
from werkzeug.local import LocalProxy

_app = cast("LocalProxy[Flask]", current_app)
_request = cast("LocalProxy[Request]", request)
_g = cast("LocalProxy[Any]", g)


def this_app() -> Flask:
    """Raises RuntimeError outside of an app context, as `current_app` does."""
    return _app._get_current_object()


def this_request() -> Request:
    """Raises RuntimeError where there is none."""
    return _request._get_current_object()


def this_g() -> Any:
    """Raises RuntimeError outside of an app context."""
    return _g._get_current_object()

"""Refusals as pages, for addresses of the console only.

An address is the console's when its blueprint has it; what a client accepts decides nothing. The
page asks the database nothing, not even who is logged in: it may be what just failed.
"""

from http import HTTPStatus

from flask import render_template
from flask.typing import ResponseReturnValue

from app.errors import Refusal

_HEADINGS = {
    HTTPStatus.BAD_REQUEST: "This page was too old",
    HTTPStatus.UNAUTHORIZED: "Log in again",
    HTTPStatus.FORBIDDEN: "You may not do this",
    HTTPStatus.NOT_FOUND: "There is nothing here",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That was too much",
    HTTPStatus.UNPROCESSABLE_ENTITY: "That could not be read",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many attempts",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server failed",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is busy",
}


def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    status = HTTPStatus(refusal.status)
    page = render_template(
        "console/error.html",
        heading=_HEADINGS.get(status, status.phrase),
        refusal=refusal,
    )
    return page, status, dict(refusal.headers)

"""Refusals as pages, for addresses of the console only.

An address is the console's when its blueprint has it; what a client accepts decides nothing there.
Of the addresses below the console's that nothing has, a browser that asks to read one gets a page.
The page asks the database nothing, not even who is logged in: it may be what just failed.
"""

from http import HTTPStatus

from flask import g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.blueprints.console.api_clients import accepts_pages
from app.blueprints.console.assets import asset
from app.blueprints.console.blueprint import guard_page
from app.web.refusals import Refusal, status_phrase

_TOP_ADDRESSES = ("/projects", "/account", "/login", "/logout")
_HEADINGS = {
    HTTPStatus.BAD_REQUEST: "This page was too old",
    HTTPStatus.UNAUTHORIZED: "Log in again",
    HTTPStatus.FORBIDDEN: "You may not do this",
    HTTPStatus.NOT_FOUND: "There is nothing here",
    HTTPStatus.METHOD_NOT_ALLOWED: "There is nothing to read here",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That was too much",
    HTTPStatus.UNPROCESSABLE_ENTITY: "That could not be read",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many attempts",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server failed",
    HTTPStatus.SERVICE_UNAVAILABLE: "The service is busy",
}


def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    status = HTTPStatus(refusal.status)
    page = render_template(
        "console/error.html",
        heading=_HEADINGS.get(status, status_phrase(status)),
        refusal=refusal,
        # Outside of the blueprint, nothing else brings these.
        asset=asset,
        admission=g.get("admission"),
    )
    return page, status, dict(refusal.headers)


def is_mistyped_page() -> bool:
    """Whether somebody opened an address that looks like one of the console's in a browser.

    A client has to name text/html: those that send no Accept, or take all, are programs, and
    `/projects/1/feedback` without its `/api` is their mistake more often than anybody's.
    """
    is_below = any(
        request.path == top or request.path.startswith(f"{top}/") for top in _TOP_ADDRESSES
    )
    return is_below and request.method in ("GET", "HEAD") and accepts_pages()


def show_mistyped(refusal: Refusal) -> ResponseReturnValue:
    """Outside of the blueprint, so what it does to its answers is done here."""
    response = guard_page(make_response(show_refusal(refusal)))
    response.vary.add("Accept")
    return response

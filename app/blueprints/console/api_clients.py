"""Programs that ask a page's address with a token: they want the API, which is below `/api`.

A redirect to the login page would tell them nothing; many follow it and take the page for an
answer. A browser never sends a bearer token by itself, and asks for text/html.
"""

from flask import Response, request

from app.web.errors import as_json
from app.web.refusals import Refusal
from app.web.wrong_addresses import where_api_is


def is_api_client() -> bool:
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    return scheme.lower() == "bearer" and bool(token.strip()) and not accepts_pages()


def accepts_pages() -> bool:
    """Only when named: `*/*`, or no Accept at all, is what programs send."""
    return any(
        accepted.lower() == "text/html" and quality > 0
        for accepted, quality in request.accept_mimetypes
    )


def tell_where_api_is() -> Response:
    response = as_json(Refusal(status=404, message=where_api_is(request.path)))
    response.vary.update(("Accept", "Authorization"))
    return response

"""The headers that every answer carries, set here; only `app.serving` answers without
this, and takes them from here.

A view that sets one of them itself wins: a page of the console brings its own
Content-Security-Policy. None of them touches CORS; in particular there is no
Cross-Origin-Resource-Policy, because apps of any origin read what the public routes answer.
"""

from http import HTTPStatus

from flask import Flask, Response

from app.current import this_request

# For answers that somebody opens as if they were pages. Pages need more, and say so themselves.
_STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'"
STATIC_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Addresses name projects, and on the public side may hold `?token=`.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": _STRICT_POLICY,
}
_HSTS = "max-age=31536000"


def init_security_headers(app: Flask) -> None:
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    present = {name.lower() for name in headers.keys()}
    for name, value in STATIC_HEADERS.items():
        if name.lower() not in present:
            headers.add(name, value)
    if response.calculate_content_length() == 0 or response.status_code == HTTPStatus.NO_CONTENT:
        headers.pop("Content-Type", None)  # Flask would call nothing at all HTML
    # Browsers ignore it over plain HTTP; `is_secure` believes TRUSTED_PROXIES.
    if this_request().is_secure:
        headers.setdefault("Strict-Transport-Security", _HSTS)
    return response

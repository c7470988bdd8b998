"""The cookie of a browser that logged in before, by which it gets through while others guess.

A signed list of accounts, as keyed hashes; it lets nobody in, and outlives logging out
(docs/decisions/0090). Whoever copies it can guess as slowly as any client.
"""

import hashlib
import hmac

from flask import after_this_request, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app.domain.email_address import email_key
from app.extensions import settings

# As long as browsers keep cookies at most.
_LIFETIME_SECONDS = 400 * 24 * 3600
_MAX_ACCOUNTS = 5
_PURPOSE = b"pionne-feedback known device 1"


def is_known_device(email: str) -> bool:
    return _tag(email) in _tags()


def remember_device(email: str) -> None:
    """With the answer to this request."""
    tags = [_tag(email), *(tag for tag in _tags() if tag != _tag(email))]
    value = str(_serializer().dumps(tags[:_MAX_ACCOUNTS]))

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            _cookie_name(),
            value,
            max_age=_LIFETIME_SECONDS,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response


def _tags() -> list[str]:
    try:
        return list(
            _serializer().loads(request.cookies.get(_cookie_name(), ""), max_age=_LIFETIME_SECONDS)
        )
    except BadData:
        return []


def _tag(email: str) -> str:
    return hmac.digest(_key(), email_key(email).encode(), hashlib.sha256).hex()[:32]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_key(), signer_kwargs={"digest_method": hashlib.sha256})


def _key() -> bytes:
    return hmac.digest(settings().require_app_key(), _PURPOSE, hashlib.sha256)


def _cookie_name() -> str:
    return "__Host-pionne-device" if request.is_secure else "pionne-device"

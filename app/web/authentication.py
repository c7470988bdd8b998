"""Whose request it is, for every blueprint that takes user tokens."""

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.domain import tokens
from app.domain.times import wire_time
from app.domain.token_access import TokenAccess
from app.extensions import now
from app.services import accounts
from app.services.errors import Forbidden, Unauthenticated

_HEADER = "X-Pionne-Token"
_PROJECT_TOKEN = (
    "This is a project token, which only sends feedback, sessions and events; this route takes a"
    " user token, as Authorization: Bearer <id>|<secret>."
)
_READING = {"GET", "HEAD"}
_READ_ONLY = "This API token is read-only: it may GET and HEAD, and nothing else."
_NEEDS_LOGIN = (
    "This needs a token from a login, not an API token: log in (POST /api/auth/login) and repeat it"
    " with the token that you get."
)


def identify_account() -> None:
    """Sets g.account_id, g.user_token_id and g.is_login from `Authorization: Bearer <id>|<secret>`.

    Raises Unauthorized, with one message for whatever is wrong with the token; a project token is
    told as that by its form, whether it is one or not. An API token that is known is told that it
    has expired (Unauthenticated), or may only read (Forbidden).
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = accounts.authenticate(token.strip()) if scheme.lower() == "bearer" else None
    if bearer is None:
        project_token = token if scheme.lower() == "bearer" else request.headers.get(_HEADER, "")
        if tokens.is_project_token(project_token.strip()):
            raise Unauthorized(_PROJECT_TOKEN, www_authenticate=WWWAuthenticate("bearer"))
        raise Unauthorized("Unauthenticated.", www_authenticate=WWWAuthenticate("bearer"))
    if bearer.expires_at is not None and bearer.expires_at <= now():
        raise Unauthenticated(f"This API token expired at {wire_time(bearer.expires_at)}.")
    if bearer.access == TokenAccess.READ and request.method not in _READING:
        raise Forbidden(_READ_ONLY)
    g.account_id = bearer.account_id
    g.user_token_id = bearer.token_id
    g.is_login = bearer.access is None


def require_login() -> None:
    """After identify_account: raises Forbidden for an API token."""
    if not g.is_login:
        raise Forbidden(_NEEDS_LOGIN)

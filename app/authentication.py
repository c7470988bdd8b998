"""Whose request it is, for every blueprint that takes user tokens."""

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.domain import tokens
from app.services import accounts

_HEADER = "X-Pionne-Token"
_PROJECT_TOKEN = (
    "This is a project token, which only sends feedback, sessions and events; this route takes a"
    " user token, as Authorization: Bearer <id>|<secret>."
)


def identify_account() -> None:
    """Sets g.account_id and g.user_token_id from `Authorization: Bearer <id>|<secret>`.

    Raises Unauthorized, with one message for whatever is wrong with the token; a project token is
    told as that by its form, whether it is one or not.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = accounts.authenticate(token.strip()) if scheme.lower() == "bearer" else None
    if bearer is None:
        project_token = token if scheme.lower() == "bearer" else request.headers.get(_HEADER, "")
        if tokens.is_project_token(project_token.strip()):
            raise Unauthorized(_PROJECT_TOKEN, www_authenticate=WWWAuthenticate("bearer"))
        raise Unauthorized("Unauthenticated.", www_authenticate=WWWAuthenticate("bearer"))
    g.account_id = bearer.account_id
    g.user_token_id = bearer.token_id

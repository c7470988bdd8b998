"""Whose request it is, for every blueprint that takes user tokens."""

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.services import accounts


def identify_account() -> None:
    """Sets g.account_id and g.user_token_id from `Authorization: Bearer <id>|<secret>`.

    Raises Unauthorized, with one message for whatever is wrong with the token.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = accounts.authenticate(token.strip()) if scheme.lower() == "bearer" else None
    if bearer is None:
        raise Unauthorized("Unauthenticated.", www_authenticate=WWWAuthenticate("bearer"))
    g.account_id = bearer.account_id
    g.user_token_id = bearer.token_id

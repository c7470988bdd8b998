"""Whose request it is."""

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.services import accounts


def identify_account() -> None:
    """Sets g.account_id from `Authorization: Bearer <id>|<secret>`; raises Unauthorized."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    account_id = accounts.authenticate(token.strip()) if scheme.lower() == "bearer" else None
    if account_id is None:
        raise Unauthorized("Unauthenticated.", www_authenticate=WWWAuthenticate("bearer"))
    g.account_id = account_id

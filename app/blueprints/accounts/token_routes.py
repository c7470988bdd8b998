"""The tokens of whoever asks: which clients are logged in, and how to throw them out; API tokens.

An API token sees and revokes tokens as a login does, but makes none.
"""

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.accounts.blueprint import blueprint
from app.blueprints.accounts.token_schemas import (
    ApiTokenAnswerSchema,
    MadeApiTokenSchema,
    NewApiTokenSchema,
    TokenListSchema,
    UserTokenSchema,
)
from app.extensions import now
from app.services.accounts import api_tokens, user_tokens
from app.web.incoming import json_body, row_id
from app.web.openapi import documented

_token_schema = UserTokenSchema()
_new_schema = NewApiTokenSchema()
_made_schema = MadeApiTokenSchema()


@blueprint.get("/tokens")
@documented(answers={200: TokenListSchema})
def list_tokens() -> ResponseReturnValue:
    """List all tokens, oldest first; `current` is the one that asks."""
    tokens = [
        {**_token_schema.dump(row), "current": row.id == g.user_token_id}
        for row in user_tokens.list_of(g.account_id)
    ]
    return {"tokens": tokens}


@blueprint.post("/tokens")
@documented(body=NewApiTokenSchema, answers={201: ApiTokenAnswerSchema})
def make_token() -> ResponseReturnValue:
    """Make an API token, for a script; only this answer shows it, and no login revokes it.

    With `read_only` it may only GET. Passwords, two-factor, the end of the account and new tokens
    need a token from a login.
    """
    made = api_tokens.make(g.account_id, **_new_schema.load(json_body()), now=now())
    return {"token": _made_schema.dump(made)}, 201


@blueprint.delete("/tokens/<token_id>")
@documented(answers={204: None})
def revoke_token(token_id: str) -> ResponseReturnValue:
    """Revoke a token; it is dead at once, in every worker."""
    user_tokens.revoke(row_id(token_id), account_id=g.account_id)
    return "", 204


@blueprint.delete("/tokens")
@documented(answers={204: None})
def revoke_other_tokens() -> ResponseReturnValue:
    """Revoke all tokens but the one that asks."""
    user_tokens.revoke_others(g.account_id, kept_token_id=g.user_token_id)
    return "", 204

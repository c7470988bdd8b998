"""The tokens of whoever asks: which clients are logged in, and how to throw them out."""

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.accounts.blueprint import blueprint
from app.blueprints.accounts.schemas import (
    TokenListSchema,
    UserTokenSchema,
)
from app.incoming import row_id
from app.openapi import documented
from app.services import user_tokens

_token_schema = UserTokenSchema()


@blueprint.get("/tokens")
@documented(answers={200: TokenListSchema})
def list_tokens() -> ResponseReturnValue:
    """List all tokens, oldest first; `current` is the one that asks."""
    tokens = [
        {**_token_schema.dump(row), "current": row.id == g.user_token_id}
        for row in user_tokens.list_of(g.account_id)
    ]
    return {"tokens": tokens}


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

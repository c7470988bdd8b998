"""Whoever is logged in: who that is, a new password, and the end of the account."""

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.accounts.account_schemas import (
    AccountSchema,
    PasswordChangeSchema,
    PasswordSchema,
)
from app.blueprints.accounts.blueprint import blueprint
from app.extensions import now
from app.services import accounts
from app.services.accounts import deletion as account_deletion
from app.services.accounts import password_change
from app.web.guesses import password_guess
from app.web.incoming import json_body
from app.web.openapi import documented

_account_schema = AccountSchema()
_change_schema = PasswordChangeSchema()
_password_schema = PasswordSchema()


@blueprint.get("/me")
@documented(answers={200: AccountSchema})
def read_account() -> ResponseReturnValue:
    """Tell whose token this is."""
    return {**_account_schema.dump(accounts.get(g.account_id))}


@blueprint.post("/password")
@documented(body=PasswordChangeSchema, answers={204: None}, refuses=(429,))
def change_password() -> ResponseReturnValue:
    """Choose a new password; every other token of the account dies."""
    change = _change_schema.load(json_body())
    with password_guess(accounts.get(g.account_id).email):
        password_change.change_password(
            g.account_id,
            current_password=change["current_password"],
            new_password=change["password"],
            kept_token_id=g.user_token_id,
        )
    return "", 204


@blueprint.delete("/account")
@documented(body=PasswordSchema, answers={204: None}, refuses=(429,))
def delete_account() -> ResponseReturnValue:
    """Delete the account for good, with all projects that it owns."""
    password = _password_schema.load(json_body())["password"]
    with password_guess(accounts.get(g.account_id).email):
        account_deletion.delete_account(g.account_id, password=password, now=now())
    return "", 204

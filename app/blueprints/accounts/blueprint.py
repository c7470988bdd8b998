"""The blueprint itself, and who may pass: a user token is asked for unless a view is open."""

from flask import Blueprint, request

from app.web.authentication import identify_account, require_login
from app.web.incoming import refuse_large_body
from app.web.openapi import entitle
from app.web.query_parameters import refuse_unknown_parameters

blueprint = Blueprint("accounts", __name__, url_prefix="/api/auth", cli_group=None)
entitle(blueprint, "Accounts and logins")

# By name, so that a view that is forgotten here is shut, not open.
_OPEN_TO_ALL = {"accounts.register", "accounts.log_in", "accounts.log_in_with_code"}
# What else changes who may come in: a token that leaks from a script must not take the account.
_OPEN_TO_API_TOKENS = {
    "accounts.read_account",
    "accounts.read_two_factor",
    "accounts.list_tokens",
    "accounts.revoke_token",
    "accounts.revoke_other_tokens",
    "accounts.log_out",
}


@blueprint.before_request
def admit() -> None:
    """Body limit, then who; how often is counted where something can be guessed."""
    refuse_large_body()
    if request.method == "OPTIONS":
        return
    if request.endpoint not in _OPEN_TO_ALL:
        identify_account()
        if request.endpoint not in _OPEN_TO_API_TOKENS:
            require_login()
    refuse_unknown_parameters()

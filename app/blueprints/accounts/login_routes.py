"""Register, log in, log out."""

from contextlib import suppress
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.accounts.account_schemas import AccountSchema
from app.blueprints.accounts.blueprint import blueprint
from app.blueprints.accounts.login_schemas import (
    ClientSchema,
    CredentialsSchema,
    LoggedInSchema,
    RegistrationSchema,
    SecondFactorNeededSchema,
    SecondFactorSchema,
    client_name,
)
from app.domain.registration import RegistrationMode
from app.extensions import now, settings
from app.services.accounts import LoggedIn, logins, registration, user_tokens
from app.services.accounts.logins import SecondFactorNeeded
from app.services.errors import NotFound
from app.web.guesses import (
    code_guess,
    login_guess,
    password_work,
    recovery_code_guess,
    remember_client,
)
from app.web.incoming import json_body
from app.web.openapi import Credentials, documented

_registration_schema = RegistrationSchema()
_credentials_schema = CredentialsSchema()
_second_factor_schema = SecondFactorSchema()
_account_schema = AccountSchema()


@blueprint.post("/register")
@documented(
    body=RegistrationSchema,
    headers=ClientSchema,
    answers={201: LoggedInSchema},
    credentials=Credentials.ANYBODY,
    refuses=(403, 429),
)
def register() -> ResponseReturnValue:
    """Make an account and its first token, where REGISTRATION or an invitation allows it."""
    application = _registration_schema.load(json_body())
    mode = RegistrationMode(settings().registration)
    with password_work():
        registered = registration.register(application, mode=mode, client=client_name(), now=now())
    return _who_and_token(registered), 201


@blueprint.post("/login")
@documented(
    body=CredentialsSchema,
    headers=ClientSchema,
    answers={200: (LoggedInSchema, SecondFactorNeededSchema)},
    credentials=Credentials.ANYBODY,
    refuses=(401, 429),
)
def log_in() -> ResponseReturnValue:
    """Log in: a token for this client, or the question for a second factor."""
    credentials, client = _credentials_schema.load(json_body()), client_name()
    with password_work(), login_guess(credentials["email"]):
        outcome = logins.log_in(**credentials, client=client, now=now())
    if isinstance(outcome, SecondFactorNeeded):
        return {"requires_totp": True, "totp_token": outcome.totp_token}
    return _who_and_token(outcome)


@blueprint.post("/login/totp")
@documented(
    body=SecondFactorSchema,
    answers={200: LoggedInSchema},
    credentials=Credentials.ANYBODY,
    refuses=(401, 429),
)
def log_in_with_code() -> ResponseReturnValue:
    """Log in, the second step: a code of the authenticator app, or a recovery code."""
    proof = _second_factor_schema.load(json_body())
    account_id = logins.account_of_challenge(proof["totp_token"], now=now())
    guess = code_guess if proof["code"] is not None else recovery_code_guess
    with guess(account_id):
        logged_in = logins.finish_log_in(account_id, **proof, now=now())
    return _who_and_token(logged_in)


@blueprint.post("/logout")
@documented(answers={204: None})
def log_out() -> ResponseReturnValue:
    """Log out: revoke the token that asks."""
    with suppress(NotFound):  # another request of the same client was first
        user_tokens.revoke(g.user_token_id, account_id=g.account_id)
    return "", 204


def _who_and_token(logged_in: LoggedIn) -> dict[str, Any]:
    remember_client(logged_in.account.email)
    return {"user": _account_schema.dump(logged_in.account), "token": logged_in.token}

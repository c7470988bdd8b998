"""Two-factor by TOTP: state, enrol, confirm, turn off."""

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.accounts.account_schemas import PasswordSchema
from app.blueprints.accounts.blueprint import blueprint
from app.blueprints.accounts.two_factor_schemas import (
    CodeSchema,
    EnrolmentSchema,
    TwoFactorConfirmedSchema,
    TwoFactorSchema,
)
from app.extensions import now
from app.services import accounts
from app.services.accounts import two_factor
from app.web.guesses import confirmation_guess, password_guess
from app.web.incoming import json_body
from app.web.openapi import documented

_password_schema = PasswordSchema()
_code_schema = CodeSchema()


@blueprint.get("/totp")
@documented(answers={200: TwoFactorSchema})
def read_two_factor() -> ResponseReturnValue:
    """Tell whether a login needs a code, and how many recovery codes are left."""
    state = two_factor.state_of(g.account_id)
    return {"enabled": state.is_on, "recovery_codes_left": state.recovery_codes_left}


@blueprint.post("/totp")
@documented(body=PasswordSchema, answers={201: EnrolmentSchema}, refuses=(429,))
def enrol_two_factor() -> ResponseReturnValue:
    """Enrol: a secret for the authenticator app and ten recovery codes, shown only now.

    The password is asked for, or whoever finds an open laptop could lock its owner out.
    """
    password = _password_schema.load(json_body())["password"]
    with password_guess(accounts.get(g.account_id).email):
        enrolment = two_factor.enrol(g.account_id, password=password)
    return {
        "secret": enrolment.secret,
        "provisioning_uri": enrolment.provisioning_uri,
        "recovery_codes": enrolment.recovery_codes,
    }, 201


@blueprint.post("/totp/confirm")
@documented(body=CodeSchema, answers={200: TwoFactorConfirmedSchema}, refuses=(429,))
def confirm_two_factor() -> ResponseReturnValue:
    """Confirm with the app's first code, which proves that it has the secret."""
    code = _code_schema.load(json_body())["code"]
    with confirmation_guess(g.account_id):
        two_factor.confirm(g.account_id, code=code, now=now())
    return {"enabled": True}


@blueprint.delete("/totp")
@documented(body=PasswordSchema, answers={204: None}, refuses=(429,))
def turn_off_two_factor() -> ResponseReturnValue:
    """Turn two-factor off; a login needs the password only."""
    password = _password_schema.load(json_body())["password"]
    with password_guess(accounts.get(g.account_id).email):
        two_factor.turn_off(g.account_id, password=password)
    return "", 204

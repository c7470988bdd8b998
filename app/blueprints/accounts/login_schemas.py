"""What registering and logging in take and show (contract section 4.3)."""

from typing import Any

from flask import request
from marshmallow import ValidationError, fields, post_load, validates_schema

from app.blueprints.accounts.account_schemas import AccountSchema
from app.blueprints.accounts.password_fields import NewPassword, TypedPassword
from app.domain.field_limits import NAME_MAX_CHARS, SECRET_MAX_CHARS
from app.services.accounts.registration import Application
from app.web.schemas import AnswerSchema, WireChoice, WireCode, WireEmail, WireSchema, WireText


class RegistrationSchema(WireSchema):
    """The body of `POST /register`."""

    example = {"email": "you@example.com", "password": "correct horse battery", "name": "You"}

    email = WireEmail(required=True)
    password = NewPassword()
    name = WireText(max_chars=NAME_MAX_CHARS)
    invitation = WireCode(max_chars=SECRET_MAX_CHARS)

    @post_load
    def _to_application(self, values: dict[str, Any], **_: object) -> Application:
        return Application(**values)


class CredentialsSchema(WireSchema):
    """The body of `POST /login`."""

    example = {"email": "you@example.com", "password": "correct horse battery"}

    email = WireEmail(required=True)
    password = TypedPassword()


class SecondFactorSchema(WireSchema):
    """The body of `POST /login/totp`: one of the two codes."""

    example = {"totp_token": "…", "code": "654321"}

    totp_token = WireCode(max_chars=SECRET_MAX_CHARS, required=True)
    code = WireCode(max_chars=SECRET_MAX_CHARS)
    recovery_code = WireCode(
        max_chars=SECRET_MAX_CHARS, metadata={"description": "Instead of `code`, not beside it."}
    )

    @validates_schema(skip_on_field_errors=True)
    def _require_one(self, values: dict[str, Any], **_: object) -> None:
        if (values["code"] is None) == (values["recovery_code"] is None):
            raise ValidationError({"code": ["Send either a code or a recovery code."]})


class ClientSchema(WireSchema):
    """What kind of client logs in.

    A name we do not know is refused, not taken for `mobile`: that would throw out the phone.
    """

    client = WireChoice(("cli", "mobile", "web"), data_key="X-Pionne-Client", load_default="mobile")


class LoggedInSchema(AnswerSchema):
    """Who has logged in, and the token, which is shown only here."""

    example = {"user": AccountSchema.example, "token": "1|…"}

    user = fields.Nested(AccountSchema)
    token = fields.String()


class SecondFactorNeededSchema(AnswerSchema):
    """The password was right; the code comes next."""

    example = {"requires_totp": True, "totp_token": "…"}

    requires_totp = fields.Boolean()
    totp_token = fields.String()


_client_schema = ClientSchema()


def client_name() -> str:
    """`cli`, `mobile` or `web`, as the header says."""
    named = request.headers.get("X-Pionne-Client", "").lower()
    return str(_client_schema.load({"X-Pionne-Client": named})["client"])

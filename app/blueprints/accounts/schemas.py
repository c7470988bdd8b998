"""What the account routes take and show (contract section 4.3)."""

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import ValidationError, fields, post_load, validates_schema

from app.domain.field_limits import (
    NAME_MAX_CHARS,
    PASSWORD_MAX_CHARS,
    PASSWORD_MIN_CHARS,
    TOKEN_LABEL_MAX_CHARS,
)
from app.domain.text import is_storable
from app.services.accounts.api_tokens import DAYS_REFUSED, MAX_DAYS
from app.services.accounts.registration import Application
from app.web.schemas import (
    AnswerSchema,
    WireBoolean,
    WireChoice,
    WireEmail,
    WireInteger,
    WireSchema,
    WireText,
    WireTime,
)

# Tokens and codes of ours are shorter; what is longer is none.
_SECRET_MAX_CHARS = 200


class TypedPassword(WireText):
    """A password as typed: blanks at its ends count, and one of a wrong length is just wrong."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=PASSWORD_MAX_CHARS, required=True, **kwargs)

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        # Past WireText's own, which trims.
        if not isinstance(value, str) or not value:
            return super().deserialize(value, attr, data, **kwargs)
        return self._deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("not_text")
        if not is_storable(value):
            raise self.make_error("unstorable")
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "password", "minLength": 1}


class NewPassword(TypedPassword):
    """A password that is being chosen."""

    default_error_messages = {"too_short": "The {name} must have at least {min_chars} characters."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) < PASSWORD_MIN_CHARS:
            raise self.make_error("too_short", min_chars=PASSWORD_MIN_CHARS)
        if len(text) > PASSWORD_MAX_CHARS:
            raise self.make_error("too_long")
        return text

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "format": "password",
            "minLength": PASSWORD_MIN_CHARS,
            "maxLength": PASSWORD_MAX_CHARS,
        }


class RegistrationSchema(WireSchema):
    """The body of `POST /register`."""

    example = {"email": "you@example.com", "password": "correct horse battery", "name": "You"}

    email = WireEmail(required=True)
    password = NewPassword()
    name = WireText(max_chars=NAME_MAX_CHARS)
    invitation = WireText(max_chars=_SECRET_MAX_CHARS)

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

    totp_token = WireText(max_chars=_SECRET_MAX_CHARS, required=True)
    code = WireText(max_chars=_SECRET_MAX_CHARS)
    recovery_code = WireText(
        max_chars=_SECRET_MAX_CHARS, metadata={"description": "Instead of `code`, not beside it."}
    )

    @validates_schema(skip_on_field_errors=True)
    def _require_one(self, values: dict[str, Any], **_: object) -> None:
        if (values["code"] is None) == (values["recovery_code"] is None):
            raise ValidationError({"code": ["Send either a code or a recovery code."]})


class PasswordChangeSchema(WireSchema):
    """The body of `POST /password`."""

    example = {
        "current_password": "correct horse battery",
        "password": "a longer one than before",
    }

    current_password = TypedPassword()
    password = NewPassword()


class PasswordSchema(WireSchema):
    """The body of what needs the password once more."""

    example = {"password": "correct horse battery"}

    password = TypedPassword()


class CodeSchema(WireSchema):
    """The body of `POST /totp/confirm`."""

    example = {"code": "123456"}

    code = WireText(max_chars=_SECRET_MAX_CHARS, required=True)


class ClientSchema(WireSchema):
    """What kind of client logs in.

    A name we do not know is refused, not taken for `mobile`: that would throw out the phone.
    """

    client = WireChoice(("cli", "mobile", "web"), data_key="X-Pionne-Client", load_default="mobile")


class AccountSchema(AnswerSchema):
    """Whoever is logged in."""

    example = {"id": 1, "email": "you@example.com", "name": "You"}

    id = fields.Integer()
    email = fields.String()
    name = fields.String(allow_none=True)


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


class TwoFactorSchema(AnswerSchema):
    """Whether a login needs a code."""

    example = {"enabled": True, "recovery_codes_left": 10}

    enabled = fields.Boolean()
    recovery_codes_left = fields.Integer()


class TwoFactorConfirmedSchema(AnswerSchema):
    """From now on a login needs a code."""

    example = {"enabled": True}

    enabled = fields.Boolean()


class EnrolmentSchema(AnswerSchema):
    """What the authenticator app needs, and ten recovery codes; shown only here."""

    example = {
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "provisioning_uri": "otpauth://totp/pionne-feedback:you%40example.com"
        "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=pionne-feedback",
        "recovery_codes": [f"k3ym-7pqa-x2dn-v4t{last}" for last in "abcdefghij"],
    }

    secret = fields.String()
    provisioning_uri = fields.String()
    recovery_codes = fields.List(fields.String())


class _Days(WireInteger):
    """The service checks its bounds, for the console as well."""

    default_error_messages = {"not_natural": DAYS_REFUSED}

    def json_schema(self) -> dict[str, Any]:
        return {**super().json_schema(), "minimum": 1, "maximum": MAX_DAYS}


class NewApiTokenSchema(WireSchema):
    """The body of `POST /tokens`; without `expires_in_days` it does not expire."""

    example = {"name": "Nightly report", "expires_in_days": 90, "read_only": True}

    name = WireText(max_chars=TOKEN_LABEL_MAX_CHARS, required=True)
    expires_in_days = _Days()
    read_only = WireBoolean(load_default=False)


class UserTokenSchema(AnswerSchema):
    """A logged-in client (`kind` is `login`) or an API token (`api`), without its secret."""

    example = {
        "id": 3,
        "name": "cli",
        "kind": "login",
        "created_at": "2026-05-07T17:25:00Z",
        "expires_at": None,
        "read_only": False,
    }

    id = fields.Integer()
    name = fields.String()
    kind = fields.String()
    created_at = WireTime()
    expires_at = WireTime(allow_none=True)
    read_only = fields.Boolean()


class MadeApiTokenSchema(UserTokenSchema):
    """With `token`, which is shown only here."""

    example = {
        **UserTokenSchema.example,
        "id": 4,
        "name": "Nightly report",
        "kind": "api",
        "expires_at": "2026-08-05T17:25:00Z",
        "read_only": True,
        "token": "4|…",
    }

    token = fields.String()


class ApiTokenAnswerSchema(AnswerSchema):
    """The API token that was made."""

    example = {"token": MadeApiTokenSchema.example}

    token = fields.Nested(MadeApiTokenSchema)


class ListedTokenSchema(UserTokenSchema):
    """With whether it is the one that asks."""

    example = {**UserTokenSchema.example, "current": True}

    current = fields.Boolean()


class TokenListSchema(AnswerSchema):
    """All tokens of an account."""

    example = {"tokens": [ListedTokenSchema.example]}

    tokens = fields.List(fields.Nested(ListedTokenSchema))


_client_schema = ClientSchema()


def client_name() -> str:
    """`cli`, `mobile` or `web`, as the header says."""
    named = request.headers.get("X-Pionne-Client", "").lower()
    return str(_client_schema.load({"X-Pionne-Client": named})["client"])

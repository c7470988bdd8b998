"""What the routes about an account's own tokens take and show: logged-in clients and API tokens."""

from typing import Any

from marshmallow import fields

from app.domain.field_limits import TOKEN_LABEL_MAX_CHARS
from app.services.accounts.api_tokens import DAYS_REFUSED, MAX_DAYS
from app.web.schemas import AnswerSchema, WireBoolean, WireInteger, WireSchema, WireText, WireTime


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

"""Who is logged in, and what a change of the account takes."""

from marshmallow import fields

from app.blueprints.accounts.password_fields import NewPassword, TypedPassword
from app.web.schemas import AnswerSchema, WireSchema


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


class AccountSchema(AnswerSchema):
    """Whoever is logged in."""

    example = {"id": 1, "email": "you@example.com", "name": "You"}

    id = fields.Integer()
    email = fields.String()
    name = fields.String(allow_none=True)

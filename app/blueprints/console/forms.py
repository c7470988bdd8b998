"""What the console's forms are made of: the rules of the API, in words for people.

A form checks what can be known without the database; what only a service knows comes back as
Invalid, and `refuse` puts it beside its field. The blueprint has checked the CSRF token before.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from app.domain.email_address import is_valid_email
from app.domain.field_limits import EMAIL_MAX_CHARS, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS
from app.domain.text import bare, bare_name, is_storable, trimmed
from app.services.errors import Invalid


class ConsoleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form that is shown again with its errors, as 422."""

    @property
    def status(self) -> int:
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.errors else HTTPStatus.OK

    def refuse(self, refusal: Invalid) -> None:
        errors = self[refusal.field].errors if refusal.field in self else self.form_errors
        errors.append(str(refusal))


class Text(StringField):
    """Trimmed text of at most `max_chars` code points; None when nothing was typed."""

    data: Any

    def __init__(
        self, label: str, *, max_chars: int, is_required: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(label, filters=[self.trim], **kwargs)
        self.max_chars = max_chars
        self.is_required = is_required
        if is_required:
            self.flags.required = True  # a flag of None would be written out as required="None"

    def trim(self, typed: str | None) -> str | None:
        return trimmed(typed or "") or None

    def pre_validate(self, form: BaseForm) -> None:
        if self.data is None:
            if self.is_required:
                raise StopValidation("This is needed.")
            return
        if not is_storable(self.data):
            raise StopValidation("This has characters that cannot be stored.")
        if len(self.data) > self.max_chars:
            raise StopValidation(f"At most {self.max_chars} characters, please.")
        self.check(self.data)

    def check(self, text: str) -> None:
        """For what is more than text; raises StopValidation."""


class Name(Text):
    """What a bundle is called: nothing invisible stands around it."""

    def trim(self, typed: str | None) -> str | None:
        return bare_name(typed or "") or None


class Code(Text):
    """What was copied from a mail or an app."""

    def trim(self, typed: str | None) -> str | None:
        return bare(typed or "") or None


class Percent(Text):
    """A share, typed as percent; `share` is the number, once the form is valid."""

    _FORM = re.compile(r"(?:[0-9]{1,2}(?:\.[0-9]{1,4})?|100(?:\.0{1,4})?)\s*%?", re.ASCII)

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, max_chars=12, **kwargs)

    @staticmethod
    def typed(share: float) -> str:
        """As somebody would type it."""
        return f"{share * 100:.6f}".rstrip("0").rstrip(".")

    @property
    def share(self) -> float:
        return float(Decimal(self.data.rstrip("% ")) / 100)

    def check(self, text: str) -> None:
        if not self._FORM.fullmatch(text):
            raise StopValidation("This must be a percentage from 0 to 100, such as 99.5.")


class Count(Text):
    """A whole number from 0 to `highest`; `count` is it, once the form is valid."""

    def __init__(self, label: str, *, highest: int, **kwargs: Any) -> None:
        super().__init__(label, max_chars=12, **kwargs)
        self.highest = highest

    @property
    def count(self) -> int:
        return int(self.data)

    def check(self, text: str) -> None:
        if not (text.isascii() and text.isdigit()) or int(text) > self.highest:
            raise StopValidation(f"This must be a whole number from 0 to {self.highest:,}.")


class Email(EmailField, Text):
    """An address, kept as typed but for invisible characters around it."""

    def __init__(self, label: str = "E-mail", **kwargs: Any) -> None:
        super().__init__(label, max_chars=EMAIL_MAX_CHARS, **kwargs)

    def trim(self, typed: str | None) -> str | None:
        return bare(typed or "") or None

    def check(self, text: str) -> None:
        if not is_valid_email(text):
            raise StopValidation("This is not a valid e-mail address.")


class TypedPassword(PasswordField):
    """A password as typed: blanks count, and one of a wrong length is just wrong."""

    data: Any

    def __init__(self, label: str = "Password", **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.flags.required = True

    def pre_validate(self, form: BaseForm) -> None:
        if not self.data:
            raise StopValidation("This is needed.")
        if not is_storable(self.data) or len(self.data) > PASSWORD_MAX_CHARS:
            raise StopValidation("This cannot be a password here.")


class NewPassword(TypedPassword):
    """A password that is being chosen."""

    def pre_validate(self, form: BaseForm) -> None:
        if self.data and not is_storable(self.data):
            raise StopValidation("This has characters that cannot be stored.")
        if not PASSWORD_MIN_CHARS <= len(self.data or "") <= PASSWORD_MAX_CHARS:
            raise StopValidation(
                f"{PASSWORD_MIN_CHARS} to {PASSWORD_MAX_CHARS} characters, please."
            )


class OneOf(SelectField):
    """One of a few values, each with what is written beside it."""

    def __init__(self, label: str, choices: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(label, choices=dict(choices), **kwargs)

"""The fields of JSON bodies and answers: a wrong value is refused, by the name of its field.

marshmallow's own String field takes numbers, and keeps blanks around a text.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import fields, missing

from app.domain.email_address import is_valid_email
from app.domain.field_limits import EMAIL_MAX_CHARS, MAX_ID
from app.domain.text import bare, bare_name, is_storable, trimmed
from app.domain.times import wire_time


class WireText(fields.Field[str]):
    """Trimmed text of at most `max_chars` code points; missing, null and blank are None."""

    default_error_messages = {
        "required": "The {name} field is required.",
        "not_text": "The {name} must be a string.",
        "unstorable": "The {name} must not contain NUL characters or lone surrogates.",
        "too_long": "The {name} may not be longer than {max_chars} characters.",
    }

    def __init__(self, *, max_chars: int, required: bool = False, **kwargs: Any) -> None:
        if not required:
            kwargs.setdefault("load_default", None)
        super().__init__(required=required, **kwargs)
        self.max_chars = max_chars

    @staticmethod
    def trim(text: str) -> str:
        return trimmed(text)

    def make_error(self, key: str, **kwargs: Any) -> Exception:  # type: ignore[override]
        return super().make_error(key, name=self._label(), max_chars=self.max_chars, **kwargs)

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        if isinstance(value, str):
            value = self.trim(value)
        if value is None or value == "":
            value = missing
        return super().deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = self.checked_text(value)
        if len(text) > self.max_chars:
            raise self.make_error("too_long")
        return text

    def checked_text(self, value: Any) -> str:
        """The value, of whatever length, if it is text that can be stored."""
        if not isinstance(value, str):
            raise self.make_error("not_text")
        if not is_storable(value):
            raise self.make_error("unstorable")
        return value

    def _label(self) -> str:
        return (self.data_key or self.name or "value").replace("_", " ")

    def json_schema(self) -> dict[str, Any]:
        least = {"minLength": 1} if self.required else {}
        return {"type": "string", **least, "maxLength": self.max_chars}


class WireName(WireText):
    """What a release, an environment, a version or a bundle is called: equal names must be one."""

    trim = staticmethod(bare_name)


class WireCode(WireText):
    """What is copied from a mail or another program, such as an invitation."""

    trim = staticmethod(bare)


class WireUuid(WireText):
    """A UUID in its usual form (RFC 9562), in either case, kept as typed."""

    default_error_messages = {
        "not_uuid": "The {name} must be a UUID such as 123e4567-e89b-12d3-a456-426614174000."
    }
    trim = staticmethod(bare)
    _FORM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=36, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("not_text")
        if not self._FORM.fullmatch(value):
            raise self.make_error("not_uuid")
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


class WireInteger(WireText):
    """A whole number of a JSON body, from 0 to what a column holds unless told otherwise."""

    default_error_messages = {
        "not_natural": "The {name} must be a whole number of 0 or more.",
        "range": "The {name} must be a whole number from {lowest} to {highest}.",
    }

    def __init__(self, *, lowest: int = 0, highest: int = MAX_ID, **kwargs: Any) -> None:
        super().__init__(max_chars=len(str(highest)), **kwargs)
        self.lowest, self.highest = lowest, highest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        # True is an int, too.
        if type(value) is not int or not self.lowest <= value <= self.highest:
            key = "not_natural" if (self.lowest, self.highest) == (0, MAX_ID) else "range"
            raise self.make_error(key, lowest=self.lowest, highest=self.highest)
        return value

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "integer",
            "minimum": self.lowest,
            "maximum": self.highest,
            "description": "Written without a decimal point.",
        }


class WireRate(WireText):
    """A share of a JSON body: a number from 0 to 1."""

    default_error_messages = {"rate": "The {name} must be a number from 0 to 1."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=20, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        # True is an int, too; NaN is no number that this holds for.
        if type(value) not in (int, float) or not 0 <= value <= 1:
            raise self.make_error("rate")
        return float(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0, "maximum": 1}


class WireIds(WireText):
    """A list of one or more ids, each once in what is loaded; missing and null are None."""

    default_error_messages = {
        "not_ids": "The {name} must be a list of 1 to {max_count} ids, which are whole numbers.",
    }

    def __init__(self, *, max_count: int, **kwargs: Any) -> None:
        super().__init__(max_chars=len(str(MAX_ID)), **kwargs)
        self.max_count = max_count

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        is_list = isinstance(value, list) and 0 < len(value) <= self.max_count
        # True is an int, too.
        if not is_list or any(type(each) is not int or not 0 < each <= MAX_ID for each in value):
            raise self.make_error("not_ids", max_count=self.max_count)
        return list(dict.fromkeys(value))

    def json_schema(self) -> dict[str, Any]:
        items = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
        return {"type": "array", "items": items, "minItems": 1, "maxItems": self.max_count}


class WireBoolean(WireText):
    """True or false, and no word or number for it."""

    default_error_messages = {"not_boolean": "The {name} must be true or false."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=len("false"), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("not_boolean")
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class WireEmail(WireText):
    """An address, kept as typed but for invisible characters around it."""

    default_error_messages = {"invalid": "The {name} must be a valid email address."}
    trim = staticmethod(bare)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=EMAIL_MAX_CHARS, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_valid_email(text):
            raise self.make_error("invalid")
        return text

    def json_schema(self) -> dict[str, Any]:
        # Not `email`, which stops at ASCII.
        return {"type": "string", "format": "idn-email", "maxLength": self.max_chars}


class WireChoice(WireText):
    """One of a few words."""

    default_error_messages = {"unknown": "The {name} must be one of: {choices}."}
    trim = staticmethod(bare)

    def __init__(self, choices: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(max_chars=max(map(len, choices)), **kwargs)
        self.choices = choices

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("not_text")
        if value not in self.choices:
            raise self.make_error("unknown", choices=", ".join(self.choices))
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(map(str, self.choices))}


class WireTime(fields.Field[datetime]):
    """A moment as `2026-05-07T17:25:00Z`, or null; for answers."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return wire_time(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

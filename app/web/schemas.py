"""The marshmallow fields that every blueprint's schemas are made of.

On the wire, null and a blank string in an optional field mean that it is absent; unknown fields are
ignored; a number where text belongs is refused. marshmallow's own String field does none of that.

Each field tells what it takes as JSON Schema, for the API's description. That is what is surely
taken; as text is trimmed first, a little more may be.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, fields, missing

from app.domain.email_address import is_valid_email
from app.domain.field_limits import EMAIL_MAX_CHARS, MAX_ID
from app.domain.text import bare, is_storable, storable, trimmed
from app.domain.times import wire_time


class WireSchema(Schema):
    """A schema that ignores unknown fields: SDKs and their users add keys."""

    # For the API's description; a field that nests a schema takes its example from there.
    example: ClassVar[dict[str, Any]] = {}

    class Meta:
        unknown = EXCLUDE


class AnswerSchema(WireSchema):
    """What a view shows. Every field is always there; `allow_none` says that it may be null."""


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
            value = trimmed(value)
        if value is None or value == "":
            value = missing
        return super().deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("not_text")
        if not is_storable(value):
            raise self.make_error("unstorable")
        if len(value) > self.max_chars:
            raise self.make_error("too_long")
        return value

    def _label(self) -> str:
        return (self.data_key or self.name or "value").replace("_", " ")

    def json_schema(self) -> dict[str, Any]:
        least = {"minLength": 1} if self.required else {}
        return {"type": "string", **least, "maxLength": self.max_chars}


class CutText(WireText):
    """Text that is cut to `max_chars`, not refused: SDKs send what the platform gives them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        shortened = trimmed(value[: self.max_chars]) if isinstance(value, str) else value
        return super()._deserialize(shortened, attr, data, **kwargs)

    def json_schema(self) -> dict[str, Any]:
        least = {"minLength": 1} if self.required else {}
        return {"type": "string", **least, "description": "Cut when it is too long."}


class LooseText(CutText):
    """Text of a report that must not be lost for it: what is no text is absent, the rest is mended.

    Characters that no store can hold become U+FFFD.
    """

    def __init__(self, *, max_chars: int) -> None:
        super().__init__(max_chars=max_chars)

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        if not isinstance(value, str):
            return None
        shortened = trimmed(trimmed(value)[: self.max_chars])
        return (shortened if is_storable(shortened) else storable(shortened)) or None

    def json_schema(self) -> dict[str, Any]:
        return {"description": "A string, cut when it is too long; anything else is left out."}


class WireUuid(WireText):
    """A UUID in its usual form (RFC 9562), in either case, kept as typed."""

    default_error_messages = {
        "not_uuid": "The {name} must be a UUID such as 123e4567-e89b-12d3-a456-426614174000."
    }
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


class LooseInteger(WireInteger):
    """The same, absent where it is anything else."""

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        return value if type(value) is int and 0 <= value <= MAX_ID else None

    def json_schema(self) -> dict[str, Any]:
        return {"description": "A whole number of 0 or more; anything else is left out."}


class WireEmail(WireText):
    """An address, kept as typed but for invisible characters around it."""

    default_error_messages = {"invalid": "The {name} must be a valid email address."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=EMAIL_MAX_CHARS, **kwargs)

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        if isinstance(value, str):
            value = bare(value)
        return super().deserialize(value, attr, data, **kwargs)

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


class QueryInteger(WireText):
    """A whole number in a query string, from `lowest` to `highest`."""

    default_error_messages = {
        "range": "The {name} must be a whole number from {lowest} to {highest}."
    }

    def __init__(self, *, lowest: int, highest: int, **kwargs: Any) -> None:
        super().__init__(max_chars=len(str(highest)), **kwargs)
        self.lowest, self.highest = lowest, highest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        is_number = value.isascii() and value.isdigit() and len(value) <= self.max_chars
        if not is_number or not self.lowest <= int(value) <= self.highest:
            raise self.make_error("range", lowest=self.lowest, highest=self.highest)
        return int(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


class QueryMoment(WireText):
    """An ISO 8601 moment in a query string; without an offset it is UTC."""

    default_error_messages = {
        "moment": "The {name} must be a time such as 2026-05-07T17:25:00Z (send + as %2B)."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=40, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("moment") from None

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class WireTime(fields.Field[datetime]):
    """A moment as `2026-05-07T17:25:00Z`, or null; for answers."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return wire_time(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

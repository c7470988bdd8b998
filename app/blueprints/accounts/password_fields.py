"""A password in a body: one that is typed again, or one that is being chosen."""

from collections.abc import Mapping
from typing import Any

from app.domain.field_limits import PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS
from app.web.schemas import WireText


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
        # Do not call WireText's own for a text: it trims.
        if not isinstance(value, str) or not value:
            return super().deserialize(value, attr, data, **kwargs)
        return self._deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return self.checked_text(value)

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

"""Fields of what SDKs report: a value that is too long or of a wrong type must not cost the report.

No SDK mends one that was refused, or sends it again.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.field_limits import MAX_ID
from app.domain.text import bare_name, is_storable, storable
from app.web.schemas.fields import WireInteger, WireText


class CutText(WireText):
    """Text that is cut to `max_chars`, not refused: SDKs send what the platform gives them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        shortened = self.trim(value[: self.max_chars]) if isinstance(value, str) else value
        return super()._deserialize(shortened, attr, data, **kwargs)

    def json_schema(self) -> dict[str, Any]:
        least = {"minLength": 1} if self.required else {}
        return {"type": "string", **least, "description": "Cut when it is too long."}


class LooseText(CutText):
    """A name in a report that must not be lost for it: no text is absent, the rest is mended.

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
        shortened = bare_name(bare_name(value)[: self.max_chars])
        return (shortened if is_storable(shortened) else storable(shortened)) or None

    def json_schema(self) -> dict[str, Any]:
        return {"description": "A string, cut when it is too long; anything else is left out."}


class LooseInteger(WireInteger):
    """A whole number of a report that must not be lost for it: anything else is absent."""

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

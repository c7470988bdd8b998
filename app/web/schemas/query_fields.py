"""Fields of a query string, where every value is text."""

import re
from datetime import UTC, date, datetime
from typing import Any

from app.web.schemas.fields import WireText


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


class QueryNumber(WireText):
    """A decimal number in a query string, from `lowest` to `highest`."""

    default_error_messages = {
        "range": "The {name} must be a decimal number from {lowest} to {highest}."
    }
    _FORM = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)

    def __init__(self, *, lowest: float, highest: float, **kwargs: Any) -> None:
        super().__init__(max_chars=20, **kwargs)
        self.lowest, self.highest = lowest, highest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        is_number = self._FORM.fullmatch(value) is not None
        if not is_number or not self.lowest <= float(value) <= self.highest:
            raise self.make_error("range", lowest=f"{self.lowest:g}", highest=f"{self.highest:g}")
        return float(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.lowest, "maximum": self.highest}


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


class QueryDay(WireText):
    """A UTC day in a query string, of a year that a database and a clock can have."""

    default_error_messages = {"day": "The {name} must be a day such as 2026-05-07."}
    _YEARS = range(2000, 2200)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=10, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise self.make_error("day") from None
        if day.year not in self._YEARS:
            raise self.make_error("day")
        return day

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": "^2[01][0-9]{2}-[0-9]{2}-[0-9]{2}$"}

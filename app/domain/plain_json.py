"""What `json.dumps` needs to write down what services return."""

import dataclasses
from datetime import date, datetime
from typing import Any

from app.domain.times import wire_time


def plain_json(value: object) -> Any:
    """For json.dumps(default=…): dataclasses as objects, times as the wire writes them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, datetime):
        return wire_time(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")

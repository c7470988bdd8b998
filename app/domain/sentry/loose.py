"""What SDKs write in several ways: texts, numbers, lists and pairs; None or nothing for the rest.

No part of a report costs the report. Whoever asks here gets what can be used of a value.
"""

import json
import math
from typing import Any

from app.domain.field_limits import EVENT_TEXT_MAX_BYTES
from app.domain.text import is_storable, storable, trimmed

_NUMBER_MAX_CHARS = 40


def text(value: object) -> str | None:
    """Trimmed, and storable: no store holds NUL and lone surrogates. None for what shows nothing.

    Numbers become text, as Android's own calls give them for text.
    """
    if isinstance(value, str):
        value = value[:EVENT_TEXT_MAX_BYTES]  # no more is ever looked at
        return trimmed(value if is_storable(value) else storable(value)) or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    written = number(value)
    return None if written is None else json.dumps(value)


def said(value: object) -> str | None:
    """What somebody threw or logged: also an object, which was thrown instead of an error."""
    if isinstance(value, dict | list) and value or isinstance(value, bool):
        return text(json.dumps(value, ensure_ascii=False))
    return text(value)


def number(value: object) -> float | None:
    """Finite; also of a text that is a number."""
    if isinstance(value, str):
        try:
            value = float(value) if len(value) <= _NUMBER_MAX_CHARS else None
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        value = float(value)
    except OverflowError:  # an integer may have any number of digits
        return None
    return value if math.isfinite(value) else None


def mapping(value: object) -> dict[str, Any]:
    """An object, or a list of pairs; empty for all else."""
    told = paired(value)
    return told if isinstance(told, dict) else {}


def paired(value: object) -> object:
    """A list of pairs as an object; all else as it is, for whoever counts what cannot be used."""
    if not isinstance(value, list):
        return value
    pairs = [each for each in value if isinstance(each, list) and len(each) == 2]
    named = {name: pair[1] for pair in pairs if (name := text(pair[0])) is not None}
    return named if named or not value else value


def values(value: object) -> list[Any]:
    """A list, bare or as `{"values": […]}`; empty for all else."""
    if isinstance(value, dict):
        value = value.get("values")
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects in such a list; `null` stands in some."""
    return [each for each in values(value) if isinstance(each, dict)]

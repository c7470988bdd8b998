"""What an event says: a message with what was filled in, its template, and how bad it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.issue_status import EventLevel
from app.domain.sentry.loose import mapping, number, text

# In the order in which they are asked; `sentry.interfaces.Message` is of old SDKs.
_PLACES = ("logentry", "message", "sentry.interfaces.Message")

_LEVELS = {
    **{str(level): level for level in EventLevel},
    "critical": EventLevel.FATAL,
    "warn": EventLevel.WARNING,
    "log": EventLevel.INFO,
    "debug": EventLevel.INFO,
}
# Those of Python's logging, from which on a number counts as each.
_NUMBERS = ((50, EventLevel.FATAL), (40, EventLevel.ERROR), (30, EventLevel.WARNING))


@dataclass(frozen=True)
class Message:
    """`template` is what stays the same in all messages of one kind; else the same as `text`."""

    text: str
    template: str


def message_of(event: Mapping[str, Any]) -> Message | None:
    """The first place that says something; as a text, or as `{formatted, message, params}`."""
    for place in _PLACES:
        told = event.get(place)
        formatted = text(told) if not isinstance(told, dict) else text(told.get("formatted"))
        template = text(mapping(told).get("message"))
        shown = formatted or template
        if shown:
            return Message(shown, template or shown)
    return None


def level_of(event: Mapping[str, Any]) -> EventLevel | None:
    """None for one that is not known; an event that tells none is an error."""
    told = event.get("level")
    if told is None:
        return EventLevel.ERROR
    if isinstance(told, str) and (level := _LEVELS.get(told.strip().lower())):
        return level
    value = number(told)
    if value is None:
        return None
    return next((level for least, level in _NUMBERS if value >= least), EventLevel.INFO)

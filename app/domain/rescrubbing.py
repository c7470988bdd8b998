"""Scrubs what was stored by older rules: a text, or the content of an event; nothing is cut anew.

The lines of a stack are known by their place, because they are scrubbed in another way than texts.
"""

from collections.abc import Collection
from typing import Any

from app.domain.event_content import number_like_card
from app.domain.frames import examine_line
from app.domain.scrubber import scrub


def scrubbed_again(value: Any, *, as_typed: Collection[str] = ()) -> Any:
    """The value by the rules of today; equal where there is nothing to take out.

    Members of an object that are called `as_typed` stay.
    """
    if isinstance(value, dict):
        scrubbed: dict[str, Any] = {}
        for name, item in value.items():
            if name in as_typed:
                scrubbed[name] = item
                continue
            is_stack = name == "stack" and isinstance(item, list)
            shown = list(map(_line_again, item)) if is_stack else scrubbed_again(item)
            _keep_beside(scrubbed, scrub(name), shown)
        return scrubbed
    if isinstance(value, list):
        return list(map(scrubbed_again, value))
    if isinstance(value, str):
        return scrub(value)
    if (written := number_like_card(value)) is not None and scrub(written) != written:
        return scrub(written)
    return value


def _line_again(line: Any) -> Any:
    return examine_line(line).text if isinstance(line, str) else scrubbed_again(line)


def _keep_beside(items: dict[str, Any], name: str, item: Any) -> None:
    """Under another name where scrubbing made two names equal: nothing goes for that."""
    others = 1
    free_name = name
    while free_name in items:
        others += 1
        free_name = f"{name} {others}"
    items[free_name] = item

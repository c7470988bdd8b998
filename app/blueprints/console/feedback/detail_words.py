"""What an SDK of the Sentry dialect told beside a piece of feedback, as a person reads it.

Nothing of its shape is sure but that it is JSON of bounded size: apps name what they like.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.blueprints.console.short_texts import short
from app.domain.byte_sizes import in_words

_FACTS = {
    "contact": "Reached at",  # no address of e-mail, as it was typed
    "release": "Release",
    "environment": "Environment",
    "dist": "Build",
    "platform": "Platform",
    "level": "Level",
    "source": "Written in",
}
_SHOWN_CHARS = 100
_SHOWN_PAIRS = 12

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class ToldBeside:
    """`facts` by name, `groups` of more of them by title, and `notes`, a sentence each."""

    facts: Pairs = field(default_factory=list)
    groups: list[tuple[str, Pairs]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def told_beside(details: Mapping[str, Any] | None) -> ToldBeside:
    if not details:
        return ToldBeside()
    facts = [(shown, _text(details[name])) for name, shown in _FACTS.items() if details.get(name)]
    sdk = details.get("sdk")
    if isinstance(sdk, Mapping):
        facts.append(("SDK", _text(" ".join(map(str, sdk.values())))))
    groups = [("Tags", _pairs(details.get("tags"))), ("Device", _pairs(details.get("contexts")))]
    return ToldBeside(
        facts=facts,
        groups=[(title, pairs) for title, pairs in groups if pairs],
        notes=list(_notes(details.get("attachments_not_kept"))),
    )


def _pairs(told: object, *, before: str = "") -> Pairs:
    if not isinstance(told, Mapping):
        return []
    pairs: Pairs = []
    for name, value in told.items():
        called = f"{before}{name}"
        if isinstance(value, Mapping):
            pairs += _pairs(value, before=f"{called} ")
        else:
            pairs.append((_text(called), _text(value)))
    return pairs[:_SHOWN_PAIRS]


def _notes(told: object) -> Iterator[str]:
    for each in told if isinstance(told, list) else ():
        if isinstance(each, Mapping) and isinstance(size := each.get("size"), int):
            yield f"“{_text(each.get('name'))}” of {in_words(size)} came with it and was not kept."


def _text(value: object) -> str:
    return short(str(value), _SHOWN_CHARS)

"""What is told of an event that is not as it came: `_meta` of its content counts it."""

from collections.abc import Mapping
from typing import Any

from app.blueprints.console.short_texts import short

# `cut` also counts these, which were left out for another reason than their length or number.
_NAME_CHARS = 200
_NOT_TOO_MUCH = ("dropped", "swept", "unstorable")


def cut_when_it_came(content: Mapping[str, Any]) -> list[str]:
    """What was too long or too many when it came: how many of what."""
    meta = content.get("_meta")
    counts = _counts(meta, "cut")
    return [
        f"{count} {str(reason).replace('_', ' ')}"
        for reason, count in counts.items()
        if reason not in _NOT_TOO_MUCH
    ]


def otherwise_changed(content: Mapping[str, Any]) -> list[str]:
    """What else is not as it came, a sentence each."""
    meta = content.get("_meta")
    cut, left_out = _counts(meta, "cut"), _counts(meta, "left_out")
    told = [
        (left_out.get("pictures"), "A picture came with it; this version keeps none."),
        (cut.get("dropped"), "Parts that were of another kind than they should be were left out."),
        (cut.get("swept"), "Whole words were taken out: very many texts may hold personal data."),
        (cut.get("unstorable"), "Characters that no database can hold were replaced."),
    ]
    if fields := sorted(left_out.keys() - {"pictures"}):
        names = ", ".join(fields)
        told.append((1, f"What could not be used in these fields was left out: {names}."))
    told += [(1, sentence) for sentence in _counted_elsewhere(_counts(meta, "other"))]
    return [sentence for count, sentence in told if count]


def _counted_elsewhere(told: Mapping[str, Any]) -> list[str]:
    """Where its names were one too many of the day: what it told instead of `other`."""
    settings = {"release": "NEW_RELEASES_PER_DAY", "environment": "NEW_ENVIRONMENTS_PER_DAY"}
    return [
        f"It told the {what} “{short(str(told[what]), _NAME_CHARS)}” and is counted in “other”:"
        f" too many were new on that day ({setting})."
        for what, setting in settings.items()
        if told.get(what)
    ]


def why_not_kept(content: Mapping[str, Any]) -> str | None:
    """Where nothing of its content was kept: a sentence that says why."""
    meta = content.get("_meta")
    if not isinstance(meta, dict) or "not_kept" not in meta:
        return None
    return (
        "Its message, stack and all else that came with it were not kept: the project had used up"
        " its bytes of the day (EVENT_BYTES_PER_DAY). It is counted here all the same."
    )


def _counts(meta: object, name: str) -> dict[str, Any]:
    counts = meta.get(name) if isinstance(meta, dict) else None
    return counts if isinstance(counts, dict) else {}

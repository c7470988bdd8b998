"""An event's content as the page of its issue shows it.

Any app may have put anything in it, of any shape and up to a mebibyte, so nothing is taken for
granted here: each part is read for what it is, and shown in part unless all of it is asked for.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.blueprints.console.issues.event_changes import (
    cut_when_it_came,
    otherwise_changed,
    why_not_kept,
)
from app.blueprints.console.issues.event_cut import Cut
from app.services.issues import EventRow

_SHOWN_LINES = 40
_SHOWN_CRUMBS = 30
# Of each part, in bytes with what HTML is around each line.
_STACK_BYTES = 8_000
_CRUMBS_BYTES = 7_000
_FACTS_BYTES = 2_500

_CONTEXT_NAMES = {
    "app_version": "App version",
    "app_build": "App build",
    "os_name": "System",
    "os_version": "System version",
    "device_model": "Device",
    "device_manufacturer": "Manufacturer",
    "locale": "Language",
    "timezone": "Time zone",
}
_GROUPS = (
    ("Tags", "tags"),
    ("How it was caught", "mechanism"),
    ("Contexts", "contexts"),
    ("Extra", "extra"),
)
_CRUMB_TIMES = ("timestamp", "ts")
_CRUMB_KEYS = (*_CRUMB_TIMES, "category", "type", "level", "message")
# A number above this is of milliseconds since 1970, one below of seconds: it is 1973, or 5138.
_LEAST_MILLISECONDS = 100_000_000_000


@dataclass(frozen=True)
class Crumb:
    """What the app did before; `kind` is as the app wrote it, and so is a `time` in words."""

    time: str
    kind: str
    text: str


@dataclass(frozen=True)
class CrashWords:
    """A native crash of the run before: what crashed, what told it, and when as the phone says."""

    version: str
    reported_by: str | None
    at: datetime | None


@dataclass(frozen=True)
class EventWords:
    """`hidden_count` tells how many lines, crumbs and facts were left out or cut; `not_kept` says
    why there are none at all."""

    row: EventRow
    crash: CrashWords | None
    stack: list[str]
    crumbs: list[Crumb]
    facts: list[tuple[str, str]]
    groups: list[tuple[str, list[tuple[str, str]]]]
    cut_when_it_came: list[str]
    otherwise_changed: list[str]
    hidden_count: int
    not_kept: str | None


def event_in_words(row: EventRow, *, is_whole: bool) -> EventWords:
    content, cut = row.content, Cut(is_whole=is_whole)
    lines = [cut.text(str(line)) for line in cut.first(_list(content.get("stack")), _SHOWN_LINES)]
    # The newest are last, and matter most.
    last = cut.last(_list(content.get("breadcrumbs")), _SHOWN_CRUMBS)
    crumbs = [_crumb(crumb, cut) for crumb in reversed(last)]
    crumbs = cut.fitting(crumbs, _CRUMBS_BYTES, lambda each: (each.time, each.kind, each.text))
    facts = [*_facts_of_row(row), *_context(content)]
    groups = [(title, list(_flat(content.get(key)))) for title, key in _GROUPS]
    return EventWords(
        row=row,
        crash=_crash(row, cut),
        stack=cut.fitting(lines, _STACK_BYTES, lambda line: (line,)),
        crumbs=crumbs[::-1],
        facts=_shown_pairs(facts, cut),
        groups=[(title, _shown_pairs(cut.first(pairs), cut)) for title, pairs in groups if pairs],
        cut_when_it_came=cut_when_it_came(content),
        otherwise_changed=otherwise_changed(content),
        hidden_count=cut.count,
        not_kept=why_not_kept(content),
    )


def _shown_pairs(pairs: list[tuple[str, str]], cut: Cut) -> list[tuple[str, str]]:
    shown = [(cut.text(name), cut.text(value)) for name, value in pairs]
    return cut.fitting(shown, _FACTS_BYTES, lambda pair: pair)


def _crash(row: EventRow, cut: Cut) -> CrashWords | None:
    told = row.content.get("native_crash")
    if not isinstance(told, dict):
        return None
    reported_by, at = told.get("reported_by"), told.get("crashed_at")
    return CrashWords(
        version=cut.text(row.release or _text(told.get("version"))),
        reported_by=cut.text(_text(reported_by)) if reported_by else None,
        at=_moment(at),
    )


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _facts_of_row(row: EventRow) -> Iterator[tuple[str, str]]:
    yield "Release", row.release or "not told"
    yield "Environment", row.environment
    if row.platform:
        yield "Platform", row.platform
    user_id = row.content.get("user_id_anon")
    yield "User", _text(user_id) if user_id else "not told"


def _context(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    context = content.get("context")
    known = context if isinstance(context, dict) else {}
    ordered = [*(key for key in _CONTEXT_NAMES if key in known), *known.keys() - _CONTEXT_NAMES]
    for key in ordered:
        yield _CONTEXT_NAMES.get(key, key), _text(known[key])


def _flat(value: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Objects in objects become `device.memory`; anything else is one value."""
    if not isinstance(value, dict):
        if value is not None:
            yield prefix, _text(value)
        return
    for key, inner in value.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, name)
        else:
            yield name, _text(inner)


def _crumb(crumb: object, cut: Cut) -> Crumb:
    if not isinstance(crumb, dict):
        return Crumb("", "", cut.text(_text(crumb)))
    rest = {key: value for key, value in crumb.items() if key not in _CRUMB_KEYS}
    told = [_text(crumb["message"])] if crumb.get("message") else []
    told += [f"{name}: {value}" for name, value in _flat(rest)]
    kinds = dict.fromkeys(
        _text(crumb[key]) for key in ("category", "type", "level") if crumb.get(key)
    )
    return Crumb(
        time=cut.text(next((_time(crumb[key]) for key in _CRUMB_TIMES if crumb.get(key)), "")),
        kind=cut.text(" · ".join(kinds)),
        text=cut.text(" · ".join(told)),
    )


def _time(value: object) -> str:
    """A number is a time since 1970, as SDKs send it; anything else is shown as it came."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return _text(value)
    seconds = value / 1000 if value >= _LEAST_MILLISECONDS else value
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return _text(value)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

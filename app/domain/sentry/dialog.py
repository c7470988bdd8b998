"""The dialog about a crash: what a page asks it to say, and what somebody writes into it.

All of it comes from an address that anybody can write. Nothing of it may become markup or script.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from app.domain.sentry.credentials import Dsn, read_dsn
from app.domain.sentry.dialog_texts import DEFAULT_LANGUAGE, TEXTS, DialogTexts
from app.domain.sentry.ids import read_id
from app.domain.sentry.loose import text

_TEXT_MAX_CHARS = 500
# What ends a script, or a line of it, wherever it stands within a text.
_ENDS_SCRIPT = re.compile("[<>&\u2028\u2029]")
_WORD_START = re.compile(r"_(\w)")


class NoEventId(Exception):
    """The address names no event: 400."""


@dataclass(frozen=True)
class Dialog:
    """`name` and `email` are what is filled in already; `dsn` is None where it cannot be read."""

    dsn: Dsn | None
    event_id: bytes
    texts: DialogTexts
    language: str
    name: str | None = None
    email: str | None = None

    def in_script(self) -> str:
        """What the script is told, as an expression of JavaScript that stays one anywhere in HTML.

        The names of texts are those that pages give in the address.
        """
        texts = {_wire_name(name): value for name, value in asdict(self.texts).items()}
        told = {"texts": texts, "language": self.language, "name": self.name, "email": self.email}
        written = json.dumps(told, ensure_ascii=True)
        return _ENDS_SCRIPT.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written)


def dialog_of(query: Mapping[str, str], *, accept_language: str | None = None) -> Dialog:
    """As the address asks; names that are not known, and empty texts, are nothing.

    Raises NoEventId.
    """
    event_id = read_id(query.get("eventId"))
    if event_id is None:
        raise NoEventId
    language = _language(query.get("lang"), accept_language)
    texts = TEXTS[language]
    own = {name: _short(query.get(_wire_name(name))) for name in asdict(texts)}
    return Dialog(
        dsn=read_dsn(query.get("dsn")),
        event_id=event_id,
        texts=replace(texts, **{name: value for name, value in own.items() if value}),
        language=language,
        name=_short(query.get("name")),
        email=_short(query.get("email")),
    )


def _language(asked: str | None, accept_language: str | None) -> str:
    """The first that the dialog speaks; of an address, and of what a browser prefers."""
    for tag in [asked or "", *_preferred(accept_language or "")]:
        language = re.split("[-_]", tag.strip().lower(), maxsplit=1)[0]
        if language in TEXTS:
            return language
    return DEFAULT_LANGUAGE


def _preferred(accept_language: str) -> list[str]:
    """Of `de-CH,en;q=0.8` (RFC 9110, 12.5.4), the most wanted first."""
    weighed = []
    for part in accept_language.split(",")[:50]:
        tag, _, weight = part.partition(";")
        found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
        weighed.append((float(found[1]) if found else 1.0, tag))
    return [tag for weight, tag in sorted(weighed, key=lambda each: -each[0]) if weight]


def _short(value: str | None) -> str | None:
    shown = text(value)
    return shown[:_TEXT_MAX_CHARS] if shown else None


def _wire_name(name: str) -> str:
    """`labelName` of `label_name`."""
    return _WORD_START.sub(lambda found: found[1].upper(), name)

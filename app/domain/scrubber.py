"""Takes e-mail addresses, JWTs and payment-card numbers out of free text.

Each detector looks at the original text and returns spans; overlapping spans become one
`[REDACTED]`, so no detector can cut a match of another in half. Detectors walk the text once:
every search below is bounded by the previous one, because an attacker chooses the text and a
quadratic pattern would be theirs to trigger.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.detectors.cards import card_spans
from app.domain.detectors.emails import email_spans
from app.domain.detectors.jwts import jwt_spans

REDACTED = "[REDACTED]"

Span = tuple[int, int]

_DETECTORS: dict[str, Callable[[str], list[Span]]] = {
    "email": email_spans,
    "jwt": jwt_spans,
    "card": card_spans,
}
KINDS = tuple(_DETECTORS)


@dataclass(frozen=True)
class Scrubbed:
    """A text without personal data, and how many matches of each kind were found in it."""

    text: str
    found: dict[str, int]


def scrub(text: str) -> str:
    """The text with every e-mail address, JWT and card number replaced by `[REDACTED]`.

    Linear in the length of the text; scrubbing twice changes nothing.
    """
    return examine(text).text


def examine(text: str) -> Scrubbed:
    """As scrub(), with the counts by kind (`email`, `jwt`, `card`; kinds not found are absent)."""
    spans: list[Span] = []
    found: dict[str, int] = {}
    for kind, detect in _DETECTORS.items():
        if matches := detect(text):
            found[kind] = len(matches)
            spans += matches
    return Scrubbed(text=_replace(text, spans) if spans else text, found=found)


def _replace(text: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    kept_until = 0  # everything before this is already in pieces, or redacted
    for start, end in sorted(spans):
        if pieces and start < kept_until:  # overlaps the redaction just written: grow it
            kept_until = max(kept_until, end)
            continue
        pieces += (text[kept_until:start], REDACTED)
        kept_until = end
    pieces.append(text[kept_until:])
    return "".join(pieces)

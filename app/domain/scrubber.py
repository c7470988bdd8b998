"""Takes e-mail addresses, JWTs and payment-card numbers out of free text.

Each detector looks at the text with its escapes read (`jo%40example.com`) and returns spans;
overlapping spans become one `[REDACTED]`, so no detector can cut a match of another in half.
Detectors walk the text once: every search below is bounded by the previous one, because an attacker
chooses the text and a quadratic pattern would be theirs to trigger.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.detectors.cards import card_spans
from app.domain.detectors.emails import email_spans
from app.domain.detectors.escapes import Reading
from app.domain.detectors.jwts import jwt_spans

REDACTED = "[REDACTED]"

Span = tuple[int, int]

Detector = Callable[[Reading], list[Span]]

_DETECTORS: dict[str, Detector] = {"email": email_spans, "jwt": jwt_spans, "card": card_spans}
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
    found: Counter[str] = Counter()
    scrubbed = _redacted(text, _DETECTORS, found)
    if "@" in scrubbed and len(found) > ("email" in found):
        # An address to which a card or a token was glued ends where that one began.
        scrubbed = _redacted(scrubbed, {"email": email_spans}, found)
    return Scrubbed(text=scrubbed, found=dict(found))


def _redacted(text: str, detectors: Mapping[str, Detector], found: Counter[str]) -> str:
    reading = Reading(text)
    spans: list[Span] = []
    for kind, detect in detectors.items():
        if matches := detect(reading):
            found[kind] += len(matches)
            spans += matches
    spans = [reading.span(*span) for span in spans]
    if reading.is_changed and "card" in detectors:
        # What reads as an escape may be a percent sign before a number: `%4012…`.
        spans += card_spans(Reading(text, escapes=False))
    return _replace(text, spans) if spans else text


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

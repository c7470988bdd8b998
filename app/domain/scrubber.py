"""Takes e-mail addresses, JWTs and payment-card numbers out of free text.

Each detector looks at the text with its escapes read (`jo%40example.com`) and returns spans;
overlapping spans become one `[REDACTED]`, so no detector can cut a match of another in half.
Detectors walk the text once: every search below is bounded by the previous one, because an attacker
chooses the text and a quadratic pattern would be theirs to trigger.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.detectors.cards import card_spans, may_hold_card
from app.domain.detectors.emails import email_spans, written_email_spans
from app.domain.detectors.escapes import Reading, may_hold_escape
from app.domain.detectors.jwts import jwt_spans, may_hold_jwt
from app.domain.detectors.lists import swept

REDACTED = "[REDACTED]"
_SPACE = re.compile(r"\s")

Span = tuple[int, int]

Detector = Callable[[Reading], list[Span]]

_DETECTORS: dict[str, Detector] = {"email": email_spans, "jwt": jwt_spans, "card": card_spans}
KINDS = tuple(_DETECTORS)


@dataclass(frozen=True)
class Scrubbed:
    """A text without personal data, and how many matches of each kind were found in it."""

    text: str
    found: dict[str, int]


def is_plain(text: str) -> bool:
    """Whether quick looks tell that nothing can be found; False tells nothing.

    Nearly every text of an event is plain, and each costs a tenth then.
    """
    return (
        text.isascii()
        and "@" not in text
        and not may_hold_escape(text)
        and not may_hold_card(text)
        and not may_hold_jwt(text)
    )


def scrub(text: str) -> str:
    """The text with every e-mail address, JWT and card number replaced by `[REDACTED]`.

    Linear in the length of the text; scrubbing twice changes nothing.
    """
    return examine(text).text


def examine(text: str) -> Scrubbed:
    """As scrub(), with the counts by kind (`email`, `jwt`, `card`; kinds not found are absent)."""
    return Scrubbed(text, {}) if is_plain(text) else _examined(text)


def sweep(text: str) -> str:
    """The text without words that may be or hold personal data, at a tenth of what scrub() costs.

    All that scrub() takes goes, and more (`app.domain.detectors.lists`).
    """
    return swept(text, REDACTED)


def _examined(text: str) -> Scrubbed:
    found: Counter[str] = Counter()
    scrubbed = _redacted(text, _DETECTORS, found)
    if "@" in scrubbed and len(found) > ("email" in found):
        # An address to which a card or a token was glued ends where that one began.
        scrubbed = _redacted(scrubbed, {"email": email_spans}, found)
    return Scrubbed(text=scrubbed, found=dict(found))


def _redacted(text: str, detectors: Mapping[str, Detector], found: Counter[str]) -> str:
    reading = Reading(text)
    spans: list[Span] = []
    seen_until = len(text)
    for kind, detect in detectors.items():
        if matches := detect(reading):
            found[kind] += len(matches)
            matches = reading.places(matches)
            spans += matches
            if len(matches) >= reading.most_finds:
                seen_until = min(seen_until, matches[-1][1])
    # What reads as an escape may be none: `%4012…` a percent sign before a number.
    hidden = card_spans(Reading(text, escapes=False)) if reading.may_hide_number else []
    for matches in (hidden, written_email_spans(text) if reading.is_changed else []):
        spans += matches
        if len(matches) >= reading.most_finds:
            seen_until = min(seen_until, matches[-1][1])
    if not spans:
        return text
    if seen_until < len(text):
        return _replace_in_list(text, spans, seen_until)
    return _replace(text, spans)


def _replace_in_list(text: str, spans: list[Span], seen_until: int) -> str:
    """Closely up to where all was looked for, and by the word from there."""
    space = _SPACE.search(text, seen_until)
    border = space.start() if space else seen_until
    for start, end in sorted(spans):
        if start < border < end:
            border = end
    closely = [(start, end) for start, end in spans if start < border]
    return _replace(text[:border], closely) + swept(text[border:], REDACTED)


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

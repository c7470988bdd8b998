"""Finds payment-card numbers: 13–19 digits, Luhn-valid, first digit 2–6 (ISO/IEC 7812).

Digits may have one space or dash between two of them. Inside a longer run ("qty 2 4111 1111 1111
1111", a card with its expiry date) a card begins where a group of digits begins and ends where one
ends, so a Luhn-valid stretch in the middle of an unbroken number is none. Only cards glued to each
other share a border inside a group.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import accumulate, pairwise

MIN_DIGITS = 13
MAX_DIGITS = 19
_ISSUER_DIGITS = frozenset((2, 3, 4, 5, 6))
# "Space" and "dash" as a person sees them: phones and word processors type the typographic ones.
_SEPARATOR = r"[ \u00a0\u2007\u2009\u202f\-\u2010-\u2014\u2212]"
_OTHER_DIGIT = r"(?![0-9])\d"  # Arabic, full-width, …; nobody types one number in two scripts
_RUN = re.compile(
    "|".join(
        rf"{digit}(?:{_SEPARATOR}?{digit}){{{MIN_DIGITS - 1},}}+"
        for digit in ("[0-9]", _OTHER_DIGIT)
    )
)
# Four cards of sixteen digits. Longer runs are looked through at the borders of groups only:
# looking everywhere would cost more than the rest of the scrubber.
_GLUED_RUN_MAX_DIGITS = 64


def card_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each card number, sorted."""
    spans: list[tuple[int, int]] = []
    for match in _RUN.finditer(text):
        run = _read_run(match)
        for first, last in _resolve_overlaps(_cards_in(run), run):
            spans.append((run.positions[first], run.positions[last - 1] + 1))
    return spans


@dataclass(frozen=True)
class _Run:
    """The digits of one run, their places in the text, and where groups begin or end.

    Border n lies before digit n, or at the end of the run.
    """

    digits: list[int]
    positions: list[int]
    group_borders: bytes  # 1 where a group begins or ends


def _read_run(match: re.Match[str]) -> _Run:
    text = match[0]
    places = [place for place, character in enumerate(text) if character.isdecimal()]
    digits = [unicodedata.digit(text[place]) for place in places]
    inner_borders = bytearray(place - before != 1 for before, place in pairwise(places))
    group_borders = b"\1" + inner_borders + b"\1"
    offset = match.start()
    return _Run(digits, [offset + place for place in places], group_borders)


def _cards_in(run: _Run) -> list[tuple[int, int]]:
    """All cards as intervals of digit numbers, sorted; they may overlap."""
    sums = _luhn_sums(run.digits)
    last = len(run.digits)
    may_glue = last <= _GLUED_RUN_MAX_DIGITS
    may_begin = bytearray(run.group_borders)
    cards: list[tuple[int, int]] = []
    for start in range(last - MIN_DIGITS + 1):
        if not may_begin[start] or run.digits[start] not in _ISSUER_DIGITS:
            continue
        for end in range(start + MIN_DIGITS, min(start + MAX_DIGITS, last) + 1):
            # The last digit counts once, the one before it twice, and so on leftwards.
            running = sums[end % 2]
            if running[end] != running[start]:
                continue
            if not (may_glue or run.group_borders[end]):
                continue
            cards.append((start, end))
            may_begin[end] = 1
    return _without_loose_ends(cards, run) if may_glue else cards


def _without_loose_ends(cards: list[tuple[int, int]], run: _Run) -> list[tuple[int, int]]:
    """Only the cards that end with a group, or where another such card begins."""
    may_end = bytearray(run.group_borders)
    kept = []
    for start, end in reversed(cards):
        if may_end[end]:
            may_end[start] = 1
            kept.append((start, end))
    return kept[::-1]


def _luhn_sums(digits: list[int]) -> tuple[list[int], list[int]]:
    """Running Luhn sums modulo 10, with the digits at even places doubled, or those at odd ones."""
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits]
    even, odd = digits.copy(), digits.copy()
    even[0::2] = doubled[0::2]
    odd[1::2] = doubled[1::2]
    return (
        [total % 10 for total in accumulate(even, initial=0)],
        [total % 10 for total in accumulate(odd, initial=0)],
    )


def _resolve_overlaps(cards: list[tuple[int, int]], run: _Run) -> list[tuple[int, int]]:
    """The cards that cover most digits without overlap, then those that stick out beyond them.

    Two cards side by side thus stay two, though a third Luhn-valid stretch may lie across their
    border; and whichever of two overlapping ones is the real card, none of its digits stays.
    """
    if len(cards) < 2:
        return cards
    chosen = _widest_cover(cards, run)
    uncovered = bytearray(b"\1" * len(run.digits))
    for start, end in chosen:
        uncovered[start:end] = bytes(end - start)
    return chosen + [(start, end) for start, end in cards if 1 in uncovered[start:end]]


def _widest_cover(cards: list[tuple[int, int]], run: _Run) -> list[tuple[int, int]]:
    """Weighted interval scheduling from the right: most digits covered, then most group borders."""
    score_from = [0] * (len(run.digits) + 1)  # the best from digit n on
    taken: dict[int, int] = {}  # start → end, where taking a card is best
    next_start = len(run.digits)
    for start, end in reversed(cards):
        if start < next_start:
            score_from[start:next_start] = [score_from[next_start]] * (next_start - start)
            next_start = start
        score = (end - start) * MAX_DIGITS + run.group_borders[end] + score_from[end]
        if score > score_from[start]:
            score_from[start] = score
            taken[start] = end
    chosen: list[tuple[int, int]] = []
    position = 0
    for start in reversed(taken):  # filled from the right, so this walks from the left
        if start >= position:
            position = taken[start]
            chosen.append((start, position))
    return chosen

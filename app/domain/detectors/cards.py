"""Finds payment-card numbers: 13–19 digits, Luhn-valid, first digit 2–6 (ISO/IEC 7812).

Digits may have one space or dash between two of them. Inside a longer run of digits ("qty 2 4111
1111 1111 1111", two cards side by side) a card begins where a group of digits begins and ends where
a group ends, so a Luhn-valid stretch in the middle of an unbroken number is not a card. Only a
group too long for one card may be several, glued to each other, if they fill it from end to end.
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate, pairwise

MIN_DIGITS = 13
MAX_DIGITS = 19
_ISSUER_DIGITS = frozenset((2, 3, 4, 5, 6))
# "Space" and "dash" as a person sees them: phones and word processors type the typographic ones.
_SEPARATOR = r"[ \u00a0\u2007\u2009\u202f\-\u2010-\u2014\u2212]"
_RUN = re.compile(rf"\d(?:{_SEPARATOR}?\d){{{MIN_DIGITS - 1},}}+")
_LONG_GROUP = re.compile(rf"\d{{{MAX_DIGITS + 1},}}+")


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
    """The digits of one run, their places in the text, and where a card may begin or end."""

    digits: list[int]
    positions: list[int]
    group_borders: bytearray  # 1 before digit n, and at the end, where a group begins or ends
    may_glue: bytearray  # 1 before digit n inside a group too long to be one card


def _read_run(match: re.Match[str]) -> _Run:
    text = match[0]
    places = [place for place, character in enumerate(text) if character.isdecimal()]
    digits = [unicodedata.digit(text[place]) for place in places]
    group_borders = bytearray(place - before != 1 for before, place in pairwise([-2, *places]))
    if not text.isascii():
        for index, (before, place) in enumerate(pairwise(places), start=1):
            # No number is typed in two scripts, so a change of script is a border too.
            group_borders[index] |= text[before].isascii() != text[place].isascii()
    may_glue = bytearray(len(digits) + 1)
    for group in _LONG_GROUP.finditer(text):
        first = bisect_left(places, group.start())
        length = group.end() - group.start()
        may_glue[first : first + length] = b"\1" * length
    offset = match.start()
    return _Run(digits, [offset + place for place in places], group_borders + b"\1", may_glue)


def _cards_in(run: _Run) -> list[tuple[int, int]]:
    """All cards as intervals of digit numbers, sorted; they may overlap."""
    sums = _luhn_sums(run.digits)
    last = len(run.digits)
    may_begin = run.group_borders.copy()
    cards: list[tuple[int, int]] = []
    for start, first_digit in enumerate(run.digits):
        if not may_begin[start] or first_digit not in _ISSUER_DIGITS:
            continue
        for end in range(start + MIN_DIGITS, min(start + MAX_DIGITS, last) + 1):
            if not (run.group_borders[end] or run.may_glue[end]):
                continue
            # The last digit counts once, the one before it twice, and so on leftwards.
            running = sums[end % 2]
            if running[end] != running[start]:
                continue
            cards.append((start, end))
            may_begin[end] = 1
    return cards if not any(run.may_glue) else _without_loose_ends(cards, run)


def _without_loose_ends(cards: list[tuple[int, int]], run: _Run) -> list[tuple[int, int]]:
    """Only the cards that end with a group, or where another such card begins."""
    may_end = run.group_borders.copy()
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
    chosen = _widest_cover(cards, len(run.digits))
    uncovered = bytearray(b"\1" * len(run.digits))
    for start, end in chosen:
        uncovered[start:end] = bytes(end - start)
    return chosen + [(start, end) for start, end in cards if 1 in uncovered[start:end]]


def _widest_cover(cards: list[tuple[int, int]], digit_count: int) -> list[tuple[int, int]]:
    """Weighted interval scheduling from the right: the cards that cover most digits."""
    covered_from = [0] * (digit_count + 1)  # most digits covered from digit n on
    taken: dict[int, int] = {}  # start → end, where taking a card is best
    next_start = digit_count
    for start, end in reversed(cards):
        if start < next_start:
            covered_from[start:next_start] = [covered_from[next_start]] * (next_start - start)
            next_start = start
        if (covered := end - start + covered_from[end]) > covered_from[start]:
            covered_from[start] = covered
            taken[start] = end
    chosen: list[tuple[int, int]] = []
    position = 0
    for start in reversed(taken):  # filled from the right, so this walks from the left
        if start >= position:
            position = taken[start]
            chosen.append((start, position))
    return chosen

"""Which of the groups in a row of digits are cards, where more than one card may be written."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise

from app.domain.detectors.digit_groups import ascii_digits, groups_of, stands_alone
from app.domain.detectors.issued_cards import LENGTHS, MAX_DIGITS, MIN_DIGITS, is_valid

# How cards of several groups are written where more digits stand beside them. Whatever is written
# otherwise there is more often the number of a parcel or an account.
_USUAL_GROUPS = frozenset(((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (8, 8)))
_MAX_GROUPS = 5
# Four cards of sixteen digits. Longer unbroken numbers hold no cards.
GLUED_MAX_DIGITS = 64


@dataclass(frozen=True)
class Chain:
    """The digits of one chain of groups.

    `borders` are where groups begin, counted in digits, and the end of the chain.
    """

    digits: str
    borders: list[int]
    sizes: list[int]  # of the groups, in digits
    is_alone: bool  # no other digits are a separator away

    @property
    def too_long(self) -> list[tuple[int, int]]:
        """Groups that are no part of any card: one ends before them, or begins behind them."""
        if max(self.sizes) <= MAX_DIGITS:
            return []
        groups = pairwise(self.borders)
        return [(start, end) for start, end in groups if end - start > MAX_DIGITS]

    def place(self, digit: int) -> int:
        """Where that digit stands in the chain as it was written."""
        return digit + bisect_right(self.borders, digit) - 1

    def holds_card(self, start: int, end: int) -> bool:
        lengths = LENGTHS.get(self.digits[start : start + 4])
        if lengths is None or end - start not in lengths:
            return False
        return is_valid(self.digits[start:end].encode())


def read_chain(written: str, text: str, start: int, end: int) -> Chain:
    groups = groups_of(written)
    sizes = list(map(len, groups))
    return Chain(
        digits=ascii_digits("".join(groups)),
        borders=list(accumulate(sizes, initial=0)),
        sizes=sizes,
        is_alone=stands_alone(text, start, end),
    )


def cards_in(chain: Chain, most: int) -> list[tuple[int, int]]:
    """The cards as intervals of digits. Of several that overlap, all their digits are covered."""
    total = chain.borders[-1]
    if total <= MAX_DIGITS and _is_written_as_card(chain, 0, len(chain.borders) - 1):
        return [(0, total)]
    alone = set(islice(_alone(chain), most))
    if len(alone) >= most:  # a list of cards, of which no more is looked at
        return sorted(alone)
    found = alone | set(islice(_from_the_left(chain, alone), most))
    if len(found) < most:
        found |= set(islice(_from_the_right(chain, alone), most))
    if len(found) >= most:
        return [(0, total)]
    return _resolve_overlaps(sorted(found), chain)


def _alone(chain: Chain) -> Iterator[tuple[int, int]]:
    """Groups that are a card each, or several cards glued to each other."""
    if max(chain.sizes) < MIN_DIGITS:
        return
    for start, end in pairwise(chain.borders):
        if MIN_DIGITS <= end - start <= MAX_DIGITS:
            if chain.holds_card(start, end):
                yield start, end
        elif 2 * MIN_DIGITS <= end - start <= GLUED_MAX_DIGITS:
            yield from _glued(chain, start, end)


def _glued(chain: Chain, start: int, end: int) -> list[tuple[int, int]]:
    """The cards by which the whole group can be covered, one after the other."""
    begins, cards = {start}, []
    for place in range(start, end - MIN_DIGITS + 1):
        if place in begins:
            for behind in range(place + MIN_DIGITS, min(place + MAX_DIGITS, end) + 1):
                if chain.holds_card(place, behind):
                    begins.add(behind)
                    cards.append((place, behind))
    ends = {end}
    for first, behind in reversed(cards):
        if behind in ends:
            ends.add(first)
    return [(first, behind) for first, behind in cards if behind in ends]


def _from_the_left(chain: Chain, alone: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cards of several groups that begin where the chain does, or where another card ends."""
    borders = chain.borders
    begins = {0, *(end for _, end in alone), *(end for _, end in chain.too_long)}
    for place, start in enumerate(borders[:-1]):
        if start in begins and start + MIN_DIGITS <= borders[-1]:
            lengths = LENGTHS.get(chain.digits[start : start + 4], ())
            for behind in range(place + 2, min(place + _MAX_GROUPS, len(borders) - 1) + 1):
                if (length := borders[behind] - start) > MAX_DIGITS:
                    break
                if length in lengths and _is_written_as_card(chain, place, behind):
                    begins.add(borders[behind])
                    yield start, borders[behind]


def _from_the_right(chain: Chain, alone: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cards of several groups that end where the chain does, or where another card begins."""
    borders = chain.borders
    ends = {borders[-1], *(start for start, _ in alone), *(start for start, _ in chain.too_long)}
    for behind in range(len(borders) - 1, 1, -1):
        if borders[behind] in ends:
            for place in range(behind - 2, max(behind - _MAX_GROUPS, 0) - 1, -1):
                if (length := borders[behind] - borders[place]) > MAX_DIGITS:
                    break
                if length >= MIN_DIGITS and _is_written_as_card(chain, place, behind):
                    ends.add(borders[place])
                    yield borders[place], borders[behind]


def _is_written_as_card(chain: Chain, place: int, behind: int) -> bool:
    """Whether the groups between these two borders are one, as cards are written; where no other
    digits stand beside it, it may be written in any way."""
    borders = chain.borders
    if borders[behind] - borders[place] not in LENGTHS.get(
        chain.digits[borders[place] : borders[place] + 4], ()
    ):
        return False
    if behind - place < len(borders) - 1 or not chain.is_alone:
        if tuple(chain.sizes[place:behind]) not in _USUAL_GROUPS:
            return False
    return is_valid(chain.digits[borders[place] : borders[behind]].encode())


def _resolve_overlaps(cards: list[tuple[int, int]], chain: Chain) -> list[tuple[int, int]]:
    """The cards that cover most digits without overlap, then those that stick out beyond them.

    Two cards side by side thus stay two, though a third Luhn-valid stretch may lie across their
    border; and whichever of two overlapping ones is the real card, none of its digits stays.
    """
    if len(cards) < 2:
        return cards
    chosen = _widest_cover(cards, chain)
    uncovered = bytearray(b"\1" * len(chain.digits))
    for start, end in chosen:
        uncovered[start:end] = bytes(end - start)
    return chosen + [(start, end) for start, end in cards if 1 in uncovered[start:end]]


def _widest_cover(cards: list[tuple[int, int]], chain: Chain) -> list[tuple[int, int]]:
    """Weighted interval scheduling from the right: most digits covered, then most group borders."""
    borders = set(chain.borders)
    score_from = [0] * (len(chain.digits) + 1)  # the best from digit n on
    taken: dict[int, int] = {}  # start → end, where taking a card is best
    next_start = len(chain.digits)
    for start, end in reversed(cards):
        if start < next_start:
            score_from[start:next_start] = [score_from[next_start]] * (next_start - start)
            next_start = start
        score = (end - start) * MAX_DIGITS + (end in borders) + score_from[end]
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

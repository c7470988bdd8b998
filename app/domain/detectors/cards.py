"""Finds payment-card numbers: 13–19 digits, Luhn-valid, as issuers give them out (ISO/IEC 7812).

Digits come in groups with one space or dash between two of them, and each group but the last has
four digits or more: so dates, phone numbers and lists of small numbers are no cards. A card begins
and ends where a group does; a Luhn-valid stretch in the middle of an unbroken number is none. Only
cards glued to each other share a border inside a group.
"""

import re
import string
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise

from app.domain.detectors.escapes import Reading, may_hold_digit

MIN_DIGITS = 13
MAX_DIGITS = 19
# "Space" and "dash" as a person sees them: phones and word processors type the typographic ones.
# A plus is how a form encodes a space.
_SEPARATOR = r"[ \u00a0\u2007\u2009\u202f\-\u2010-\u2015\u2212\uff0d+]"
_BETWEEN = re.compile(_SEPARATOR)


def _chain_of(digit: str) -> str:
    """Groups of four or more, and perhaps a shorter one in the end; enough digits for a card."""
    return (
        rf"{digit}(?<!{digit}{digit})"
        rf"(?=(?:{digit}){{{MIN_DIGITS - 1}}}"  # nearly always, and seen at a third of the price
        rf"|(?:{digit}){{3}}(?:{_SEPARATOR}?{digit}){{{MIN_DIGITS - 4}}})"
        rf"(?:{digit}){{3,}}+(?:{_SEPARATOR}(?:{digit}){{4,}}+)*+"
        rf"(?:{_SEPARATOR}(?:{digit}){{1,3}}+)?+"
    )


# Beyond, only dead scripts have digits, and each would be looked at for each character.
_OTHER_DIGITS = "".join(filter(str.isdecimal, map(chr, range(0x80, 0x10000))))
_CHAIN = re.compile(_chain_of("[0-9]"))
# Nobody types one number in two scripts; the other digits are Arabic, full-width, …
_CHAIN_OF_OTHERS = re.compile(_chain_of(f"[{_OTHER_DIGITS}]"))
# How cards of several groups are written where more digits stand beside them. Whatever is written
# otherwise there is more often the number of a parcel or an account.
_USUAL_GROUPS = frozenset(((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (8, 8)))
_MAX_GROUPS = 5
# Four cards of sixteen digits. Longer unbroken numbers hold no cards.
_GLUED_MAX_DIGITS = 64
# An international phone number (E.164) has a plus and at most so many digits.
_PHONE_MAX_DIGITS = 15
_UPS_DIGITS = 16
_IBAN_MAX_DIGITS = 30
_IBAN_NUMBERS = {ord(letter): str(int(letter, 36)) for letter in string.ascii_uppercase}
_CAPITAL = re.compile("[A-Z]")
_LOOK_BACK_CHARS = 11
# What a shop calls the numbers on its goods: 13 digits, of which some begin with 4.
_GOODS_BEFORE = re.compile(
    r"(?:(?:\b(?:ean|gtin|isbn|jan|upc|sku)|bar ?codes?|barkod|strichcode|streepjescode"
    r"|codes?[ -]barres?|c[oó]digos? de barras|codic[ei] a barre|kod kreskowy|штрих-?код"
    r"|γραμμωτός κώδικας|条形?码|條碼|バーコード|바코드|باركود|बारकोड|บาร์โค้ด)"
    r"[\w-]{0,3}[\s:#=.\"'(\[：-]{0,4}"
    r"(?:(?:no|nr|number|nummer|is|was|[ie]st|es)\b[\s:.]{0,3})?)\Z",
    re.IGNORECASE,
)
# One of these is in each of them; found in the whole text at a fraction of what the pattern costs.
_PARTS_OF_GOODS = (
    *("ean", "gtin", "isbn", "jan", "upc", "sku", "code", "codic", "código", "codigo", "barkod"),
    *("kod kresk", "код", "κώδικας", "码", "碼", "コード", "코드", "كود", "कोड", "โค้ด"),
)
_ASCII_PARTS_OF_GOODS = tuple(filter(str.isascii, _PARTS_OF_GOODS))
_GOODS_DIGITS, _GOODS_LOOK_BACK_CHARS = 13, 40
# Between two numbers of a list of goods.
_LISTED_MAX_CHARS = 4
# Ids and digests in hexadecimal: what stands in one are no numbers.
# With the sign before them: looking back from each digit costs five times as much.
_HEXADECIMAL = re.compile(
    r"[^0-9A-Za-z][0-9A-Fa-f]{8}(?:(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{24})(?![0-9A-Za-z])"
)
_IN_IDS = frozenset("0123456789ABCDEFabcdef-")
_HEXADECIMAL_LETTER = re.compile("[A-Fa-f]")
# Twelve of 32 digits are letters as a rule; of the few beside a card that is glued to some, none.
_LETTERS_OF_AN_ID = 3
_DIGIT_BEFORE = re.compile(rf"\d{_SEPARATOR}\Z")
_DIGIT_BEHIND = re.compile(rf"{_SEPARATOR}\d")
_IBAN_BEFORE = re.compile(rf"\b([A-Z]{{2}})([0-9]{{2}})([A-Z]{{0,6}}){_SEPARATOR}?\Z")
_ZERO = ord("0")
# The digit of which each ASCII digit counts when it is doubled, and its digits summed.
_DOUBLED = bytes(
    sum(divmod((byte - _ZERO) * 2, 10)) if 0 <= byte - _ZERO < 10 else 0 for byte in range(256)
)


def _lengths_by_prefix() -> dict[str, frozenset[int]]:
    """How long a card can be whose number begins with these four digits."""
    issued = [
        # from, to: first digits of the number; how many digits it then has
        *(("4", "4", 13), ("4", "4", 19)),
        *(("300", "305", 14), ("36", "36", 14), ("38", "39", 14)),
        *(("34", "34", 15), ("37", "37", 15), ("2131", "2131", 15), ("1800", "1800", 15)),
        *(("2200", "2204", 16), ("2221", "2720", 16), ("3", "6", 16), ("81", "82", 16)),
        *(("8600", "8600", 16), ("9792", "9792", 16), ("9860", "9860", 16)),
        *(("5", "6", 17), ("5", "6", 18), ("5", "6", 19)),
    ]
    lengths: dict[str, frozenset[int]] = {}
    for first, last, length in issued:
        for prefix in range(int(first.ljust(4, "0")), int(last.ljust(4, "9")) + 1):
            key = str(prefix)
            lengths[key] = lengths.get(key, frozenset()) | {length}
    return lengths


_LENGTHS = _lengths_by_prefix()


def card_spans(reading: Reading) -> list[tuple[int, int]]:
    """Start and end of each card number in what was read, sorted."""
    if not may_hold_digit(reading.text):
        return []
    spans = _spans_of(_CHAIN, reading.text, reading.most_finds)
    if spans and _HEXADECIMAL_LETTER.search(reading.text):
        spans = _outside_of_ids(spans, reading.text)
    if not reading.text.isascii():
        spans += _spans_of(_CHAIN_OF_OTHERS, reading.text, reading.most_finds)
        spans.sort()
    return spans


def _outside_of_ids(spans: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    if not any(
        [
            text[start - 1 : start] in _IN_IDS or text[end : end + 1] in _IN_IDS
            for start, end in spans
        ]
    ):
        return spans
    ids = [
        (match.start(), match.end() - 1)
        for match in _HEXADECIMAL.finditer(f" {text}")
        if len(_HEXADECIMAL_LETTER.findall(match[0])) >= _LETTERS_OF_AN_ID
    ]
    starts = [start for start, _ in ids]

    def is_in_one(start: int, end: int) -> bool:
        last = bisect_right(starts, start) - 1
        return last >= 0 and end <= ids[last][1]

    return [span for span in spans if not is_in_one(*span)] if ids else spans


def _spans_of(chains: re.Pattern[str], text: str, most: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    goods_end = -_LISTED_MAX_CHARS - 1  # of the last number of goods
    looks_for_goods = -1  # that are left; not known yet
    for match in chains.finditer(text):
        if len(spans) >= most:
            break
        start, end = match.span()
        written = match[0]
        if looks_for_goods and len(written) % (_GOODS_DIGITS + 1) == _GOODS_DIGITS:
            if looks_for_goods < 0:
                looks_for_goods = most if _may_tell_of_goods(text) else 0
            looks_for_goods -= looks_for_goods > 0
            if looks_for_goods and _is_of_goods(text, start, written, goods_end):
                goods_end = end
                continue
        before = text[max(0, start - _LOOK_BACK_CHARS) : start]
        if end - start < 2 * MIN_DIGITS:
            is_one_group = written.isdecimal()
            digits = _ascii(written if is_one_group else "".join(_groups(written)))
            # One group, or nearly all that have several.
            if _is_card(digits) and (is_one_group or _stands_alone(text, start, end)):
                if not _is_known_otherwise(before, digits):
                    spans.append((start, end))
                continue
            if is_one_group:
                continue
        chain = _read_chain(written, text, start, end)
        if _is_known_otherwise(before, chain.digits):
            continue
        for first, behind in _cards_in(chain, most):
            spans.append((start + chain.place(first), start + chain.place(behind - 1) + 1))
    return spans


def _may_tell_of_goods(text: str) -> bool:
    lowered = text.lower()
    parts = _ASCII_PARTS_OF_GOODS if text.isascii() else _PARTS_OF_GOODS
    return any([part in lowered for part in parts])


def _is_of_goods(text: str, start: int, written: str, goods_end: int) -> bool:
    """Whether all of them are: what they are called stands before the first of a list."""
    if start - goods_end <= _LISTED_MAX_CHARS:
        is_called_so = not any(map(str.isalpha, text[goods_end:start]))
    else:
        before = text[max(0, start - _GOODS_LOOK_BACK_CHARS) : start]
        is_called_so = _GOODS_BEFORE.search(before) is not None
    if not is_called_so:
        return False
    return all(len(group) == _GOODS_DIGITS for group in _groups(written))


def _groups(written: str) -> list[str]:
    if written.isascii():  # a third of what the pattern costs
        return written.replace("-", " ").replace("+", " ").split(" ")
    return _BETWEEN.split(written)


def _ascii(digits: str) -> str:
    if digits.isascii():
        return digits
    # Python reads no integer of thousands of digits, and digit by digit takes ten times as long.
    pieces = (
        digits[place : place + _GLUED_MAX_DIGITS]
        for place in range(0, len(digits), _GLUED_MAX_DIGITS)
    )
    return "".join(str(int(piece)).zfill(len(piece)) for piece in pieces)


def _is_card(digits: str) -> bool:
    """Whether the whole of them is one, as they are issued and by Luhn."""
    return len(digits) in _LENGTHS.get(digits[:4], ()) and _is_valid(digits.encode())


def _is_valid(digits: bytes) -> bool:
    """By Luhn: from the right, every second digit counts twice, its digits summed."""
    single = digits[-1::-2]
    total = sum(single) - _ZERO * len(single) + sum(digits[-2::-2].translate(_DOUBLED))
    return total % 10 == 0


def _is_known_otherwise(before: str, digits: str) -> bool:
    """Whether what stands before makes it the number of a phone, an account or a parcel."""
    if before.endswith("+"):  # `+4915…`, but not `pay+4111…`, where the plus stands for a space
        return len(digits) <= _PHONE_MAX_DIGITS and not before[-2:-1].isalnum()
    if before.endswith("1Z"):  # a parcel of UPS
        return len(digits) == _UPS_DIGITS
    if not _CAPITAL.search(before):
        return False
    if iban := _IBAN_BEFORE.search(before):  # ISO 13616: its letters count from 10 on
        if len(digits) > _IBAN_MAX_DIGITS:
            return False
        country, check, bank = iban.groups()
        bank, country = bank.translate(_IBAN_NUMBERS), country.translate(_IBAN_NUMBERS)
        return int(f"{bank}{digits}{country}{check}") % 97 == 1
    return False


@dataclass(frozen=True)
class _Chain:
    """The digits of one chain of groups.

    `borders` are where groups begin, counted in digits, and the end of the chain.
    """

    digits: str
    borders: list[int]
    sizes: list[int]  # of the groups, in digits
    stands_alone: bool  # no other digits are a separator away

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
        lengths = _LENGTHS.get(self.digits[start : start + 4])
        if lengths is None or end - start not in lengths:
            return False
        return _is_valid(self.digits[start:end].encode())


def _read_chain(written: str, text: str, start: int, end: int) -> _Chain:
    groups = _groups(written)
    sizes = list(map(len, groups))
    return _Chain(
        digits=_ascii("".join(groups)),
        borders=list(accumulate(sizes, initial=0)),
        sizes=sizes,
        stands_alone=_stands_alone(text, start, end),
    )


def _stands_alone(text: str, start: int, end: int) -> bool:
    is_behind_digit = _DIGIT_BEFORE.search(text, max(0, start - 2), start)
    return not (is_behind_digit or _DIGIT_BEHIND.match(text, end))


def _cards_in(chain: _Chain, most: int) -> list[tuple[int, int]]:
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


def _alone(chain: _Chain) -> Iterator[tuple[int, int]]:
    """Groups that are a card each, or several cards glued to each other."""
    if max(chain.sizes) < MIN_DIGITS:
        return
    for start, end in pairwise(chain.borders):
        if MIN_DIGITS <= end - start <= MAX_DIGITS:
            if chain.holds_card(start, end):
                yield start, end
        elif 2 * MIN_DIGITS <= end - start <= _GLUED_MAX_DIGITS:
            yield from _glued(chain, start, end)


def _glued(chain: _Chain, start: int, end: int) -> list[tuple[int, int]]:
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


def _from_the_left(chain: _Chain, alone: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cards of several groups that begin where the chain does, or where another card ends."""
    borders = chain.borders
    begins = {0, *(end for _, end in alone), *(end for _, end in chain.too_long)}
    for place, start in enumerate(borders[:-1]):
        if start in begins and start + MIN_DIGITS <= borders[-1]:
            lengths = _LENGTHS.get(chain.digits[start : start + 4], ())
            for behind in range(place + 2, min(place + _MAX_GROUPS, len(borders) - 1) + 1):
                if (length := borders[behind] - start) > MAX_DIGITS:
                    break
                if length in lengths and _is_written_as_card(chain, place, behind):
                    begins.add(borders[behind])
                    yield start, borders[behind]


def _from_the_right(chain: _Chain, alone: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
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


def _is_written_as_card(chain: _Chain, place: int, behind: int) -> bool:
    """Whether the groups between these two borders are one, as cards are written; where no other
    digits stand beside it, it may be written in any way."""
    borders = chain.borders
    if borders[behind] - borders[place] not in _LENGTHS.get(
        chain.digits[borders[place] : borders[place] + 4], ()
    ):
        return False
    if behind - place < len(borders) - 1 or not chain.stands_alone:
        if tuple(chain.sizes[place:behind]) not in _USUAL_GROUPS:
            return False
    return _is_valid(chain.digits[borders[place] : borders[behind]].encode())


def _resolve_overlaps(cards: list[tuple[int, int]], chain: _Chain) -> list[tuple[int, int]]:
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


def _widest_cover(cards: list[tuple[int, int]], chain: _Chain) -> list[tuple[int, int]]:
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

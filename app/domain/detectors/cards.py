"""Finds payment-card numbers: 13–19 digits, Luhn-valid, as issuers give them out (ISO/IEC 7812).

Digits come in groups with one space or dash between two of them, and each group but the last has
four digits or more: so dates, phone numbers and lists of small numbers are no cards. A card begins
and ends where a group does; a Luhn-valid stretch in the middle of an unbroken number is none. Only
cards glued to each other share a border inside a group.
"""

import re

from app.domain.detectors.card_groups import cards_in, read_chain
from app.domain.detectors.digit_groups import SEPARATOR, ascii_digits, groups_of, stands_alone
from app.domain.detectors.escapes import Reading, may_hold_digit
from app.domain.detectors.issued_cards import MIN_DIGITS, is_issued
from app.domain.detectors.other_numbers import (
    GOODS_DIGITS,
    LISTED_MAX_CHARS,
    LOOK_BACK_CHARS,
    is_known_otherwise,
    is_of_goods,
    may_tell_of_goods,
    outside_of_ids,
)


def _chain_of(digit: str) -> str:
    """Groups of four or more, and perhaps a shorter one in the end; enough digits for a card."""
    return (
        rf"{digit}(?<!{digit}{digit})"
        rf"(?=(?:{digit}){{{MIN_DIGITS - 1}}}"  # nearly always, and seen at a third of the price
        rf"|(?:{digit}){{3}}(?:{SEPARATOR}?{digit}){{{MIN_DIGITS - 4}}})"
        rf"(?:{digit}){{3,}}+(?:{SEPARATOR}(?:{digit}){{4,}}+)*+"
        rf"(?:{SEPARATOR}(?:{digit}){{1,3}}+)?+"
    )


# Beyond, only dead scripts have digits, and each would be looked at for each character.
_OTHER_DIGITS = "".join(filter(str.isdecimal, map(chr, range(0x80, 0x10000))))
_CHAIN = re.compile(_chain_of("[0-9]"))
# Nobody types one number in two scripts; the other digits are Arabic, full-width, …
_CHAIN_OF_OTHERS = re.compile(_chain_of(f"[{_OTHER_DIGITS}]"))


# Four digits are in each chain, and in few texts.
_FOUR_DIGITS = re.compile("[0-9][0-9]{3}")


def may_hold_card(text: str) -> bool:
    """Of an ASCII text, at a fraction of what looking for them costs."""
    return _FOUR_DIGITS.search(text) is not None and _CHAIN.search(text) is not None


def card_spans(reading: Reading) -> list[tuple[int, int]]:
    """Start and end of each card number in what was read, sorted."""
    if not may_hold_digit(reading.text):
        return []
    spans = _spans_of(_CHAIN, reading.text, reading.most_finds)
    if spans:
        spans = outside_of_ids(spans, reading.text)
    if not reading.text.isascii():
        spans += _spans_of(_CHAIN_OF_OTHERS, reading.text, reading.most_finds)
        spans.sort()
    return spans


def _spans_of(chains: re.Pattern[str], text: str, most: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    goods_end = -LISTED_MAX_CHARS - 1  # of the last number of goods
    looks_for_goods = -1  # that are left; not known yet
    for match in chains.finditer(text):
        if len(spans) >= most:
            break
        start, end = match.span()
        written = match[0]
        if looks_for_goods and len(written) % (GOODS_DIGITS + 1) == GOODS_DIGITS:
            if looks_for_goods < 0:
                looks_for_goods = most if may_tell_of_goods(text) else 0
            looks_for_goods -= looks_for_goods > 0
            if looks_for_goods and is_of_goods(text, start, written, goods_end):
                goods_end = end
                continue
        before = text[max(0, start - LOOK_BACK_CHARS) : start]
        if end - start < 2 * MIN_DIGITS:
            is_one_group = written.isdecimal()
            digits = ascii_digits(written if is_one_group else "".join(groups_of(written)))
            # One group, or nearly all that have several.
            if is_issued(digits) and (is_one_group or stands_alone(text, start, end)):
                if not is_known_otherwise(before, digits):
                    spans.append((start, end))
                continue
            if is_one_group:
                continue
        chain = read_chain(written, text, start, end)
        if is_known_otherwise(before, chain.digits):
            continue
        for first, behind in cards_in(chain, most):
            spans.append((start + chain.place(first), start + chain.place(behind - 1) + 1))
    return spans

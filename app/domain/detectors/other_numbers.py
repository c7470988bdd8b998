"""Numbers that look like a card's and are none: of goods, phones, accounts, parcels, and ids.

What they are called, or what they stand in, tells; the digits alone do not.
"""

import re
import string
from bisect import bisect_right

from app.domain.detectors.digit_groups import SEPARATOR, groups_of

# An international phone number (E.164) has a plus and at most so many digits.
_PHONE_MAX_DIGITS = 15
_UPS_DIGITS = 16
_IBAN_MAX_DIGITS = 30
_IBAN_NUMBERS = {ord(letter): str(int(letter, 36)) for letter in string.ascii_uppercase}
_CAPITAL = re.compile("[A-Z]")
LOOK_BACK_CHARS = 11
_IBAN_BEFORE = re.compile(rf"\b([A-Z]{{2}})([0-9]{{2}})([A-Z]{{0,6}}){SEPARATOR}?\Z")
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
GOODS_DIGITS, _GOODS_LOOK_BACK_CHARS = 13, 40
# Between two numbers of a list of goods.
LISTED_MAX_CHARS = 4
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


def is_known_otherwise(before: str, digits: str) -> bool:
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


def may_tell_of_goods(text: str) -> bool:
    lowered = text.lower()
    parts = _ASCII_PARTS_OF_GOODS if text.isascii() else _PARTS_OF_GOODS
    return any([part in lowered for part in parts])


def is_of_goods(text: str, start: int, written: str, goods_end: int) -> bool:
    """Whether all of them are: what they are called stands before the first of a list."""
    if start - goods_end <= LISTED_MAX_CHARS:
        is_called_so = not any(map(str.isalpha, text[goods_end:start]))
    else:
        before = text[max(0, start - _GOODS_LOOK_BACK_CHARS) : start]
        is_called_so = _GOODS_BEFORE.search(before) is not None
    if not is_called_so:
        return False
    return all(len(group) == GOODS_DIGITS for group in groups_of(written))


def outside_of_ids(spans: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    if not _HEXADECIMAL_LETTER.search(text) or not any(
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

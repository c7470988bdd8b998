"""How the number of a card is made: 13–19 digits, as issuers give them out, valid by Luhn's sum.

ISO/IEC 7812. Chance makes such a number too: of those of sixteen digits, one in twenty is one.
"""

MIN_DIGITS = 13
MAX_DIGITS = 19
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


LENGTHS = _lengths_by_prefix()


def is_issued(digits: str) -> bool:
    """Whether the whole of them is one, as they are issued and by Luhn."""
    return len(digits) in LENGTHS.get(digits[:4], ()) and is_valid(digits.encode())


def is_valid(digits: bytes) -> bool:
    """By Luhn: from the right, every second digit counts twice, its digits summed."""
    single = digits[-1::-2]
    total = sum(single) - _ZERO * len(single) + sum(digits[-2::-2].translate(_DOUBLED))
    return total % 10 == 0

"""The characters that show nothing, by what Unicode says of them and what it does not say."""

import sys
import unicodedata

# Format characters that show a sign: numbers of years and verses, and abbreviations.
SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
# Blanks and fillers that Unicode counts among letters, marks and symbols.
FILLERS = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0x16FE4, 0x1D159}
FILLERS |= {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
FILLERS |= {0x2065, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000), 0x13441, 0x13442}
INVISIBLE = [
    chr(code)
    for code in range(1, sys.maxunicode + 1)
    if (code in FILLERS or unicodedata.category(chr(code)) in ("Cf", "Cc", "Zs", "Zl", "Zp"))
    and code not in SEEN
]
SOME_OF_EACH_KIND = [
    *("\t", "\n", "\x01", "\x1b", "\x7f", "\x85", "\xa0", "\xad", "\u034f", "\u061c", "\u115f"),
    *("\u1680", "\u17b4", "\u180b", "\u180e", "\u2003", "\u200b", "\u200d", "\u200e", "\u200f"),
    *("\u2028", "\u202a", "\u202e", "\u2060", "\u2064", "\u2067", "\u2069", "\u2800", "\u3000"),
    *("\u3164", "\ufe00", "\ufe0f", "\ufeff", "\uffa0", "\ufff9", "\U00013430", "\U0001bca0"),
    *("\U0001d159", "\U0001d173", "\U000e0001", "\U000e0041", "\U000e007f", "\U000e0100"),
]

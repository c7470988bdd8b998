"""What a search compares: texts as one sees them, and the words that are looked for.

Folded here and not by a database: SQLite's lower() knows ASCII only, and PostgreSQL's depends on
the server. A part of a text is a part of the folded text as well, if it does not begin within a
character; so letters are taken apart (NFKD) and not put together again.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from app.domain.text import INVISIBLE_WITHIN

# In no word that is looked for, so that nothing is found across two texts.
_BETWEEN_TEXTS = "\n"
# Words, and phrases in quotes of any shape.
_WORD_OR_PHRASE = re.compile(r'"([^"]*)"?|([^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂", '"'))

# Accents, and the vowels and accents that Hebrew and Arabic leave out as a rule. Marks of other
# scripts are letters: が is no か.
_MARKS = (
    (0x300, 0x36F),
    (0x483, 0x487),
    (0x591, 0x5BD),
    (0x5BF, 0x5BF),
    (0x5C1, 0x5C2),
    (0x5C4, 0x5C5),
    (0x5C7, 0x5C7),
    (0x610, 0x61A),
    (0x640, 0x640),
    (0x64B, 0x65F),
    (0x670, 0x670),
    (0x6D6, 0x6DC),
    (0x6DF, 0x6E4),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
)
_ALIKE = {
    "'": "`‘’‚‛´ʹʻʼʽʾʿˈˊˋ΄′‵ꞌ",
    '"': "“”„‟«»″‶",
    "-": "‐‑‒–—―−",
    "i": "ı",
    "l": "ł",
    "o": "ø",
    "d": "đð",
    "h": "ħ",
    "t": "ŧ",
    "ae": "æ",
    "oe": "œ",
}


def folded(text: str) -> str:
    """Without case, accents, forms of signs, what is invisible, and how long blanks are."""
    if not text.isascii():
        # ´ would come apart into a blank and an accent.
        text = unicodedata.normalize("NFKD", text.replace("´", "'").replace("΄", "'")).casefold()
        text = unicodedata.normalize("NFKD", text).translate(_alike())
    return " ".join(text.casefold().replace("`", "'").split())


@cache
def _alike() -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys(map(ord, INVISIBLE_WITHIN + "\ufeff"))
    table.update({code: None for first, last in _MARKS for code in range(first, last + 1)})
    table.update({ord(sign): to for to, signs in _ALIKE.items() for sign in signs})
    return table


def search_text(texts: Iterable[str | None]) -> str:
    """All that is searched of one piece of feedback, folded, as one text."""
    return _BETWEEN_TEXTS.join(folded(text) for text in texts if text)


def words_of(query: str) -> tuple[str, ...]:
    """What somebody typed to search: words, and as one word each phrase in quotes."""
    found = _WORD_OR_PHRASE.finditer(query.translate(_QUOTES))
    typed = ((match[1] or match[2] or "").strip() for match in found)
    return tuple(word for word in typed if folded(word))

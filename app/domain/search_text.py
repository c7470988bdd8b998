"""What a search compares: texts without the difference of upper and lower case.

Folded here and not by a database: SQLite's lower() knows ASCII only, and PostgreSQL's depends on
the server. `str.casefold` looks at one character at a time, so a part of a text is a part of the
folded text as well; `str.lower` lowers a final Σ differently, and would miss ΟΔΟΣ in ΟΔΟΣΑ.
"""

from collections.abc import Iterable

# In no word that is looked for, so that nothing is found across two texts.
_BETWEEN_TEXTS = "\n"


def folded(text: str) -> str:
    return text.casefold()


def search_text(texts: Iterable[str | None]) -> str:
    """All that is searched of one piece of feedback, folded, as one text."""
    return folded(_BETWEEN_TEXTS.join(filter(None, texts)))

"""What the lists of choices in forms hold, and how a choice travels that no form can carry.

Apps call releases and environments what they like, so there may be any number of them. A form
offers those used last, as many as a page has room for; all of them have a page of their own.

Browsers send each line break of a form as CR and LF. So a form with a name that has one is
`quoted`: line breaks are written in its values as in an address, as `%0A`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from app.blueprints.console.short_texts import byte_size
from app.web.incoming import query_values

_MOST_OFFERED = 100
# Of a page, which may have 100 kB in all: eight of the longest names, a hundred usual ones.
_MOST_BYTES = 5000
_QUOTED = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True)
class Choices:
    """`names` are to choose from, and so many more are left out."""

    names: list[str]
    more_count: int


def offered(names: Sequence[str], chosen: str | None) -> Choices:
    """As many as there is room for, in their order; the chosen one always, first if need be."""
    kept: list[str] = []
    room = _MOST_BYTES
    for name in names[:_MOST_OFFERED]:
        room -= byte_size(name)
        if room < 0:
            break
        kept.append(name)
    more_count = len(names) - len(kept)
    if chosen is not None and chosen not in kept:
        more_count -= chosen in names
        kept = [chosen, *kept]
    return Choices(kept, more_count)


def need_quotes(texts: Iterable[str | None]) -> bool:
    return any("\n" in text or "\r" in text for text in texts if text)


def in_form(text: str, quoted: bool) -> str:
    """As the value of a field: `quoted` as the whole form is."""
    return text.translate(_QUOTED) if quoted else text


def form_values() -> dict[str, str]:
    """The query as it was meant, also when a quoted form sent it."""
    values = query_values()
    if not values.pop("quoted", ""):
        return values
    return {name: unquote(value) for name, value in values.items()}

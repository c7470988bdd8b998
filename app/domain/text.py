"""What counts as text on the wire: how it is trimmed, which characters no store can hold, and
which ones a terminal would run.
"""

import re

# Characters that show nothing at either end of a string: what str.strip() knows, and the
# zero-width space, word joiner, byte order mark and left-to-right mark that phones' keyboards and
# copied web text leave behind.
_INVISIBLE_ENDS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u200e\u2060\ufeff"
)

# What shows nothing either: soft hyphens, marks of the direction of writing, joiners, selectors,
# tags, blanks of Braille and Hangul. At the ends of a text they have a meaning (a heart is red by
# U+FE0F, an isolate ends with U+2069) and stay; text of these alone is empty.
INVISIBLE_WITHIN = "".join(
    chr(code)
    for first, last in (
        (0xAD, 0xAD),
        (0x34F, 0x34F),
        (0x61C, 0x61C),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x206F),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0000, 0xE007F),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
# What nobody types, and shows nothing either: control characters, but for NUL, which is refused;
# the controls of shorthand, music, hieroglyphs and notes; blanks of scripts that few read; and what
# Unicode keeps free for more of the kind. In a search they count.
_RARELY_SEEN = "".join(
    chr(code)
    for first, last in (
        (0x01, 0x1F),
        (0x7F, 0x9F),
        (0xFFF0, 0xFFFB),
        (0x13430, 0x1343F),
        (0x13441, 0x13442),
        (0x16FE4, 0x16FE4),
        (0x1BCA0, 0x1BCA3),
        (0x1D159, 0x1D159),
        (0x1D173, 0x1D17A),
        (0xE0080, 0xE00FF),
        (0xE01F0, 0xE0FFF),
    )
    for code in range(first, last + 1)
)
_INVISIBLE = "".join(sorted({*_INVISIBLE_ENDS, *INVISIBLE_WITHIN, *_RARELY_SEEN}))
_INVISIBLE_ASCII = "".join(filter(str.isascii, _INVISIBLE))
# What belongs to the character before it: how an emoji or an ideograph looks, and which flag it is.
_OF_THE_LAST = re.compile("[\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef]+")


def trimmed(text: str) -> str:
    """Prose without what shows nothing at the ends; empty when nothing is shown at all."""
    return text.strip(_INVISIBLE_ENDS) if bare(text) else ""


def bare(text: str) -> str:
    """Without any invisible character at the ends, for what is no prose, such as an address.

    Telephones wrap an address that is copied from their contacts in U+202A and U+202C.
    """
    return text.strip(_INVISIBLE_ASCII if text.isascii() else _INVISIBLE)


def bare_name(text: str) -> str:
    """As bare, for what a release, an environment or a bundle is called: equal names must be one.

    A name that ends in an emoji keeps what makes it look so.
    """
    name = bare(text)
    if name.isascii() or name[-1].isascii():
        return name
    start = text.index(name) + len(name)
    look = _OF_THE_LAST.match(text, start)
    return name + look[0] if look else name


def shortened(name: str | None, *, max_bytes: int) -> str | None:
    """As much of a storable name as so many bytes of UTF-8 hold; None where nothing shows of it."""
    if (
        name is None
        or len(name) <= max_bytes
        and (name.isascii() or len(name.encode()) <= max_bytes)
    ):
        return name
    return bare_name(name.encode()[:max_bytes].decode(errors="ignore")) or None


def is_storable(text: str) -> bool:
    """False for NUL characters and lone surrogates: PostgreSQL and UTF-8 cannot hold them."""
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# C0, delete, C1, and what turns the direction of writing or ends a line without saying so: a name
# of `\x1b]0;…` renames the window, one of `\u202e` reads backwards, one of a line break makes up a
# line of output.
_COMMANDS_TO_TERMINALS = (
    "\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff"
)
_RUN_BY_TERMINALS = re.compile(f"[{_COMMANDS_TO_TERMINALS}]")
_RUN_BUT_LINE_BREAKS = re.compile(rf"(?!\n)[{_COMMANDS_TO_TERMINALS}]")


def in_one_line(text: str) -> str:
    """The text with what a terminal would run, line breaks too, written out as `\\u001b`."""
    return _RUN_BY_TERMINALS.sub(_written_out, text)


def for_terminals(text: str) -> str:
    """The text with what a terminal would run written out, all but line breaks."""
    return _RUN_BUT_LINE_BREAKS.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"  # as JSON has it, so that JSON stays JSON


# Half a pair; a pair stays for the decoder of UTF-16, which makes one character of it.
_LONE_SURROGATE = re.compile(
    "[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"
)


def storable(text: str) -> str:
    """The text with U+FFFD for NUL and lone surrogates (JavaScript cuts emoji in two)."""
    if text.isascii():
        return text.replace("\x00", "\ufffd")
    mended = _LONE_SURROGATE.sub("\ufffd", text.replace("\x00", "\ufffd"))
    return mended.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

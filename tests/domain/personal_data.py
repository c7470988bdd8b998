"""Strategies for what the scrubber must find, what it must leave alone, and what may stand around.

Nothing here borrows the detectors' own patterns or sums: a test that did could not see their
mistakes.
"""

import base64
import json
import re
import string

from hypothesis import strategies as st

ATEXT = string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~"  # RFC 5322 section 3.2.3
TOP_LEVEL_DOMAINS = ("com", "museum", "xn--p1ai", "рф", "香港", "भारत", "vermögensberater")

# What has tripped detectors: halves of a match, and what opens, closes, escapes or splits one.
_FRAGMENTS = (
    *("@", "a@b.", "@b.co", "a@b.co", '"', '"x" ', "\\", '\\"', "'", "_", "{", "*", "<", ", "),
    *("eyJ", "eyJx.", "eyJx.y.", ".", "..", "-", "=", "://", "https://x.y/?q=", "&z=", "#", "\n"),
    *("1", "12 ", "4111-", " 4242 4242", "4242424242424242", "9" * 21),
    *("\u0661", "\u00a0", "\u2019", "\u4f60", "\U0001f44d"),
)
surroundings = st.lists(
    st.sampled_from(_FRAGMENTS) | st.text(max_size=6) | st.text("ab.@ ", max_size=6), max_size=4
).map("".join)


def _leaves_address(after: str) -> bool:
    """Whether what stands before it is an address still, which a digit in its last label cannot be.

    Nor can a file's ending be one, so nothing begins another label.
    """
    glued = re.split(r"[\s!-/:-@\[-`{-~]", after, maxsplit=1)[0]
    return not any(map(str.isnumeric, glued)) and not re.match(r"\.\w", after)


surroundings_behind_addresses = surroundings.filter(_leaves_address)


def luhn_sum(digits: str) -> int:
    """ISO/IEC 7812-1 annex B: every second digit from the right counts twice, digits summed."""
    return sum(
        sum(divmod(int(digit) * (1 + index % 2), 10)) for index, digit in enumerate(digits[::-1])
    )


def with_check_digit(digits: str, *, error: int = 0) -> str:
    """The digits and the one that makes their Luhn sum a multiple of ten, or misses it by error."""
    return digits + str((error - luhn_sum(digits + "0")) % 10)


def numbers(*, lengths: tuple[int, int], first: str) -> st.SearchStrategy[str]:
    shortest, longest = lengths
    rest = st.text("0123456789", min_size=shortest - 1, max_size=longest - 1)
    return st.builds(str.__add__, st.sampled_from(first), rest)


# ISO/IEC 7812 as the contract gives it: how numbers begin, by how many digits they have.
ISSUED: dict[int, tuple[str, ...]] = {
    13: ("4",),
    14: ("300", "301", "302", "303", "304", "305", "36", "38", "39"),
    15: ("34", "37", "2131", "1800"),
    16: (
        *("2200", "2204", "2221", "2345", "2720", "3", "4", "5", "6", "81", "82"),
        *("8600", "9792", "9860"),
    ),
    17: ("5", "6"),
    18: ("5", "6"),
    19: ("4", "5", "6"),
}


@st.composite
def issued_numbers(draw: st.DrawFn) -> str:
    length = draw(st.sampled_from(sorted(ISSUED)))
    prefix = draw(st.sampled_from(ISSUED[length]))
    rest = length - len(prefix) - 1
    return with_check_digit(prefix + draw(st.text("0123456789", min_size=rest, max_size=rest)))


@st.composite
def grouped(draw: st.DrawFn, unbroken: st.SearchStrategy[str]) -> str:
    """The digits in groups of four or more, the last of any size, with spaces or dashes between."""
    digits = draw(unbroken)
    pieces = []
    while len(digits) > 4 and draw(st.booleans()):
        size = draw(st.integers(min_value=4, max_value=len(digits) - 1))
        pieces.append(digits[:size] + draw(st.sampled_from(" -")))
        digits = digits[size:]
    return "".join((*pieces, digits))


def in_fours(digits: str) -> str:
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


unbroken_cards = issued_numbers()
cards = unbroken_cards | grouped(unbroken_cards)
# As they are written beside other digits.
usual_cards = unbroken_cards | unbroken_cards.filter(lambda digits: len(digits) == 16).map(in_fours)


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _jwt(header: dict[str, str], payload: dict[str, object], signature: bytes) -> str:
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, payload)]
    return ".".join(map(_base64url, (*parts, signature)))


jwts = st.builds(
    _jwt,
    st.fixed_dictionaries(
        {"alg": st.sampled_from(("HS256", "ES512", "none"))},
        optional={"typ": st.just("JWT"), "kid": st.text()},
    ),
    st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=4),
    st.just(b"") | st.binary(max_size=64),  # an unsecured token has an empty third part
)


def _encrypted(header: dict[str, str], parts: list[bytes]) -> str:
    return ".".join(map(_base64url, (json.dumps(header).encode(), *parts)))


# The second part is empty where the key is agreed on (RFC 7516 section 4.1.1).
encrypted_jwts = st.builds(
    _encrypted,
    st.fixed_dictionaries(
        {"alg": st.sampled_from(("dir", "RSA-OAEP")), "enc": st.sampled_from(("A256GCM",))},
        optional={"typ": st.just("JWT"), "kid": st.text()},
    ),
    st.lists(st.binary(max_size=48), min_size=4, max_size=4),
)

_letters = st.characters(categories=("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"))
# Of one kind of script each: what has no blanks ends where ASCII begins.
_cased_letters = st.characters(categories=("Lu", "Ll", "Lt"))
_other_letters = st.characters(categories=("Lo",))
_words = st.text(_cased_letters | st.sampled_from(ATEXT), min_size=1, max_size=8)
_words_without_case = st.text(_other_letters, min_size=1, max_size=8)
_dotted_words = (
    st.lists(_words, min_size=1, max_size=4) | st.lists(_words_without_case, min_size=1, max_size=4)
).map(".".join)
_long_words = st.builds(
    lambda word, chars: (word * chars)[:chars],
    st.text(ATEXT, min_size=1, max_size=5),
    st.integers(min_value=1000, max_value=3000),
)
# RFC 5322 section 3.2.4, with RFC 6531's letters: anything, if quotes and backslashes are escaped.
_quoted_characters = (
    st.characters(min_codepoint=32, exclude_characters='"\\\x7f', exclude_categories=("Cc", "Cs"))
    | st.sampled_from(" @.,:/")
    | st.sampled_from(('\\"', "\\\\", "\\ "))
)
_quoted_words = st.lists(_quoted_characters, min_size=1, max_size=12).map(
    lambda characters: f'"{"".join(characters)}"'
)
# A label of digits may begin a version.
_labels = st.text(_letters, min_size=1, max_size=6).filter(
    lambda label: not label[0].isdecimal()
) | st.just("my-host")
_domains = st.builds(
    lambda labels, top: ".".join((*labels, top)),
    st.lists(_labels, min_size=1, max_size=3),
    st.sampled_from(TOP_LEVEL_DOMAINS),
)


def _at(locals_: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("{}@{}".format, locals_, _domains)


# `/@name/` is a path.
addresses = (st.emails() | _at(_dotted_words) | _at(_long_words)).filter(
    lambda address: "/@" not in address
)
quoted_addresses = _at(_quoted_words)

# No `.` in the first, no `@` in the second, no digits in either: none can hold anything personal.
_innocent = (
    st.text(st.characters(exclude_characters=".", exclude_categories=("Nd", "Cs")))
    | st.text("abcxyz.éßя /'_-=\"")
    | st.sampled_from(("user@", "@home", "v1.2.3@main", "react@18.2.0", "eyJx.y", "eyJ..x"))
    | numbers(lengths=(1, 12), first="0123456789")
    | st.builds(
        with_check_digit,
        numbers(lengths=(12, 18), first="0123456789"),
        error=st.integers(min_value=1, max_value=9),
    )
)
# A comma belongs to no address, token or card, so nothing can come together across it.
texts_without_personal_data = st.lists(_innocent, max_size=6).map(", ".join)

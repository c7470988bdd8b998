"""The scrubber's contract as a whole; each detector's own cases are in tests/domain/detectors/."""

import random
import re
import string
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain import scrubber
from app.domain.scrubber import examine, scrub, sweep
from tests.domain import innocent_texts, personal_data
from tests.domain.personal_data import surroundings, texts_without_personal_data

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl"

# Small and rich in what opens, closes, splits or escapes a match.
UNSETTLING = st.lists(
    st.sampled_from(
        [
            *("@", "@", ".", ".", '"', '"', "\\", "eyJ", "eyJ", "a", "b", "Z", "0", "9", "_", "/"),
            *(
                " ",
                " ",
                "-",
                ":",
                "=",
                "?",
                "&",
                "#",
                "'",
                "*",
                "{",
                "}",
                ",",
                "[",
                "]",
                "\n",
                "\r",
            ),
            *("://", "a@b.co", '"a b"@c.de', "eyJa.b.c", "4242 4242 4242 4242", "378282246310005"),
            *("4111111111111111", "\u0661", "\uff14", "\u00a0", "\u2011", "\u2019", "\u3002", "é"),
            *("\u4f60", "\U0001f44d", "\u200b", "[REDACTED]"),
        ]
    ),
    max_size=40,
).map("".join)


@given(
    surroundings,
    personal_data.addresses
    | personal_data.quoted_addresses
    | personal_data.jwts
    | personal_data.encrypted_jwts,
    personal_data.surroundings_behind_addresses,
)
def test_an_address_or_token_is_gone_whatever_is_around(before, secret, after):
    assert secret not in scrub(before + secret + after)


@given(
    surroundings,
    personal_data.addresses
    | personal_data.quoted_addresses
    | personal_data.jwts
    | personal_data.encrypted_jwts
    | personal_data.unbroken_cards,
    personal_data.surroundings_behind_addresses,
)
def test_a_sweep_takes_what_a_close_look_takes(before, secret, after):
    text = before + secret + after
    assert secret not in sweep(text) or secret in scrub(text)


@given(
    surroundings,
    st.sampled_from(" x"),
    personal_data.usual_cards,
    st.sampled_from(" x"),
    surroundings,
)
def test_a_card_is_gone_whatever_is_around(before, left, card, right, after):
    # Called an EAN, or behind a plus, thirteen digits are none.
    assume(len(card) != 13 or not re.search(r"[^\W\d_]|\+", before + left))
    assert card not in scrub(before + left + card + right + after)


@settings(max_examples=30)
@given(
    st.lists(
        personal_data.addresses | personal_data.jwts | personal_data.unbroken_cards,
        min_size=60,
        max_size=80,
    ),
    st.sampled_from((" ", ", ", "\n", "; ", " <x> ")),
)
def test_of_a_list_of_personal_data_nothing_is_left(secrets, separator):
    """Behind the first of them, nothing is looked at closely any more."""
    scrubbed = scrub(separator.join(secrets))
    assert [secret for secret in secrets if secret in scrubbed] == []
    assert scrub(scrubbed) == scrubbed


@pytest.mark.parametrize(
    "listed",
    ["jo%40example.com", "jo&#64;example.com", "jo\uff20example.com", "4111&nbsp;1111%201111+1111"],
)
def test_of_a_list_of_encoded_personal_data_nothing_is_left(listed):
    assert scrub(f"{listed}, " * 200) == "[REDACTED], " * 200


def test_a_long_text_keeps_all_that_is_none_between_much_that_is():
    line = "On 2026-05-07 17:25:00 jo@example.com had react@18.2.0 and the order 20260507172500.\n"
    assert scrub(line * 50) == line.replace("jo@example.com", "[REDACTED]") * 50


@given(texts_without_personal_data)
def test_text_without_personal_data_stays_as_it_is(text):
    assert scrub(text) == text


@settings(max_examples=400)
@given(UNSETTLING | st.text())
def test_scrubbing_twice_changes_nothing(text):
    scrubbed = scrub(text)
    assert scrub(scrubbed) == scrubbed


@pytest.mark.parametrize(
    "text, scrubbed",
    [
        ("Mail me: alice@example.com.", "Mail me: [REDACTED]."),
        ('Ask "alice@example.com", please', 'Ask "[REDACTED]", please'),
        ("Ask <alice@example.com>!", "Ask <[REDACTED]>!"),
        ("[me](mailto:alice@example.com)", "[me](mailto:[REDACTED])"),
        ("**alice@example.com**", "**[REDACTED]**"),
        ("https://x.y/?to=alice@example.com&p=1", "https://x.y/?to=[REDACTED]&p=1"),
        ("用户@例え.jp にメール", "[REDACTED] にメール"),
        ('"john doe"@example.com wrote', "[REDACTED] wrote"),
        (f"jwt={JWT};", "jwt=[REDACTED];"),
        (f"x{JWT}", "x[REDACTED]"),
        (f"https://x.y/?token={JWT}&p=1", "https://x.y/?token=[REDACTED]&p=1"),
        ("order-4111111111111111", "order-[REDACTED]"),
        ("alice@example.com-4111-1111-1111-1111", "[REDACTED]-[REDACTED]"),
        ("alice@example.com4111111111111111", "[REDACTED][REDACTED]"),
        ("card4111-1111-1111-1111ok", "card[REDACTED]ok"),
        ("Paid with 4111 1111 1111 1111.", "Paid with [REDACTED]."),
        ("4111111111111111 5500000000000004", "[REDACTED] [REDACTED]"),
        ("\tone\r\n  a@b.co\n\n", "\tone\r\n  [REDACTED]\n\n"),
    ],
)
def test_the_text_around_a_match_is_untouched(text, scrubbed):
    assert scrub(text) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The Pay button stays grayed out",
        "user@",
        "@home",
        "v1.2.3@main",
        "react@18.2.0",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ",
        "Order 1234567890123456 never arrived",
        "Order 4111111111111112 never arrived",
        "+49 (0)30 901820, 10.0.0.1, 2026-05-07T17:25:00Z",
        "123e4567-e89b-12d3-a456-426614174000",
        "[REDACTED]",
    ],
)
def test_what_only_looks_like_personal_data_stays(text):
    assert scrub(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111@example.com",
        f"{JWT}@example.com",
        f"alice@example.com.{JWT}",
        '"alice@example.com"@example.org',
        f"{JWT}-4111111111111111",
    ],
)
def test_matches_that_overlap_become_one(text):
    assert scrub(text) == "[REDACTED]"


@pytest.mark.parametrize(
    "text, found",
    [
        ("nothing", {}),
        ("a@b.co", {"email": 1}),
        (JWT, {"jwt": 1}),
        ("4111 1111 1111 1111", {"card": 1}),
        ("4111 1111 1111 1111 5500 0000 0000 0004", {"card": 2}),
        (f"a@b.co, c@d.org, {JWT} and 378282246310005", {"email": 2, "jwt": 1, "card": 1}),
        ("4111111111111111@example.com", {"email": 1, "card": 1}),
    ],
)
def test_matches_are_counted_by_kind(text, found):
    assert examine(text).found == found


def test_examining_a_text_scrubs_it_too():
    assert examine("from a@b.co").text == "from [REDACTED]"


@pytest.mark.parametrize(
    "text, scrubbed",
    [
        ("页面崩溃了请联系jo@example.com谢谢", "页面崩溃了请联系[REDACTED]谢谢"),
        ("👍jo@example.com👍", "👍[REDACTED]👍"),
        ("메일은jo@example.com입니다", "메일은[REDACTED]입니다"),
        (
            "open https://x.example/r?u=jo%40example.com&x=1",
            "open https://x.example/r?u=[REDACTED]&x=1",
        ),
        ("?next=%2Fr%3Fu%3Djo%2540example.com%26x%3D1", "?next=%2Fr%3Fu%3D[REDACTED]%26x%3D1"),
        ("&lt;jo&#64;example&#46;com&gt;", "&lt;[REDACTED]&gt;"),
        ("&#106;&#111;&#x40;&#101;xample.com!", "[REDACTED]!"),
        ("write jo＠example．com", "write [REDACTED]"),
        ('{"to":"jo\\u0040example.com"}', '{"to":"[REDACTED]"}'),
        ("pay 4111%201111%201111%201111 now", "pay [REDACTED] now"),
        ("pay%204111111111111111%0Anow", "pay%20[REDACTED]%0Anow"),
        ("card=4111+1111+1111+1111&x=1", "card=[REDACTED]&x=1"),
        ("%4012888888881881", "%[REDACTED]"),
        ("token%3DeyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.%26", "token%3D[REDACTED]%26"),
    ],
)
def test_what_is_encoded_goes_too_and_nothing_around_it(text, scrubbed):
    assert scrub(text) == scrubbed


_SIMPLE_ADDRESSES = st.from_regex(
    r"[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{2,8}\.(com|org|example)", fullmatch=True
)
_ENCODERS = {
    "percent": lambda text: quote(text, safe=""),
    "percent, all of it": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "decimal entities without an end": lambda text: text.replace("@", "&#64"),
    "named entities": lambda text: text.replace("@", "&commat;").replace(".", "&period;"),
    "UTF-16 in JSON": lambda text: "".join(f"\\u{ord(sign):04X}" for sign in text),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "decimal entities": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "hexadecimal entities": lambda text: text.replace("@", "&#x40;").replace(".", "&#x2E;"),
    "full width": lambda text: "".join(chr(ord(sign) + 0xFEE0) for sign in text),
    "JSON": lambda text: text.replace("@", "\\u0040"),
}


@pytest.mark.parametrize("encoding", _ENCODERS)
@given(
    st.sampled_from(("", "to ", "请联系", "(", "x: ", "\n")),
    _SIMPLE_ADDRESSES,
    st.sampled_from(("", " now", "谢谢", ")", ", or", "\n")),
)
def test_an_encoded_address_goes_whatever_the_encoding(encoding, before, address, after):
    encoded = _ENCODERS[encoding](address)
    assert scrub(before + encoded + after) == f"{before}[REDACTED]{after}"


@pytest.mark.parametrize(
    "encoding", ["percent", "percent twice", "percent, all of it", "decimal entities"]
)
@pytest.mark.parametrize("address", ["иван@пример.рф", "用户@例え.jp", "josé@mañana.es"])
def test_an_international_address_goes_whatever_the_encoding(encoding, address):
    assert scrub(f"to {_ENCODERS[encoding](address)} now") == "to [REDACTED] now"


@pytest.mark.parametrize("make", innocent_texts.KINDS, ids=lambda make: make.__name__)
def test_of_3000_texts_that_hold_nothing_personal_at_most_three_are_changed(make):
    chance = random.Random(make.__name__)
    texts = [make(chance) for _ in range(3000)]
    assert sum(scrub(text) != text for text in texts) <= 3


def test_of_random_numbers_of_16_digits_chance_takes_one_in_twenty():
    chance = random.Random("16 digits")
    numbers = ["".join(chance.choices(string.digits, k=16)) for _ in range(10_000)]
    taken = sum(scrub(number) != number for number in numbers)
    # One in ten is Luhn-valid, and issuers give out 47 % of what numbers may begin with.
    assert 400 <= taken <= 540


PERSONAL_PIECES = st.lists(
    st.sampled_from(
        [
            *("4111111111111111", "4111 1111 1111", " 1111", "3782-822463", "10005", "12345"),
            *(JWT, JWT[:24], ".a.b", "ey", "ew0", "jo", "@", "example.com", "%40", "&#64;"),
            *("\\u0040", "\uff14111", " ", "-", "+", ".", "x", "\n", "\x00"),
        ]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=500)
@given(PERSONAL_PIECES | UNSETTLING | st.text())
def test_in_what_a_quick_look_takes_for_plain_nothing_is_found(text):
    assume(scrubber.is_plain(text))

    assert scrubber._examined(text) == scrubber.Scrubbed(text, {})

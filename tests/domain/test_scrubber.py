"""The scrubber's contract as a whole; each detector's own cases are in tests/domain/detectors/."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.scrubber import examine, scrub
from tests.domain import personal_data
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
    personal_data.addresses | personal_data.quoted_addresses | personal_data.jwts,
    surroundings,
)
def test_an_address_or_token_is_gone_whatever_is_around(before, secret, after):
    assert secret not in scrub(before + secret + after)


@given(
    surroundings, st.sampled_from(" -x"), personal_data.cards, st.sampled_from(" -x"), surroundings
)
def test_a_card_is_gone_whatever_is_around(before, left, card, right, after):
    assert card not in scrub(before + left + card + right + after)


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
        "alice@example.com-4111-1111-1111-1111",
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

"""The scrubber's time grows with the text, not with its square, whatever an attacker writes."""

import pytest

from app.domain.scrubber import scrub
from tests.domain.growth import LONG_CHARS, filled, grows_linearly

REPEATED = [
    *("@", "a", "a@", "a.", "é", "a@a.a.", "a@b.co ", "a@1.1 ", "@a.b_-", "'@a.bc'", "'a@b.co'"),
    *('"', '"@', '"@a.b', '\\"', '\\"@', '\\"@a.b', '\n"@a.b', "\\"),
    *("://", "://a@", "://a=@b.co/", "/=&?#", "eyJ", "eyJ.", "eyJ..", "eyJa.b.", "."),
    *(
        "%40",
        "a%40b.co ",
        "&#64;",
        "\\u0040",
        "%25",
        "4242%20",
        "\uff20",
        "eyJhbGciOiIifQ",
        "eyJhbGciOiIifQ.",
    ),
    *("1234 5678 ", "3400 ", "eyA", "ewo", "+4111", "DE12 4111 "),
    *(
        "a%2540b.co ",
        "a\uff20b.co ",
        "4111&nbsp;",
        "1 ",
        "3782 822463 10005 ",
        "eyJhbGciOiIifQ.a.b ",
    ),
    *("4", "4-", "4242 ", "4242424242424242 ", "4111111111111111", "4222222222222", "24\u0661-"),
]


@pytest.mark.parametrize("unit", REPEATED)
def test_a_repetition_costs_time_in_proportion(unit):
    assert grows_linearly(scrub, lambda chars: filled(unit, chars))


@pytest.mark.parametrize("unit", REPEATED)
@pytest.mark.parametrize("end", ["@b.co", '"@b.co'])
def test_a_match_that_a_repetition_leads_up_to_costs_time_in_proportion(unit, end):
    assert grows_linearly(scrub, lambda chars: filled(unit, chars) + end)


@pytest.mark.parametrize("unit", REPEATED)
def test_scrubbing_a_repetition_twice_changes_nothing(unit):
    scrubbed = scrub(filled(unit, LONG_CHARS))
    assert scrub(scrubbed) == scrubbed


@pytest.mark.parametrize(
    "unit", ["@", "a", "a@", "a@1.1 ", '"@', '\\"@a.b', "://", "eyJ", "eyJ..", "."]
)
def test_a_repetition_without_personal_data_stays_as_it_is(unit):
    text = filled(unit, LONG_CHARS)
    assert scrub(text) == text


@pytest.mark.parametrize(
    "unit, scrubbed",
    [
        ("a@b.co ", "[REDACTED] "),
        ("eyJhbGciOiIifQ.b.c ", "[REDACTED] "),
        ("a%40b.co ", "[REDACTED] "),
        ("4242424242424242 ", "[REDACTED] "),
        ("4242 4242 4242 4242, ", "[REDACTED], "),
    ],
)
def test_every_match_of_a_long_text_is_replaced(unit, scrubbed):
    assert scrub(unit * 10_000) == scrubbed * 10_000


@pytest.mark.parametrize("local_part", ["a", "é", "a.b", "'"])
def test_a_local_part_as_long_as_the_text_is_one_match(local_part):
    assert scrub(local_part * 50_000 + "@example.com") == "[REDACTED]"

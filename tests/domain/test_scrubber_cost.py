"""The scrubber's time grows with the text, not with its square, whatever an attacker writes.

Growth is measured, not time: a slow machine is slow at both lengths.
"""

import time
from collections.abc import Callable

import pytest

from app.domain.scrubber import scrub

LONG_CHARS = 200_000
LENGTHS = (12_500, 50_000, LONG_CHARS)  # rising, so that a quadratic search is caught while short
MOST_GROWTH = 9  # four times the text: linear is 4, quadratic 16
NEGLIGIBLE_SECONDS = 0.02  # below this the clock's grain decides; a quadratic search takes longer

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
    *("4", "4-", "4242 ", "4242424242424242 ", "4111111111111111", "4222222222222", "24\u0661-"),
]


def cpu_seconds(text: str, *, enough: float = 0) -> float:
    """The least of three runs; one that takes less than enough spares the others."""
    least = float("inf")
    for _ in range(3):
        began = time.process_time()
        scrub(text)
        least = min(least, time.process_time() - began)
        if least < enough:
            break
    return least


def filled(unit: str, chars: int) -> str:
    return (unit * chars)[:chars]


def grows_linearly(text_of: Callable[[int], str]) -> bool:
    seconds = cpu_seconds(text_of(LENGTHS[0]))
    for chars in LENGTHS[1:]:
        limit = max(MOST_GROWTH * seconds, NEGLIGIBLE_SECONDS)
        seconds = cpu_seconds(text_of(chars), enough=limit)
        if seconds >= limit:
            return False
    return True


@pytest.mark.parametrize("unit", REPEATED)
def test_a_repetition_costs_time_in_proportion(unit):
    assert grows_linearly(lambda chars: filled(unit, chars))


@pytest.mark.parametrize("unit", REPEATED)
@pytest.mark.parametrize("end", ["@b.co", '"@b.co'])
def test_a_match_that_a_repetition_leads_up_to_costs_time_in_proportion(unit, end):
    assert grows_linearly(lambda chars: filled(unit, chars) + end)


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

from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.domain.detectors.cards import card_spans
from app.domain.detectors.escapes import Reading
from tests.domain import personal_data
from tests.domain.personal_data import (
    ISSUED,
    cards,
    surroundings,
    usual_cards,
    with_check_digit,
)

LETTERS = st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=1)


def found_in(text: str) -> list[str]:
    return [text[start:end] for start, end in card_spans(Reading(text))]


def covered(text: str) -> set[int]:
    """As the scrubber looks: what reads as an escape may be a percent sign before a number."""
    reading = Reading(text)
    spans = reading.places(card_spans(reading))
    spans += card_spans(Reading(text, escapes=False))
    return {place for start, end in spans for place in range(start, end)}


def digits_in(text: str) -> set[int]:
    return {place for place, character in enumerate(text) if character.isdecimal()}


def without_edge_digits(text: str) -> str:
    """A digit that touches the card would make it another number."""
    while text[:1].isdecimal():
        text = text[1:]
    while text[-1:].isdecimal():
        text = text[:-1]
    return text


@given(surroundings.map(without_edge_digits), usual_cards, surroundings.map(without_edge_digits))
@example("2 ", "4111 1111 1111 1111", "")
@example("9" * 21 + " ", "4111111111111111", "")
@example("", "4111-1111-1111-1111", " 4242 4242")
def test_no_digit_of_a_card_is_left_out_whatever_is_around(before, card, after):
    assume(not before.endswith("+") or len(digits_in(card)) > 15)  # else it is a phone's
    digits = {len(before) + place for place in digits_in(card)}
    assert digits <= covered(before + card + after)


@given(LETTERS, cards, LETTERS)
def test_a_card_between_letters_is_found_from_its_first_digit_to_its_last(before, card, after):
    assert found_in(before + card + after) == [card]


@given(st.lists(personal_data.unbroken_cards, min_size=2, max_size=4), st.sampled_from(" -"))
def test_no_digit_of_cards_side_by_side_is_left_out(some_cards, separator):
    text = separator.join(some_cards)
    assert digits_in(text) <= covered(text)


@given(
    personal_data.numbers(lengths=(12, 18), first="0123456789"),
    st.integers(min_value=1, max_value=9),
)
def test_a_wrong_check_digit_makes_it_no_card(digits, error):
    assert found_in(with_check_digit(digits, error=error)) == []


@given(personal_data.numbers(lengths=(12, 18), first="0123456789").map(with_check_digit))
def test_a_number_that_no_issuer_gives_out_is_no_card(number):
    assume(not _is_issued(number))
    assert found_in(number) == []


def _is_issued(number: str) -> bool:
    if len(number) == 16 and ("2200" <= number[:4] <= "2204" or "2221" <= number[:4] <= "2720"):
        return True
    return number.startswith(ISSUED.get(len(number), ()))


@given(personal_data.grouped(personal_data.numbers(lengths=(1, 12), first="23456")))
def test_fewer_than_13_digits_are_no_card(number):
    assert found_in(number) == []


@pytest.mark.parametrize(
    "prefix, length",
    [(prefix, length) for length, prefixes in ISSUED.items() for prefix in prefixes],
)
def test_a_number_of_every_range_is_a_card(prefix, length):
    card = with_check_digit(prefix.ljust(length - 1, "7"))
    assert found_in(card) == [card]


@pytest.mark.parametrize(
    "card",
    [
        "4222222222222",  # Visa, the old 13 digits
        "36227206271667",  # Diners Club
        "378282246310005",  # American Express
        "3782 822463 10005",
        "2223003122003222",  # Mastercard's newer range
        "5555-5555-5555-4444",
        "6011 1111-1111 1117",  # Discover
        "6304000000000000000",  # Maestro, 19 digits
        "180012345678905",  # JCB, the old 15 digits
        "9792030000000000",  # Troy
        "8171999900000000",  # UnionPay
        "4111\u00a01111\u20111111\u20131111",  # as word processors put spaces and dashes
        "٤١١١ ١١١١ ١١١١ ١١١١",
    ],
)
def test_issuers_test_numbers_are_found(card):
    assert found_in(f"({card})") == [card]


@pytest.mark.parametrize(
    "text",
    [
        "4111  1111 1111 1111",
        "4111--1111-1111-1111",
        "4111.1111.1111.1111",
        "4111,1111,1111,1111",
        "4111/1111/1111/1111",
        "4111\n1111\n1111\n1111",
        "4111 1111 x 1111 1111",
    ],
)
def test_only_one_space_or_dash_may_stand_between_two_digits(text):
    assert found_in(text) == []


@pytest.mark.parametrize(
    "text, found",
    [
        ("4111111111111111 5500000000000004", ["4111111111111111", "5500000000000004"]),
        ("4111-1111-1111-1111-4242-4242-4242-4242", ["4111-1111-1111-1111", "4242-4242-4242-4242"]),
        ("4111 1111 1111 1111 3782 822463 10005", ["4111 1111 1111 1111", "3782 822463 10005"]),
        ("41111111111111115500000000000004", ["4111111111111111", "5500000000000004"]),
        (f"1234 5678 4111 1111 1111 1111 {'9' * 21} 1234", ["4111 1111 1111 1111"]),
        (f"1234 {'9' * 21} 4111 1111 1111 1111 1234 5678", ["4111 1111 1111 1111"]),
    ],
)
def test_cards_beside_other_digits_are_found_each_for_itself(text, found):
    assert found_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "qty 2 4111 1111 1111 1111",
        "4111 1111 1111 1111 12 27",
        "2026-05-07 4111 1111 1111 1111 123",
    ],
)
def test_other_numbers_beside_a_card_are_no_part_of_it(text):
    assert found_in(text) == ["4111 1111 1111 1111"]


def test_no_digit_of_two_cards_that_share_a_group_is_left_out():
    text = "40000009 52345678 10000005"  # the first 16 digits are a card, and so are the last
    assert digits_in(text) <= covered(text)


@pytest.mark.parametrize("text", ["\u06624111111111111111", "4111111111111111\u0662"])
def test_digits_of_another_script_are_another_number(text):
    assert found_in(text) == ["4111111111111111"]


@pytest.mark.parametrize(
    "text",
    [
        "94111111111111111",
        "41111111111111119",
        "99999999" + "4111111111111111",
        "4111111111111111" + "99999999",
        "99999999" + "4111111111111111" + "99999999",
    ],
)
def test_a_luhn_valid_stretch_inside_an_unbroken_number_is_no_card(text):
    assert found_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "GB51YYKQ38607342718630",  # the digits alone are a Diners Club card
        "ean 4813308852211",
        "EAN-13: 4813308852211",
        "barcode=4813308852211",
        "Strichcode 4813308852211 fehlt",
        "штрих-код: 4813308852211",
        "バーコード4813308852211",
        "EAN 4006381333931, 4813308852211 and 4813308852211"[:33],
        "ean 4006381333931 4813308852211",
    ],
)
def test_numbers_of_accounts_and_goods_are_no_cards(text):
    assert found_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "4813308852211",
        "scanned the barcode, paid with 4813308852211",
        "EAN 4006381333931 was sold to 4813308852211",
    ],
)
def test_without_its_name_a_number_of_goods_that_is_a_card_is_one(text):
    assert found_in(text) == ["4813308852211"]


@pytest.mark.parametrize("name", ["ean ", "Barcode: ", "код ", ""])
@given(unbroken=personal_data.unbroken_cards.filter(lambda digits: len(digits) != 13))
def test_whatever_it_is_called_a_number_of_another_length_is_a_card(name, unbroken):
    assert found_in(name + unbroken) == [unbroken]


hexadecimal = st.text("0123456789abcdef", min_size=32, max_size=32).filter(
    lambda text: sum(map(str.isalpha, text)) >= 3
)


@given(hexadecimal, st.sampled_from(["", "id ", "(", "key="]), st.booleans())
@example("4111111111111111" + "a" * 16, "", False)
@example("41111111111141118111" + "1" * 9 + "abc", "", True)
def test_digits_within_an_id_in_hexadecimal_are_no_card(digits, before, is_uuid):
    borders = [0, 8, 12, 16, 20, 32] if is_uuid else [0, 32]
    written = "-".join(digits[start:end] for start, end in pairwise(borders))
    assert found_in(f"{before}{written}, 4111111111111111") == ["4111111111111111"]


@pytest.mark.parametrize(
    "text",
    ["a4111111111111111a", "x" + "a" * 16 + "4" + "1" * 15],
)
def test_what_is_no_id_in_hexadecimal_may_hold_a_card(text):
    assert found_in(text) != []

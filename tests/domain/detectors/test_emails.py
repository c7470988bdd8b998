from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.domain.detectors.emails import email_spans
from app.domain.detectors.escapes import Reading
from tests.domain.personal_data import (
    addresses,
    quoted_addresses,
    surroundings,
    surroundings_behind_addresses,
)


def places(text: str) -> list[tuple[int, int]]:
    reading = Reading(text)
    return reading.places(email_spans(reading))


def found_in(text: str) -> list[str]:
    return [text[start:end] for start, end in places(text)]


def covered(text: str) -> set[int]:
    return {place for start, end in places(text) for place in range(start, end)}


@given(surroundings, addresses, surroundings_behind_addresses)
@example("_", "_a@b.co", "__")
@example("a@b.c", "d@e.fr", "")
def test_no_letter_of_a_local_part_is_left_out_whatever_is_around(before, address, after):
    assume("://" not in before + address)  # inside a URL, its own signs end a local part
    local_part = enumerate(address[: address.index("@")], start=len(before))
    letters = {place for place, character in local_part if character.isalnum()}
    assert letters <= covered(before + address + after)


@given(surroundings, quoted_addresses, surroundings_behind_addresses)
@example("\\", '"john doe"@example.com', "")
@example('"hi"\n\\', '"john doe"@example.com', "")
@example('say "hi" ', '"john doe"@example.com', "")
@example("", '"a\\"b@c.de"@example.com', "")
def test_a_quoted_local_part_is_found_whole_whatever_is_around(before, address, after):
    found = covered(before + address + after)
    assert found.issuperset(range(len(before), len(before) + len(address)))


@given(addresses)
def test_an_address_in_brackets_is_found_whole_without_them(address):
    assert found_in(f"({address})") == [address]


@pytest.mark.parametrize(
    "address",
    [
        "alice@example.com",
        "ALICE@EXAMPLE.COM",
        "a@b.co",
        "alice.b.smith@mail.example.co.uk",
        "alice+shop@example.com",
        "o'brien@example.com",
        "!#$%&'*+-/=?^_`{|}~@example.com",
        "alice@my-host.example.com",
        "alice@my_host.example.com",
        "alice@1und1.de",
        "alice@xn--bcher-kva.example",
        "alice@col\u00b7legi.cat",
        "用户@例え.jp",
        "josé@mañana.es",
        "δοκιμή@παράδειγμα.δοκιμή",
        "संपर्क@डाटामेल.भारत",
        '"john doe"@example.com',
        '"a@b"@example.com',
        '"\\"\\\\"@example.com',
        f"{'a' * 5000}@example.com",
    ],
)
def test_addresses_are_found_whole(address):
    assert found_in(f"Write to {address} today") == [address]


def test_an_apostrophe_as_phones_type_it_belongs_to_the_local_part():
    assert found_in("Write to o\u2019brien@example.com") == ["o\u2019brien@example.com"]


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.com.",
        "alice@example.com...",
        "(alice@example.com)",
        "<alice@example.com>",
        "mailto:alice@example.com?subject=Hello",
        "[alice@example.com](mailto)",
        '"alice@example.com"',
        "'alice@example.com'",
        "`alice@example.com`",
        "\u201calice@example.com\u201d",
        "\u2018alice@example.com\u2019",
        "\u00abalice@example.com\u00bb",
        "**alice@example.com**",
        "__alice@example.com__",
        "~~alice@example.com~~",
        "{alice@example.com}",
        "|alice@example.com|",
        "/alice@example.com/",
        "...alice@example.com",
        "alice@example.com, who wrote",
        "alice@example.com;",
        "alice@example.com:",
        "alice@example.com!",
        "alice@example.com\u2026",
        "alice@example.com\u3002",
        "alice@example.com--",
        "alice@example.com/inbox",
        "https://example.com/?email=alice@example.com&page=1",
        "https://example.com/users/alice@example.com",
        "phaniste://order/42?from=alice@example.com#top",
    ],
)
def test_what_stands_around_an_address_is_no_part_of_it(text):
    assert found_in(text) == ["alice@example.com"]


@pytest.mark.parametrize("after", ["\U0001f44d", "\u2764\ufe0f", "谢谢", "まで", "입니다"])
def test_an_emoji_or_a_script_without_spaces_after_an_address_is_no_part_of_it(after):
    assert found_in(f"alice@example.com{after}") == ["alice@example.com"]


@given(st.text('ab@./_"', max_size=20).filter(lambda text: '"@' not in text))
@example("a@b.co/c@d.org")
def test_no_address_begins_inside_the_one_before(text):
    assert all(end <= start for (_, end), (start, _) in pairwise(email_spans(Reading(text))))


def test_a_quoted_local_part_does_not_reach_back_over_a_line():
    assert found_in('She said "no\n"@example.com') == []


@pytest.mark.parametrize("separator", [" ", ",", ";", "\n", "<", " or "])
def test_two_addresses_side_by_side_are_two(separator):
    assert found_in(f"a@b.co{separator}c@d.org") == ["a@b.co", "c@d.org"]


@pytest.mark.parametrize(
    "text",
    [
        "@",
        "user@",
        "user@.",
        "@home",
        "@alice.bob",
        "user@localhost",
        "v1.2.3@main",
        "react@18.2.0",
        "react@18.2.0.",
        "@types/node@20.1.0",
        "node_modules/react@18.2.0/index.js",
        "user@192.168.0.1",
        "user@ example.com",
        "user @example.com",
        "user@.com",
        "user@example..com",
        "user@example.",
        "...@example.com",
        "user@@example.com",
        "alice at example.com",
    ],
)
def test_without_a_local_part_and_a_dotted_domain_it_is_no_address(text):
    assert found_in(text) == []


def test_a_percent_sign_that_is_no_escape_makes_no_link_of_what_follows():
    assert found_in("%41% a/jo@b.co") == ["a/jo@b.co"]

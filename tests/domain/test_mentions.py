"""What names an address, and what only looks like it."""

import unicodedata

import pytest

from app.domain.mentions import AddressMatcher

JO = AddressMatcher("Jo@Example.com")


@pytest.mark.parametrize(
    "text",
    [
        "jo@example.com",
        "JO@EXAMPLE.COM",
        "Jo <jo@example.com>",
        "mailto:jo@example.com?subject=x",
        "write to jo@example.com.",
        "(jo@example.com)",
        "'jo@example.com'",
        "https://app.example/users/jo@example.com/edit",
        "https://app.example/?email=jo@example.com&tab=1",
        "https://app.example/?email=jo%40example.com",
        "https://app.example/?email=Jo%40Example.com#top",
        "https://app.example/?to=%3Cjo%40example.com%3E",
        "myapp://u?q=%20jo@example.com",
        "ann@b.example,jo@example.com,cy@d.example",
        "xjo@example.com and jo@example.com",
    ],
)
def test_an_address_is_named_however_it_is_typed(text):
    assert JO.is_named_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jo",
        "jo at example.com",
        "mojo@example.com",
        "mo.jo@example.com",
        "mo-jo@example.com",
        "mo_jo@example.com",
        "mo+jo@example.com",
        "o'jo@example.com",
        "\u00e9jo@example.com",
        "jo@example.com.au",
        "jo@example.community",
        "jo@example.com-pany.example",
        "jo+tag@example.com",
        "https://app.example/?email=mo%2Bjo%40example.com",
        "https://app.example/?email=mo%2Ejo%40example.com",
    ],
)
def test_another_address_is_not_named(text):
    assert not JO.is_named_in(text)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("j\u00f6rg@b\u00fccher.example", "J\u00d6RG@B\u00dcCHER.example"),
        ("j\u00f6rg@example.com", unicodedata.normalize("NFD", "J\u00f6rg@example.com")),
        (unicodedata.normalize("NFD", "j\u00f6rg@example.com"), "J\u00d6RG@example.com"),
        ("j\u00f6rg@example.com", "x?e=j%C3%B6rg%40example.com"),
        ("\u7528\u6237@\u4f8b\u5b50.example", "\u7528\u6237@\u4f8b\u5b50.example"),
        ("user@localhost", "user@localhost"),
        ('"jo hn"@example.com', '<"Jo Hn"@example.com>'),
        ("jo@[192.0.2.1]", "jo@[192.0.2.1]"),
        ("a.*b@example.com", "a.*b@example.com"),
        ("\u0130nfo@example.com", "\u0130NFO@example.com"),
    ],
)
def test_international_and_odd_addresses_are_found(address, text):
    matcher = AddressMatcher(address)
    assert matcher.is_named_in(text)
    for run in matcher.plain_runs:  # as a database that knows A to Z only would look
        assert run in "".join(c.lower() if c.isascii() else c for c in text)


def test_an_address_is_no_pattern():
    assert not AddressMatcher("a.*b@example.com").is_named_in("a.xxb@example.com")


def test_a_databases_first_look_takes_the_longest_run_of_each_side():
    assert AddressMatcher("a.smith-42@mail.example.com").plain_runs == ["smith", "example"]


def test_an_address_without_a_plain_letter_is_looked_for_everywhere():
    assert AddressMatcher("\u7528\u6237@\u4f8b\u5b50").plain_runs == []


NESTED = {"a": ["x", {"b": "to jo@example.com"}], "n": 1, "none": None}


def test_an_address_is_found_at_any_depth():
    assert JO.is_named_in(NESTED)
    assert JO.is_named_in({"jo@example.com": 1})
    assert not JO.is_named_in({"a": ["x", {"b": "to mojo@example.com"}], "n": 1})
    assert not JO.is_named_in(None)
    assert not JO.is_named_in(42)


def test_hiding_replaces_the_texts_that_name_it_and_nothing_else():
    assert JO.hide_in(NESTED) == {"a": ["x", {"b": "[REDACTED]"}], "n": 1, "none": None}
    assert JO.hide_in({"jo@example.com": 1}) == {"[REDACTED]": 1}
    assert JO.hide_in("mojo@example.com") == "mojo@example.com"
    assert not JO.is_named_in(JO.hide_in(NESTED))


@pytest.mark.parametrize(
    "name",
    ["1.4.2+jo@example.com", "jo@example.com-2", "com.jo@example.com.app", "v_jo@example.com_x"],
)
def test_a_build_is_named_after_an_address_between_any_separators(name):
    assert AddressMatcher("jo@example.com", in_names=True).is_named_in(name)
    assert not JO.is_named_in(name)


@pytest.mark.parametrize(
    "name", ["1.4.2+mojo@example.com", "jo@example.community", "7jo@example.com"]
)
def test_a_build_is_not_named_after_a_part_of_an_address(name):
    assert not AddressMatcher("jo@example.com", in_names=True).is_named_in(name)

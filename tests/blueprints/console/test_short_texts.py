"""Texts are cut to what a page has room for."""

import pytest

from app.blueprints.console.short_texts import byte_size, short


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("ten chars.", "ten chars."),
        ("eleven char", "eleven cha…"),
        ("nine char and", "nine char…"),
        ("пять шестьь", "пять шесть…"),  # two bytes a letter are not cut by size
        ("漢" * 10, "漢" * 6 + "…"),
        ('"' * 10, '"' * 4 + "…"),
        ("😀" * 10, "😀" * 5 + "…"),
    ],
)
def test_short_text_has_so_many_characters_and_twice_the_bytes_at_most(text, shown):
    assert short(text, 10) == shown


def test_size_is_that_of_the_text_as_html():
    assert byte_size("a<ü") == 1 + len("&lt;") + 2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import bare, is_storable, trimmed


@pytest.mark.parametrize(
    "text",
    [
        "word",
        " word ",
        "\t\r\nword\n",
        "\u00a0word\u3000",
        "\u200bword\ufeff",
        "\u2060\u200eword \n",
    ],
)
def test_what_shows_nothing_at_the_ends_is_trimmed(text):
    assert trimmed(text) == "word"


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\t", "\u00a0", "\u200b", "\ufeff \u2028\u2029"]
    + ["\u3164", "\u2800", "\u200f\u200f", "\u00ad", "\u202e", " \u200d\ufe0f", "\u2067 \u2069"],
    ids=ascii,
)
def test_text_that_shows_nothing_is_empty(text):
    assert trimmed(text) == ""


@pytest.mark.parametrize(
    "text",
    ["\u2764\ufe0f", "\U0001f469\u200d\U0001f467", "a\u00adb", "\u2067a\u2069", "\u0301"],
    ids=ascii,
)
def test_what_shows_something_keeps_the_marks_around_it(text):
    assert trimmed(text) == text


@pytest.mark.parametrize(
    "text",
    ["jo@x.co", "\u202ajo@x.co\u202c", "\u2066jo@x.co\u2069", "\u200fjo@x.co", " \u00adjo@x.co "],
    ids=ascii,
)
def test_bare_text_has_nothing_invisible_around_it(text):
    assert bare(text) == "jo@x.co"


@pytest.mark.parametrize(
    "text", ["two  words", "a\nb", "a\u200bb", "\U0001f468\u200d\U0001f469", "."]
)
def test_what_stands_inside_stays(text):
    assert trimmed(text) == text


@given(st.text())
def test_whatever_python_strips_is_trimmed(text):
    assert trimmed(text) == trimmed(text).strip()


@given(st.text() | st.text(" \n\u200b\ufeffa"))
def test_trimming_twice_changes_nothing(text):
    assert trimmed(trimmed(text)) == trimmed(text)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udfffb", "\udc00\ud800"])
def test_nul_characters_and_lone_surrogates_cannot_be_stored(text):
    assert not is_storable(text)


@pytest.mark.parametrize(
    "text", ["", "word", "\x01\x7f", "日本", "\U0001f600", "\ufffd\uffff\U0010ffff"]
)
def test_all_other_text_can_be_stored(text):
    assert is_storable(text)


@given(st.text(st.characters(categories=None)).filter(is_storable))
def test_storable_text_comes_back_from_utf_8(text):
    assert text.encode().decode() == text

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import bare, bare_name, is_storable, trimmed
from tests.invisible import FILLERS, INVISIBLE


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


invisible = st.text(st.sampled_from(INVISIBLE))


@pytest.mark.parametrize("trim", [trimmed, bare, bare_name])
def test_each_character_that_shows_nothing_is_empty(trim):
    assert [character for character in INVISIBLE if trim(character)] == []


@given(invisible, st.sampled_from([trimmed, bare, bare_name]))
def test_whatever_shows_nothing_together_is_empty(text, trim):
    assert trim(text) == ""


@given(
    invisible, st.sampled_from(["jo@x.co", "com.acme.app", "1.4.2+7", "Ж", "版", "é"]), invisible
)
def test_an_address_comes_out_of_whatever_is_around_it(before, address, after):
    assert bare(before + address + after) == address


@given(
    invisible,
    st.sampled_from(["com.acme.app", "1.4.2+7", "a b", "Ж-1", "版 2"]),
    st.text(st.sampled_from(INVISIBLE)),
)
def test_a_name_comes_out_of_whatever_is_around_it(before, name, after):
    assert bare_name(before + name + after) == name


@pytest.mark.parametrize(
    "name",
    [
        "v1 \u2764\ufe0f",
        "\U0001f3f4\U000e0067\U000e0062\U000e007f",
        "葛\U000e0100",
        "1\ufe0f\u20e3",
    ],
    ids=ascii,
)
def test_a_name_keeps_what_its_last_sign_looks_like(name):
    assert bare_name(f"\u202a{name}\u202c") == name


@given(st.text() | st.text(st.sampled_from(["a", "\u2764", "\ufe0f", "\u202c", "\U000e0020"])))
def test_a_name_is_the_same_when_it_is_read_again(text):
    assert bare_name(bare_name(text)) == bare_name(text)


@given(st.text(st.characters(min_codepoint=0x21, categories=("L", "N", "P", "S")), min_size=1))
def test_what_is_seen_stays(text):
    seen = not {*map(ord, text)} & FILLERS
    assert not seen or trimmed(text) == bare(text) == bare_name(text) == text


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

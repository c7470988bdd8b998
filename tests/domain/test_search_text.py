"""Folding finds what is part of a text, in either case, and nothing across two texts."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.search_text import folded, search_text, words_of

TEXTS = st.text(max_size=12)


@given(TEXTS, TEXTS, TEXTS)
@example("ΟΔ", "ΟΣ", "Α")
def test_part_of_a_text_is_part_of_the_folded_text(before, part, after):
    assert folded(part) in folded(before + part + after)


@given(TEXTS)
def test_cases_of_a_text_are_folded_alike(text):
    assert folded(text.lower()) == folded(text) == folded(folded(text))


def test_nothing_without_a_line_break_is_found_across_two_texts():
    text = search_text(["It crashes", "Bob", None, "app://cart"])
    assert "crashesbob" not in text
    assert "bobapp" not in text
    assert text.split("\n") == ["it crashes", "bob", "app://cart"]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("I can’t log in", "can't"),
        ("I can't log in", "can’t"),
        ("re\u0301sume\u0301 lost", "résumé"),
        ("résumé lost", "resume"),
        ("İzmir bozuk", "izmir"),
        ("KAPI bozuk", "kapı"),
        ("ＷＩＦＩ gone", "wifi"),
        ("check\u00adout broken", "checkout"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("the ﬁle is gone", "file"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("Łódź", "lodz"),
        ("הַשָּׁלוֹם", "השלום"),
        ("كِتَاب", "كتاب"),
        ("각주", "각주"),
        ("non\u00a0breaking  blanks", '"breaking blanks"'),
        ("menu is\ngone", '"is gone"'),
        ("menu is gone", "“menu is”"),
        ("menu is gone", "gone menu"),
        ("menu is gone", '"menu is'),
        ("wait…", "wait..."),
        ("2‑3 minutes", "2-3"),
    ],
)
def test_search_finds_what_one_sees(text, typed):
    assert all(folded(word) in folded(text) for word in words_of(typed))


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("menu is gone", '"menu gone"'),
        ("menu is gone", '"is menu"'),
        ("か", "が"),
        ("कि", "की"),
    ],
)
def test_search_finds_nothing_else(text, typed):
    assert not all(folded(word) in folded(text) for word in words_of(typed))


@pytest.mark.parametrize("typed", ["", " ", '""', '" "', "\u00ad", '"'])
def test_nothing_that_is_seen_is_no_word(typed):
    assert words_of(typed) == ()


@pytest.mark.parametrize("quotes", ['""', "“”", "„“", "«»", "»«", "「」", "『』", "＂＂", '"'])
@given(st.from_regex(r"\A[a-z]{1,5}( [a-z]{1,5}){0,3}\Z"))
def test_phrase_in_quotes_of_any_shape_is_one_word(quotes, phrase):
    assert words_of(f"{quotes[0]}{phrase}{quotes[1:]}") == (phrase,)


@given(st.lists(st.from_regex(r"\A[^\s\"“”„‟«»「」『』＂]+\Z")))
def test_words_without_quotes_are_those_between_blanks(words):
    assert words_of(" ".join(words)) == tuple(word for word in words if folded(word))

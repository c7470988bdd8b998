"""Folding finds what is part of a text, in either case, and nothing across two texts."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.search_text import folded, search_text

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

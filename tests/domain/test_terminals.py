"""What was typed by others is shown on a terminal, and never run there."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import for_terminals, in_one_line

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\u2028\r\b"
BIDI_AND_LINES = set(
    "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def is_run(character: str) -> bool:
    return unicodedata.category(character) == "Cc" or character in BIDI_AND_LINES


@given(st.text() | st.text(HOSTILE))
def test_nothing_that_a_terminal_runs_is_left(text):
    assert not any(map(is_run, in_one_line(text)))
    assert not any(is_run(character) for character in for_terminals(text) if character != "\n")


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Zl", "Zp"))))
def test_what_people_read_stays(text):
    assert in_one_line(text) == text
    assert for_terminals(text) == text


def test_lines_stay_lines_where_there_may_be_several():
    assert for_terminals("one\ntwo") == "one\ntwo"
    assert in_one_line("one\ntwo") == "one\\u000atwo"


@given(st.text(HOSTILE + "ab"))
def test_json_stays_json(text):
    written = json.dumps({"name": text}, ensure_ascii=False)
    assert json.loads(for_terminals(written)) == {"name": text}


@pytest.mark.parametrize("text", ["e\u0301", "👩\u200d👩\u200d👧", "❤\ufe0f", "שלום", "नमस्ते"])
def test_words_of_all_scripts_and_joined_emoji_stay(text):
    assert in_one_line(text) == text

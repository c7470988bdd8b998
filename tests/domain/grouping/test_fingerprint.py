"""Two throws of one bug are one issue, two bugs are two: tables in stack_traces.py, two_bugs.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.grouping.fingerprint import grounds
from app.domain.grouping.message_words import message_words as normalised
from tests.domain.grouping.stack_traces import ONE_BUG, Throw
from tests.domain.grouping.two_bugs import TWO_BUGS


def of(throw):
    return grounds(throw.type, stack=throw.stack, message=throw.message).digest()


@pytest.mark.parametrize(("one", "other"), ONE_BUG.values(), ids=ONE_BUG)
def test_two_throws_of_one_bug_are_one_issue(one, other):
    assert of(one) == of(other)


@pytest.mark.parametrize(("one", "other"), TWO_BUGS.values(), ids=TWO_BUGS)
def test_two_bugs_are_two_issues(one, other):
    assert of(one) != of(other)


@pytest.mark.parametrize("throw", [pair[0] for pair in ONE_BUG.values()], ids=ONE_BUG)
def test_another_exception_type_is_another_issue(throw):
    assert of(throw) != of(Throw(throw.text, message=throw.message, type="AnotherError"))


def test_no_two_rows_of_the_table_are_one_issue():
    """Unlike bugs of all languages, so a pattern that reads too much into a frame shows here."""
    assert len({of(pair[0]) for pair in ONE_BUG.values()}) == len(ONE_BUG)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Invalid string length 536870888", "Invalid string length <id>"),
        ("took 1,234.5 ms, 3 of 4", "took <id> of <id>"),
        ("user 123e4567-e89b-12d3-a456-426614174000 is gone", "user <id> is gone"),
        ("user 123E4567-E89B-12D3-A456-426614174000 is gone", "user <id> is gone"),
        ("at 0x7ffee4c0 and 0XABCDEF", "at <id> and <id>"),
        ("object 507f1f77bcf86cd799439011 is locked", "object <id> is locked"),
        ("two\n  lines\tand   spaces ", "two lines and spaces"),
        ("the facade was defaced", "the facade was defaced"),
        ("", ""),
    ],
)
def test_normalised_text_has_no_numbers_and_no_ids(text, expected):
    assert normalised(text) == expected


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=8), st.none() | st.text())
def test_any_stack_has_a_fingerprint_of_32_bytes(exception_type, stack, message):
    assert len(grounds(exception_type, stack=stack, message=message).digest()) == 32


@given(st.lists(st.sampled_from([" at ", "@", "(", ")", ":1", "#0 ", "a", "/", "$1", "<"])))
def test_what_almost_looks_like_a_frame_does_no_harm(pieces):
    line = "".join(pieces)
    assert grounds("Error", stack=[line], message=None).digest()

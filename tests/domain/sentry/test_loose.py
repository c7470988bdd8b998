"""Whatever JSON has in place of a text, a number or a list: something usable, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry.loose import mapping, mappings, number, paired, said, text, values
from app.domain.text import is_storable

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(value=anything)
def test_nothing_in_json_is_a_surprise(value):
    assert text(value) is None or is_storable(text(value))
    assert number(value) is None or isinstance(number(value), float)
    assert all(isinstance(name, str) for name in mapping(value))
    assert isinstance(values(value), list)
    assert all(isinstance(each, dict) for each in mappings(value))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("  pro \n", "pro"),
        ("\ud83d", "\ufffd"),
        ("a\0b", "a\ufffdb"),
        ("\u200b", None),
        (7, "7"),
        (1.5, "1.5"),
        (True, None),
        (float("nan"), None),
        (10**400, None),
    ],
)
def test_text_is_what_can_be_stored_and_seen(value, told):
    assert text(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [("5.5", 5.5), (" 7 ", 7), ("1e999", None), ("x", None), (10**400, None), (False, None)],
)
def test_numbers_may_be_texts(value, told):
    assert number(value) == told


def test_pairs_are_an_object():
    assert mapping([["a", "b"], ["c"], "de", [7, "x"], ["n", None], [None, 1]]) == {
        "a": "b",
        "7": "x",
        "n": None,
    }


@pytest.mark.parametrize("value", [7, "x", None, ["a", "b"], [{"a": 1}]])
def test_what_is_no_object_stays_for_whoever_counts_it(value):
    assert paired(value) == value
    assert mapping(value) == {}


@pytest.mark.parametrize("value", [[None, {"a": 1}], {"values": [None, {"a": 1}]}])
def test_lists_are_bare_or_below_values_and_may_have_nulls(value):
    assert mappings(value) == [{"a": 1}]


@pytest.mark.parametrize(
    ("value", "told"),
    [("hello", "hello"), ({"code": 7}, '{"code": 7}'), ([1], "[1]"), (False, "false"), (7, "7")],
)
def test_whatever_was_thrown_is_said_as_text(value, told):
    assert said(value) == told


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_nothing_is_said_by_what_is_empty(value):
    assert said(value) is None

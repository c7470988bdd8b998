"""How many parts a body may have: exact at the bound, and blind to what stands in its texts."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.json_bounds import (
    MOST_PARTS,
    QUICK_MAX_BYTES,
    CostlyJson,
    outside_of_texts,
    refuse_costly,
)

SIGNS = '"\\,[]{}:0a\n\u00e9\U0001f605'
texts = st.text(st.sampled_from(SIGNS), max_size=8)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def without_texts(value):
    if isinstance(value, str):
        return ""
    if isinstance(value, list):
        return [without_texts(item) for item in value]
    if isinstance(value, dict):
        return {number: without_texts(item) for number, item in enumerate(value.values())}
    return value


def signs(written):
    return [sign for sign in written if sign in ",[]{}"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values, st.booleans())
def test_signs_in_texts_are_told_from_those_between_them(value, is_ascii):
    written = json.dumps(value, ensure_ascii=is_ascii)
    assert signs(outside_of_texts(written.encode()).decode()) == signs(
        json.dumps(without_texts(value))
    )


@pytest.mark.parametrize("text", ['"', '"[', '"\\', '"\\"', '"\\",[', '"a\\\\\\"[,'])
def test_a_text_that_does_not_end_goes_to_the_end(text):
    assert outside_of_texts(f"[{text}".encode()) == b"["


def of_parts(count, filler=""):
    """A list of zeros, which has as many parts as zeros, and a text that makes it large."""
    return json.dumps([0] * (count - 2) + [filler + "x" * QUICK_MAX_BYTES]).encode()


@pytest.mark.parametrize("filler", ["", ',"[{:\\' * 20_000])
def test_so_many_parts_are_read_and_one_more_is_refused(filler):
    refuse_costly(of_parts(MOST_PARTS + 1, filler))
    with pytest.raises(CostlyJson, match="lists, objects and values"):
        refuse_costly(of_parts(MOST_PARTS + 2, filler))


@pytest.mark.parametrize("part", ["[],", "{},", "0,", '"",', '"a",', '"a":0,', '"\\"",', '"'])
def test_whatever_the_parts_are_they_are_counted(part):
    with pytest.raises(CostlyJson, match="lists, objects and values"):
        refuse_costly(f"[{part * (4 * MOST_PARTS + 10)}0]".encode())


@pytest.mark.parametrize("unit", ["a", ",", "[", "{", '\\"', "\\\\", "\\n", "\\u0041", "0"])
def test_one_text_may_be_full_of_anything(unit):
    refuse_costly(f'{{"log": "{unit * 1_000_000}"}}'.encode())


def test_a_short_body_may_have_as_many_parts_as_fit():
    refuse_costly(b"[]" * (QUICK_MAX_BYTES // 2))

"""How many parts a body may have: exact at the bound, and blind to what stands in its texts."""

import json
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain import json_bounds
from app.domain.json_bounds import (
    MOST_PARTS,
    QUICK_MAX_BYTES,
    CostlyJson,
    JsonBudget,
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


pieces = st.lists(values.map(lambda value: json.dumps(value).encode()), min_size=1, max_size=6)


def parts_and_digits(text):
    outside = outside_of_texts(text)
    return sum(map(outside.count, (b",", b"[", b"{"))), sum(map(outside.count, b"0123456789"))


@given(pieces)
def test_pieces_may_have_together_what_is_in_them(body):
    parts, digits = map(sum, zip(*(parts_and_digits(piece) for piece in body), strict=True))
    with patched_few(0):
        budget = JsonBudget(most_parts=parts, most_digits=digits)
        for piece in body:
            budget.spend(piece)
        for one_less in ({"most_parts": parts - 1}, {"most_digits": digits - 1}):
            budget = JsonBudget(**{"most_parts": parts, "most_digits": digits, **one_less})
            with pytest.raises(CostlyJson):
                for piece in [*body, b"[1,2]"]:
                    budget.spend(piece)


def test_signs_in_long_texts_count_for_nothing_in_a_budget():
    budget = JsonBudget(most_parts=3, most_digits=3)
    for _ in range(2):
        budget.spend(json.dumps("," * 10_000 + "1" * 10_000).encode())
    budget.spend(b"[1,2]")


def test_what_is_too_much_for_a_budget_spends_nothing_of_it():
    budget = JsonBudget(most_parts=3)
    with pytest.raises(CostlyJson):
        budget.spend(b"[1,2,3,4]")
    budget.spend(b"[1,2,3]")


@contextmanager
def patched_few(few):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_bounds, "_FEW", few)
        yield

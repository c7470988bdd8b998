"""What an event carries is scrubbed and bounded; what was cut is counted and costs no more."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain import event_content
from app.domain.event_content import EventCleaner
from app.domain.field_limits import (
    BREADCRUMBS_MAX_COUNT,
    EVENT_TEXT_MAX_BYTES,
    LABEL_MAX_CHARS,
    NESTED_MAX_DEPTH,
    NESTED_MAX_ITEMS,
    NESTED_STRING_MAX_CHARS,
    STACK_LINE_MAX_CHARS,
    STACK_MAX_LINES,
)
from app.domain.text import is_storable, trimmed

ADDRESS = "jo.doe@example.org"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl"
CARD = "4111 1111 1111 1111"


@pytest.fixture
def cleaner():
    return EventCleaner()


class TestText:
    def test_short_clean_text_stays(self, cleaner):
        assert cleaner.text("Pay button", max_chars=10) == "Pay button"
        assert cleaner.cut == {}

    def test_long_text_is_cut_and_counted(self, cleaner):
        assert cleaner.text("x" * 11, max_chars=10) == "x" * 10
        assert cleaner.cut == {"strings": 1}

    @pytest.mark.parametrize("secret", [ADDRESS, JWT, CARD])
    @pytest.mark.parametrize("kept_of_it", range(1, 15))
    def test_cut_saves_no_part_of_a_secret(self, cleaner, secret, kept_of_it):
        text = cleaner.text("x " + secret, max_chars=2 + kept_of_it)
        assert text == "x " + "[REDACTED]"[:kept_of_it]

    def test_length_is_that_of_the_scrubbed_text(self, cleaner):
        assert cleaner.text(f"I am {ADDRESS}", max_chars=15) == "I am [REDACTED]"
        assert cleaner.cut == {}

    @pytest.mark.parametrize("bad", ["\x00", "\ud83d", "\ude00"])
    def test_what_no_store_can_hold_is_replaced_and_counted(self, cleaner, bad):
        assert cleaner.text(f"a{bad}b", max_chars=9) == "a\ufffdb"
        assert cleaner.cut == {"unstorable": 1}

    @pytest.mark.parametrize(
        "secret", [ADDRESS, JWT, CARD, "jo%40example.org", "4111%201111 11111111"]
    )
    def test_of_very_many_texts_with_secrets_none_is_left(self, cleaner, secret):
        texts = [cleaner.text(f"{n} is {secret}, then", max_chars=100) for n in range(2000)]
        assert texts[0] == "0 is [REDACTED], then"
        assert {text.partition(" ")[2] for text in texts} <= {"is [REDACTED], then"} | {""}
        assert cleaner.cut["swept"] > 0

    def test_many_texts_without_personal_data_stay(self, cleaner):
        texts = [f"GET /users/{n}?q=a%20b 200" for n in range(3000)]
        assert [cleaner.text(text, max_chars=100) for text in texts] == texts
        assert cleaner.cut == {}

    def test_a_stack_is_looked_at_closely_whatever_came_before(self, cleaner):
        for n in range(2000):
            cleaner.text(f"{n} {ADDRESS}", max_chars=40)
        line = "value@index.android.bundle:12:1917"
        assert cleaner.stack([line]) == [line]

    def test_emoji_are_whole_characters(self, cleaner):
        assert cleaner.text("😅" * 3, max_chars=2) == "😅😅"

    def test_texts_of_which_nothing_fits_are_not_looked_at(self, cleaner):
        cleaner.text("x" * (EVENT_TEXT_MAX_BYTES - 1), max_chars=EVENT_TEXT_MAX_BYTES)
        assert cleaner.text(f"\U0001f605 {CARD}", max_chars=100) == ""
        assert cleaner.text(CARD, max_chars=100) == ""
        assert cleaner.redacted == {"card": 1}


class TestStack:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            (["at a", "at b"], ["at a", "at b"]),
            ("at a\nat b", ["at a", "at b"]),
            ("at a\r\nat b\n", ["at a", "at b"]),
            ([], []),
            ("", []),
            (None, []),
        ],
    )
    def test_array_string_and_null_become_lines(self, cleaner, sent, kept):
        assert cleaner.stack(sent) == kept
        assert cleaner.cut == {}

    @pytest.mark.parametrize("sent", [5, True, 1.5, {}, {"frames": ["at a"]}])
    def test_stack_of_another_type_is_left_out_and_counted(self, cleaner, sent):
        assert cleaner.stack(sent) == []
        assert cleaner.cut == {"dropped": 1}

    def test_lines_of_another_type_are_left_out_and_counted(self, cleaner):
        assert cleaner.stack(["at a", 5, None, {"line": 1}, "at b"]) == ["at a", "at b"]
        assert cleaner.cut == {"dropped": 3}

    def test_top_lines_are_kept_and_the_others_counted(self, cleaner):
        lines = [f"at f{n}" for n in range(STACK_MAX_LINES + 3)]
        assert cleaner.stack(lines) == lines[:STACK_MAX_LINES]
        assert cleaner.cut == {"stack_lines": 3}

    def test_each_line_is_scrubbed_and_cut(self, cleaner):
        stack = cleaner.stack([f"send({ADDRESS})", "x" * (STACK_LINE_MAX_CHARS + 1)])
        assert stack == ["send([REDACTED])", "x" * STACK_LINE_MAX_CHARS]


class TestBreadcrumbs:
    def test_newest_50_are_kept_and_the_others_counted(self, cleaner):
        crumbs = [{"message": f"Step {n}"} for n in range(BREADCRUMBS_MAX_COUNT + 150)]
        assert cleaner.breadcrumbs(crumbs) == crumbs[-BREADCRUMBS_MAX_COUNT:]
        assert cleaner.cut == {"breadcrumbs": 150}

    def test_none_are_no_breadcrumbs(self, cleaner):
        assert cleaner.breadcrumbs(None) == cleaner.breadcrumbs([]) == []
        assert cleaner.cut == {}

    @pytest.mark.parametrize("sent", ["x", 5, {"message": "x"}])
    def test_what_is_no_list_is_left_out_and_counted(self, cleaner, sent):
        assert cleaner.breadcrumbs(sent) == []
        assert cleaner.cut == {"dropped": 1}

    def test_breadcrumb_of_any_type_stays(self, cleaner):
        assert cleaner.breadcrumbs(["tap", 5, None, ["a"]]) == ["tap", 5, None, ["a"]]

    def test_keys_and_values_are_scrubbed_however_deep(self, cleaner):
        (crumb,) = cleaner.breadcrumbs([{"data": {ADDRESS: [{"card": CARD}, JWT]}}])
        assert crumb == {"data": {"[REDACTED]": [{"card": "[REDACTED]"}, "[REDACTED]"]}}

    def test_newest_survive_when_there_is_too_much_in_all_of_them(self, cleaner):
        wide = [{f"key{n}": number for n in range(30)} for number in range(50)]
        assert cleaner.breadcrumbs(wide)[-1] == wide[-1]


class TestMapping:
    @pytest.mark.parametrize("empty", [None, {}, []])
    def test_php_may_send_an_empty_list(self, cleaner, empty):
        assert cleaner.mapping(empty) == {}
        assert cleaner.cut == {}

    @pytest.mark.parametrize("sent", ["x", 5, True, ["x"], [[]]])
    def test_what_is_no_object_is_left_out_and_counted(self, cleaner, sent):
        assert cleaner.mapping(sent) == {}
        assert cleaner.cut == {"dropped": 1}

    def test_values_of_every_type_stay(self, cleaner):
        values = {"a": 1, "b": 1.5, "c": True, "d": None, "e": [1], "f": {"g": "h"}, "": ""}
        assert cleaner.mapping(values) == values
        assert cleaner.cut == {}

    @pytest.mark.parametrize(
        ("number", "kept"),
        [
            (2**63 - 1, 2**63 - 1),
            (-(2**63 - 1), -(2**63 - 1)),
            (2**63, "9223372036854775808"),
            (-(10**30), "-1" + "0" * 30),
            (4111111111111111, "[REDACTED]"),
            (4111111111111111.0, "[REDACTED]"),
            (4.111111111111111e15, "[REDACTED]"),
            (4111111111111112.0, 4111111111111112.0),
            (1e300, 1e300),
            (1764500000000.0, 1764500000000.0),
            (math.inf, "inf"),
            (-math.inf, "-inf"),
        ],
    )
    def test_numbers_that_are_cards_or_that_no_column_holds_become_text(
        self, cleaner, number, kept
    ):
        assert cleaner.mapping({"n": number}) == {"n": kept}

    def test_long_strings_are_cut_and_counted(self, cleaner):
        long = "x" * (NESTED_STRING_MAX_CHARS + 1)
        assert cleaner.mapping({long: long}) == {long[:-1]: long[:-1]}
        assert cleaner.cut == {"strings": 2}

    def test_what_is_too_deep_is_named_and_counted(self, cleaner):
        value = {"leaf": 1}
        for _ in range(20):
            value = {"in": value}
        kept = cleaner.mapping(value)
        for _ in range(NESTED_MAX_DEPTH):
            kept = kept["in"]
        assert kept == "[too deep]"
        assert cleaner.cut == {"depth": 1}

    def test_items_beyond_the_budget_are_left_out_and_counted(self, cleaner):
        values = {f"key{n}": n for n in range(NESTED_MAX_ITEMS + 5)}
        assert len(cleaner.mapping(values)) == NESTED_MAX_ITEMS
        assert cleaner.cut == {"items": 5}

    def test_budget_is_one_for_all_parts_of_an_event(self, cleaner):
        cleaner.mapping({f"key{n}": n for n in range(NESTED_MAX_ITEMS - 1)})
        assert cleaner.mapping({"one": 1, "more": 2}) == {"one": 1}


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False)
    | st.text(st.characters(categories=["Cs", "Cc", "L", "P"]), max_size=20),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=60,
)


def depth_of(value):
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(anything)
def test_whatever_came_is_storable_shallow_json_in_the_end(value):
    kept = EventCleaner().mapping({"value": value})
    text = json.dumps(kept, allow_nan=False, ensure_ascii=False)
    assert is_storable(text)
    assert depth_of(kept) <= NESTED_MAX_DEPTH


@given(anything)
def test_what_was_cleaned_is_not_changed_by_cleaning_it_again(value):
    kept = EventCleaner().mapping({"value": value})
    again = EventCleaner()
    assert again.mapping(kept) == kept
    assert again.cut == {}


@given(st.text(st.sampled_from("\u00ad\u200b\u202ea1 "), max_size=2 * LABEL_MAX_CHARS))
@example("\u00ad" * (LABEL_MAX_CHARS + 50) + "a")
def test_a_label_is_something_that_is_seen_or_nothing(text):
    label = EventCleaner().label(text)
    assert label is None or (trimmed(label) == label != "" and len(label) <= LABEL_MAX_CHARS)


texts_of_all_kinds = st.text(max_size=50) | st.text(
    st.sampled_from("ab \x00\ud800\u00fc@.4111eyJ%0140"), max_size=400
)


@given(st.lists(texts_of_all_kinds, max_size=6), st.integers(0, 40), st.integers(0, 300))
def test_a_plain_text_is_cleaned_as_by_the_slow_way(texts, max_chars, bytes_left):
    def cleaned():
        cleaner = EventCleaner()
        cleaner._bytes_left = bytes_left
        kept = [cleaner.text(text, max_chars=max_chars) for text in texts]
        return kept, cleaner.cut, cleaner.redacted, cleaner._bytes_left

    quickly = cleaned()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_content, "is_plain", lambda _: False)
        assert quickly == cleaned()

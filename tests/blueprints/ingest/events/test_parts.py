"""POST /ingest: the parts into which an app may put anything (contract section 3.4)."""

import json

import pytest


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["at a", "at b"], ["at a", "at b"]),
        ("at a\nat b", ["at a", "at b"]),
        (None, []),
        ([], []),
        (5, []),
        ({"frames": []}, []),
        (["at a", {"line": 1}, None], ["at a"]),
    ],
)
def test_stack_of_any_form_is_taken(stored, sent, kept):
    assert stored("stack", stack=sent) == kept


@pytest.mark.parametrize("part", ["tags", "contexts", "mechanism", "extra"])
@pytest.mark.parametrize("sent", [[], {}, None])
def test_php_may_send_an_empty_list_for_an_object(stored, part, sent):
    row = stored(**{part: sent})
    assert (row.content[part], row.content["_meta"]) == ({}, {"cut": {}})


@pytest.mark.parametrize("part", ["tags", "contexts", "mechanism"])
@pytest.mark.parametrize("sent", ["x", 5, True, ["x"]])
def test_part_of_the_wrong_type_is_left_out_and_costs_nothing_else(stored, part, sent):
    row = stored(**{part: sent}, message="It broke", breadcrumbs=[{"message": "Pay"}])
    assert (row.message, row.content["breadcrumbs"]) == ("It broke", [{"message": "Pay"}])
    assert (row.content[part], row.content["_meta"]) == ({}, {"cut": {"dropped": 1}})


class TestUser:
    @pytest.mark.parametrize(
        ("fields", "kept"),
        [
            ({"user_id_anon": "ann"}, "ann"),
            ({"user": {"id": "ann"}}, "ann"),
            ({"user": {"id": 17}}, "17"),
            ({"user_id_anon": "ann", "user": {"id": "bob"}}, "ann"),
            ({"user_id_anon": "", "user": {"id": "bob"}}, "bob"),
            ({"user": {"id": ""}}, None),
            ({"user": {"id": None}}, None),
            ({"user": {"id": ["ann"]}}, None),
            ({"user": {"id": 1.5}}, None),
            ({"user": {}}, None),
            ({"user": []}, None),
            ({"user": "ann"}, None),
            ({"user": {"id": "jo.doe@example.org"}}, "[REDACTED]"),
            ({"user": {"id": "a\x00b"}}, "a\ufffdb"),
        ],
    )
    def test_id_is_the_anonymous_one_else_the_users(self, stored, fields, kept):
        assert stored("user_id_anon", **fields) == kept

    def test_nothing_else_is_kept_of_the_user(self, stored, database_bytes):
        stored(user={"id": "ann", "name": "Johanna Doe", "ip_address": "192.0.2.99"})
        assert b"Johanna" not in database_bytes()
        assert b"192.0.2.99" not in database_bytes()


class TestExtra:
    def test_unknown_keys_are_kept_beside_what_was_given(self, stored):
        extra = stored("extra", extra={"cart": 1}, sdk={"name": "js"}, _meta="x", content=[1])
        assert extra == {"cart": 1, "sdk": {"name": "js"}, "_meta": "x", "content": [1]}

    def test_unknown_key_that_is_in_extra_too_is_kept_beside_it(self, stored):
        assert stored("extra", extra={"sdk": "given"}, sdk="unknown") == {
            "sdk": "given",
            "beside_extra": {"sdk": "unknown"},
        }

    @pytest.mark.parametrize("given", [None, [], "", {}])
    def test_unknown_keys_are_kept_when_nothing_was_given(self, stored, given):
        assert stored("extra", extra=given, sdk="js") == {"sdk": "js"}

    @pytest.mark.parametrize("others", [{}, {"sdk": "js"}])
    @pytest.mark.parametrize("given", ["free text", 5, ["a", "b"]])
    def test_what_is_no_object_is_kept_under_extra(self, stored, given, others):
        assert stored("extra", extra=given, **others) == {"extra": given, **others}


class TestScreenshot:
    @pytest.mark.parametrize("sent", ["iVBORw0KGgo=", "data:image/png;base64,iVBORw0KGgo=", {}, 5])
    def test_picture_is_taken_and_dropped(self, stored, sent, database_bytes):
        content = stored(screenshot=sent).content
        assert b"iVBORw0KGgo" not in database_bytes()
        assert content["_meta"] == {"cut": {}, **({"left_out": {"pictures": 1}} if sent else {})}

    def test_no_picture_is_not_counted(self, stored):
        assert stored("_meta", screenshot=None) == {"cut": {}}


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
def test_number_that_is_no_json_becomes_text_and_costs_nothing(post_body, stored_events, literal):
    body = f'{{"exception_type": {literal}, "release": {literal}, "extra": {{"n": {literal}}}}}'
    assert post_body(body).status_code == 202
    (row,) = stored_events()
    text = str(float(literal))
    assert (row.exception_type, row.release, row.content["extra"]) == (text, text, {"n": text})


@pytest.mark.parametrize("body", [b'{"exception_type": "a\x00b"}', b'{"exception_type": "a\xffb"}'])
def test_byte_that_is_no_text_is_replaced(post_body, stored_events, body):
    assert post_body(body).status_code == 202
    assert stored_events()[0].exception_type == "a\ufffdb"


@pytest.mark.parametrize(
    ("literal", "kept"),
    [
        ("1e999", "inf"),
        ("-1e999", "-inf"),
        ("1" * 5000, "inf"),
        ("9223372036854775808", "9223372036854775808"),
    ],
)
def test_number_beyond_all_columns_is_kept_as_text(post_body, stored_events, literal, kept):
    assert post_body(f'{{"exception_type": "E", "n": {literal}}}').status_code == 202
    assert stored_events()[0].content["extra"] == {"n": kept}


def test_deep_body_is_refused_when_it_cannot_be_read(post_body):
    assert post_body(b'{"exception_type": "E", "x": ' + b"[" * 40_000).status_code == 422


def test_emoji_cut_in_two_costs_no_event(post_body, stored_events):
    body = {"exception_type": "E", "breadcrumbs": [{"message": "cut \ud83d"}], "stack": "at a\x00"}
    assert post_body(json.dumps(body)).status_code == 202
    content = stored_events()[0].content
    assert content["breadcrumbs"] == [{"message": "cut \ufffd"}]
    assert content["stack"] == ["at a\ufffd"]
    assert content["_meta"] == {"cut": {"unstorable": 2}}

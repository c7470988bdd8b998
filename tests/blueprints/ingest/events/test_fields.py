"""POST /ingest: the fields that every event has (contract section 3.4)."""

import pytest

from tests.invisible import SOME_OF_EACH_KIND

LABELS = ("release", "environment", "platform", "app_id", "user_id_anon")
CONTEXT_KEYS = (
    "app_version",
    "app_build",
    "os_name",
    "os_version",
    "device_model",
    "device_manufacturer",
    "locale",
    "timezone",
)


def refused(response, field):
    assert response.status_code == 422
    answer = response.get_json()
    assert list(answer["errors"]) == [field]
    return answer["message"]


def test_nothing_invisible_is_kept_around_a_name(stored):
    for each in SOME_OF_EACH_KIND:
        row = stored(**dict.fromkeys((*LABELS, "app_version"), f"{each}com.acme {each}"))
        kept = [getattr(row, name) for name in ("release", "environment", "platform")]
        assert [*kept, row.content["user_id_anon"]] == ["com.acme"] * 4
        assert row.content["context"] == {"app_version": "com.acme"}


def test_an_event_of_a_type_that_nobody_sees_is_refused(post_event):
    answers = {
        refused(post_event(exception_type=each), "exception_type") for each in SOME_OF_EACH_KIND
    }
    assert answers == {"The exception type field is required."}


def test_the_pinned_bundle_is_the_same_whatever_invisible_stands_around_it(post_event):
    assert post_event(app_id="com.acme.app").status_code == 202
    for character in SOME_OF_EACH_KIND:
        assert post_event(app_id=f"{character}com.acme.app{character}").status_code == 202


def test_type_alone_will_do(post_event, stored_events):
    response = post_event()
    (row,) = stored_events()
    assert (response.status_code, response.get_json()) == (
        202,
        {"ok": True, "event_id": row.id, "issue_id": row.issue_id},
    )
    assert (row.exception_type, row.message, row.level) == ("TypeError", None, "error")
    assert (row.release, row.environment, row.platform) == (None, "production", None)
    assert row.content == {
        "stack": [],
        "breadcrumbs": [],
        "tags": {},
        "contexts": {},
        "mechanism": {},
        "extra": {},
        "context": {},
        "user_id_anon": None,
        "_meta": {"cut": {}},
    }


def test_all_fields_are_kept(stored):
    row = stored(
        message="x is undefined",
        level="fatal",
        release="1.4.2",
        environment="staging",
        platform="react-native",
        stack=["at pay (cart.js:1:2)"],
        breadcrumbs=[{"category": "tap", "message": "Pay"}],
        tags={"plan": "free", "beta": True},
        contexts={"device": {"model": "Pixel 8"}},
        mechanism={"type": "onerror", "handled": False},
        extra={"cart": [1, 2.5, None]},
        user_id_anon="ann",
        **dict.fromkeys(CONTEXT_KEYS, "x"),
    )
    columns = (row.message, row.level, row.release, row.environment, row.platform)
    assert columns == ("x is undefined", "fatal", "1.4.2", "staging", "react-native")
    assert row.content == {
        "stack": ["at pay (cart.js:1:2)"],
        "breadcrumbs": [{"category": "tap", "message": "Pay"}],
        "tags": {"plan": "free", "beta": True},
        "contexts": {"device": {"model": "Pixel 8"}},
        "mechanism": {"type": "onerror", "handled": False},
        "extra": {"cart": [1, 2.5, None]},
        "context": dict.fromkeys(CONTEXT_KEYS, "x"),
        "user_id_anon": "ann",
        "_meta": {"cut": {}},
    }


@pytest.mark.parametrize("absent", [..., None, "", " \n"])
def test_missing_type_is_refused(post_event, stored_events, absent):
    message = refused(post_event(exception_type=absent), "exception_type")
    assert message == "The exception type field is required."
    assert stored_events() == []


OWN_TEXTS = ("exception_type", "message", "level", *LABELS, *CONTEXT_KEYS)


@pytest.mark.parametrize("value", [5, True, ["x"], {"x": 1}])
@pytest.mark.parametrize("field", [each for each in OWN_TEXTS if each not in CONTEXT_KEYS])
def test_what_is_no_string_is_refused_in_a_text_field(post_event, field, value):
    assert refused(post_event(**{field: value}), field).endswith(" must be a string.")


@pytest.mark.parametrize("bad", ["\x00", "\ud83d", "\ude00"])
@pytest.mark.parametrize("field", [each for each in OWN_TEXTS if each != "level"])
def test_what_no_store_can_hold_is_replaced_in_a_text_field(stored, field, bad):
    row = stored(**{field: f"a{bad}b"})
    column = "release" if field == "app_version" else field
    kept = getattr(row, column, None) or {**row.content, **row.content["context"]}.get(column)
    assert kept == "a\ufffdb" or field == "app_id"


@pytest.mark.parametrize("nil", ["0" * 32, "00000000-0000-0000-0000-000000000000"])
def test_nil_uuid_is_no_user(stored, nil):
    assert stored("user_id_anon", user_id_anon=nil) is None
    assert stored("user_id_anon", user_id_anon=nil, user={"id": "ann"}) == "ann"
    assert stored("user_id_anon", user={"id": nil}) is None


@pytest.mark.parametrize("level", ["fatal", "error", "warning", "info"])
def test_level_is_kept(stored, level):
    assert stored(level=level).level == level


@pytest.mark.parametrize("absent", [None, ""])
def test_level_is_error_when_absent(stored, absent):
    assert stored(level=absent).level == "error"


@pytest.mark.parametrize("level", ["debug", "Fatal", "critical", "5", "\x00"])
def test_unknown_level_is_an_error_and_told(stored, level):
    row = stored(level=level)
    assert (row.level, row.content["_meta"]["left_out"]) == ("error", {"level": 1})


@pytest.mark.parametrize(
    ("value", "kept"),
    [(17, "17"), (17.4, "17.4"), (0, "0"), (-1, "-1"), (True, "true"), (False, "false")],
)
@pytest.mark.parametrize("field", CONTEXT_KEYS)
def test_number_in_a_context_key_is_kept_as_its_text(stored, field, value, kept):
    row = stored(**{field: value})
    assert (row.content["context"], row.content["_meta"]) == ({field: kept}, {"cut": {}})


@pytest.mark.parametrize("digits", [100, 309, 4300])
@pytest.mark.parametrize("field", CONTEXT_KEYS)
def test_number_that_no_float_holds_is_kept_as_its_first_digits(stored, field, digits):
    (kept,) = stored(**{field: 10 ** (digits - 1)}).content["context"].values()
    assert kept == f"1{'0' * (digits - 1)}"[: len(kept)]
    assert len(kept) >= min(digits, 200)


@pytest.mark.parametrize("value", [["x"], {"x": 1}, [], {}])
@pytest.mark.parametrize("field", CONTEXT_KEYS)
def test_what_has_parts_is_left_out_of_a_context_key_and_told(stored, field, value):
    row = stored(**{field: value}, message="It broke", screenshot="x")
    assert (row.message, row.content["context"]) == ("It broke", {})
    assert row.content["_meta"]["left_out"] == {field: 1, "pictures": 1}


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_nothing_in_an_optional_field_means_absent(stored, empty):
    row = stored(**dict.fromkeys(("message", *LABELS, *CONTEXT_KEYS), empty))
    assert (row.message, row.release, row.environment, row.platform) == (
        *(None, None, "production", None),
    )
    assert (row.content["context"], row.content["user_id_anon"]) == ({}, None)


@pytest.mark.parametrize(
    ("fields", "release"),
    [
        ({"release": "2.0", "app_version": "1.4"}, "2.0"),
        ({"app_version": "1.4"}, "1.4"),
        ({"release": " ", "app_version": " 1.4 "}, "1.4"),
        ({}, None),
    ],
)
def test_release_is_the_release_else_the_app_version(stored, fields, release):
    assert stored(**fields).release == release

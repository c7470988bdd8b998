"""The fields that every blueprint's schemas are made of."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from marshmallow import ValidationError

from app.web.schemas import (
    QueryInteger,
    QueryMoment,
    WireChoice,
    WireEmail,
    WireInteger,
    WireSchema,
    WireText,
    WireTime,
)

pytestmark = pytest.mark.sqlite_only("no query is made")


def load(field, value):
    """What a schema with this one field makes of the value; or its messages, when refused."""
    schema = WireSchema.from_dict({"value": field})()
    try:
        return schema.load({"value": value})["value"]
    except ValidationError as refusal:
        return refusal.messages["value"]


@pytest.mark.parametrize(
    ("value", "loaded"),
    [
        ("a", "a"),
        (" a ", "a"),
        ("abc", "abc"),
        ("  abc  ", "abc"),
        ("😀😀😀", "😀😀😀"),
        (None, None),
        ("", None),
        (" \n", None),
        ("abcd", ["The value may not be longer than 3 characters."]),
        (5, ["The value must be a string."]),
        (False, ["The value must be a string."]),
        ([], ["The value must be a string."]),
        ("\x00", ["The value must not contain NUL characters or lone surrogates."]),
        ("\ud800", ["The value must not contain NUL characters or lone surrogates."]),
    ],
)
def test_text(value, loaded):
    assert load(WireText(max_chars=3), value) == loaded


@pytest.mark.parametrize("value", [None, "", "  "])
def test_required_text_that_is_empty_is_refused(value):
    field = WireText(max_chars=3, required=True)
    assert load(field, value) == ["The value field is required."]


def test_missing_optional_text_is_none():
    schema = WireSchema.from_dict({"value": WireText(max_chars=3)})()
    assert schema.load({}) == {"value": None}


def test_default_can_be_chosen():
    assert load(WireText(max_chars=3, load_default="x"), "") == "x"


def test_name_on_the_wire_is_the_one_in_messages():
    schema = WireSchema.from_dict({"inner": WireText(max_chars=1, data_key="outer_name")})()
    assert schema.validate({"outer_name": "xx"}) == {
        "outer_name": ["The outer name may not be longer than 1 characters."]
    }


@pytest.mark.parametrize(
    ("value", "loaded"),
    [
        (" a@b.example ", "a@b.example"),
        ("", None),
        ("nobody", ["The value must be a valid email address."]),
        ("a" * 192, ["The value may not be longer than 191 characters."]),
        (1, ["The value must be a string."]),
    ],
)
def test_email(value, loaded):
    assert load(WireEmail(), value) == loaded


@pytest.mark.parametrize(
    ("value", "loaded"),
    [
        ("open", "open"),
        (" closed ", "closed"),
        (None, None),
        ("Open", ["The value must be one of: open, closed."]),
        ("o" * 5000, ["The value must be one of: open, closed."]),
        ("\ud800", ["The value must be one of: open, closed."]),
        (1, ["The value must be a string."]),
        (["open"], ["The value must be a string."]),
    ],
)
def test_choice(value, loaded):
    assert load(WireChoice(("open", "closed")), value) == loaded


RANGE = ["The value must be a whole number from 1 to 100."]


@pytest.mark.parametrize(
    ("value", "loaded"),
    [("1", 1), ("100", 100), (" 7 ", 7), ("", None)]
    + [
        (value, RANGE)
        for value in ("0", "101", "-1", "+1", "1.0", "1e1", "abc", "٣", "²", "9" * 5000, "1\x00")
    ],
)
def test_integer(value, loaded):
    assert load(QueryInteger(lowest=1, highest=100), value) == loaded


@pytest.mark.parametrize(
    ("value", "loaded"),
    [(1, 1), (100, 100), (None, None), ("", None)]
    + [(value, RANGE) for value in (0, 101, -1, True, 1.0, "7", [7], 10**30)],
)
def test_integer_of_a_body(value, loaded):
    assert load(WireInteger(lowest=1, highest=100), value) == loaded


EXPECTED = datetime(2026, 5, 7, 17, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "loaded"),
    [
        ("2026-05-07T17:25:00Z", EXPECTED),
        ("2026-05-07T17:25:00", EXPECTED),
        ("2026-05-07 17:25", EXPECTED),
        ("2026-05-07T19:25:00+02:00", EXPECTED),
        ("2026-05-07T17:25:00.000Z", EXPECTED),
        ("2026-05-07", EXPECTED.replace(hour=0, minute=0)),
        ("", None),
    ],
)
def test_moment(value, loaded):
    assert load(QueryMoment(), value) == loaded


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "2026-05-07T19:25:00 02:00",
        "1715102700",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-05-07\x00",
        "\ud800",
        "2" * 5000,
    ],
)
def test_what_is_no_moment_is_refused_with_an_example(value):
    (message,) = load(QueryMoment(), value)
    assert message.startswith("The value must be a time such as 2026-05-07T17:25:00Z")


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (EXPECTED, "2026-05-07T17:25:00Z"),
        (EXPECTED.replace(microsecond=999_999), "2026-05-07T17:25:00Z"),
        (EXPECTED.astimezone(timezone(timedelta(hours=9))), "2026-05-07T17:25:00Z"),
        (None, None),
    ],
)
def test_time_is_written_in_utc_and_whole_seconds(moment, written):
    schema = WireSchema.from_dict({"at": WireTime()})()
    assert schema.dump({"at": moment}) == {"at": written}


def test_unknown_fields_are_ignored():
    assert WireSchema().load({"anything": [1]}) == {}

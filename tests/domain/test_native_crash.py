"""What the event of a native crash tells: two versions, a user, and when."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.native_crash import is_native_crash, native_crash
from app.domain.releases import names_version
from app.domain.user_key import NIL_UUID, user_key

MOMENT = datetime(2026, 5, 7, 17, 25, 3, 250000, UTC)


def crash(**fields):
    nothing = {"release": None, "app_version": None, "environment": None, "user_id": None}
    return native_crash(**{**nothing, "tags": {}, **fields})


def time_of(told):
    return crash(tags={"native.crashed_at": told}).crashed_at


@pytest.mark.parametrize(
    ("mechanism", "is_native"),
    [
        ({"type": "native"}, True),
        ({"type": "native", "handled": False}, True),
        ({"type": "onerror"}, False),
        ({"type": ["native"]}, False),
        ({}, False),
        ([], False),
        ("native", False),
        (None, False),
    ],
)
def test_mechanism_tells_a_native_crash(mechanism, is_native):
    assert is_native_crash(mechanism) is is_native


@pytest.mark.parametrize(
    "told",
    [
        1778174703250,
        1778174703250.0,
        "1778174703250",
        " 1778174703250 ",
        "2026-05-07T17:25:03.250Z",
        "2026-05-07T19:25:03.250+02:00",
        "2026-05-07 17:25:03.250",
    ],
)
def test_time_comes_in_milliseconds_or_as_iso_8601(told):
    assert time_of(told) == MOMENT


@given(
    st.datetimes(
        datetime(2000, 1, 2), timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9))])
    )
)
def test_every_moment_is_read_back_from_both_forms(moment):
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    milliseconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert time_of(whole.isoformat()) == whole
    assert abs(time_of(milliseconds) - whole) < timedelta(milliseconds=1)
    assert time_of(milliseconds) == time_of(str(milliseconds))


@pytest.mark.parametrize(
    "told",
    ["", "yesterday", "NaN", "inf", "1e400", float("nan"), float("inf"), 10**400, -1, 0, 1778174703]
    + ["1999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "\ud800", "1\x00", True, None, [], {}],
    ids=repr,
)
def test_time_that_cannot_be_is_none(told):
    assert time_of(told) is None


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists))
def test_any_tags_are_borne(told):
    assert time_of(told) is None or time_of(told) >= datetime(2000, 1, 1, tzinfo=UTC)
    assert crash(tags=told).crashed_at is None


@pytest.mark.parametrize(
    ("release", "app_version", "crashed"),
    [
        ("1.4.2", "1.4.1", "1.4.1"),
        ("com.acme.app@1.4.2+7", "1.4.1", "1.4.1"),
        ("com.acme.app@1.4.2+7", "1.4.2", "com.acme.app@1.4.2+7"),
        ("1.4.2", None, "1.4.2"),
        (None, "1.4.1", "1.4.1"),
        (None, None, "unknown"),
        ("1.4.2", "x" * 300, "x" * 200),
        ("1.4.2", "\ud8001", "\ufffd1"),
    ],
)
def test_crash_belongs_to_the_version_of_the_app_that_crashed(release, app_version, crashed):
    assert crash(release=release, app_version=app_version).release == crashed


@pytest.mark.parametrize(
    ("release", "version", "is_of_it"),
    [
        ("1.4.2", "1.4.2", True),
        ("app@1.4.2", "1.4.2", True),
        ("app@1.4.2+7", "1.4.2", True),
        ("1.4.2+7", "1.4.2", True),
        ("me@home@1.4.2+7+8", "1.4.2", True),
        ("1.4.20", "1.4.2", False),
        ("11.4.2", "1.4.2", False),
        ("app@1.4.1+1.4.2", "1.4.2", False),
        ("1.4.2@app", "1.4.2", False),
        ("v1.4.2", "1.4.2", True),
        ("app@V1.4.2+7", "1.4.2+7", True),
        ("vv1.4.2", "1.4.2", False),
        ("version", "ersion", False),
        ("1.4.2-rc1+7", "1.4.2", False),
        ("1.4.2+7", "app@1.4.2+8", False),
        ("one@1.4.2", "other@1.4.2+7", False),
        ("app@", "app@", True),
        ("app@", "", False),
        ("+7", "+8", False),
    ],
)
def test_release_names_its_version(release, version, is_of_it):
    assert names_version(release, version) is is_of_it
    assert names_version(version, release) is is_of_it


numbers = st.sampled_from(["1.4.1", "1.4.10", "11.4.1", "1.4", "1.4.1-beta", "1.4.1-beta.1", "1"])
parts = st.tuples(
    st.sampled_from([None, "com.acme.app", "com.acme.app2", "me@home"]),
    st.sampled_from(["", "v", "V"]),
    numbers,
    st.sampled_from([None, "1", "33", "1.4.1"]),
)


def written(package, v, number, build):
    return f"{package}@" * bool(package) + v + number + f"+{build}" * bool(build)


@given(parts, parts)
def test_two_names_are_of_one_version_unless_they_tell_otherwise(one, other):
    told = [(left, right) for left, right in zip(one, other) if left and right]
    same = one[2] == other[2] and all(
        left == right for left, right in told if {left, right} - {"v", "V"}
    )
    assert names_version(written(*one), written(*other)) is same


@given(parts)
def test_name_that_was_cut_is_only_a_name(name):
    whole = "x" * 300 + written(*name)
    cut = whole[len(whole) - 200 :]
    assert names_version(cut, cut)
    assert not names_version(cut, written(*name))


@given(st.text(), st.text())
def test_any_two_names_can_be_compared(one, other):
    assert names_version(one, one)
    assert names_version(one, other) is names_version(other, one)


@pytest.mark.parametrize("user_id", [None, "", NIL_UUID])
def test_nobody_has_no_key(user_id):
    assert crash(user_id=user_id).user_key is None


@pytest.mark.parametrize(
    ("user_id", "as_session"), [("ann", "ann"), (" ann ", "ann"), ("x" * 201, "x" * 200)]
)
def test_user_has_the_key_of_their_sessions(user_id, as_session):
    assert crash(user_id=user_id).user_key == user_key(as_session)

"""POST /sessions, field by field (contract section 3.3)."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blueprints.ingest.schemas import SessionSchema
from app.domain.text import is_storable
from app.domain.user_key import user_key
from tests.blueprints.ingest.sessions.conftest import SESSION_ID
from tests.invisible import SOME_OF_EACH_KIND

LABELS = ("release", "environment", "app_version", "os_name", "app_id")
OPTIONAL = (*LABELS, "user_id_anon", "duration_ms")


def report_of(**fields):
    return SessionSchema().load({"session_id": SESSION_ID, "status": "ok", **fields}).report


def refused(response, field):
    """The one message about the field, and no other field is complained of."""
    assert response.status_code == 422
    answer = response.get_json()
    assert list(answer["errors"]) == [field]
    assert answer["errors"][field] == [answer["message"]]
    return answer["message"]


def test_all_fields_are_kept(post_session, stored_sessions):
    response = post_session(
        status="exited",
        release="1.4.2",
        environment="staging",
        app_version="1.4",
        os_name="iOS",
        app_id="com.acme.app",
        user_id_anon="ann",
        duration_ms=1234,
    )
    assert (response.status_code, response.get_json()) == (
        202,
        {"ok": True, "session_id": SESSION_ID},
    )
    (row,) = stored_sessions()
    kept = [getattr(row, name) for name in ("status", *LABELS, "duration_ms")]
    assert kept == ["exited", "1.4.2", "staging", "1.4", "iOS", "com.acme.app", 1234]


def test_user_is_kept_as_a_key_only(post_session, stored_sessions, database_bytes):
    post_session(user_id_anon="jo.doe@example.org")
    assert stored_sessions()[0].user_key == user_key("jo.doe@example.org")
    assert b"jo.doe" not in database_bytes()


def test_id_and_status_alone_will_do(post_session, stored_sessions):
    assert post_session().status_code == 202
    (row,) = stored_sessions()
    assert (row.release, row.environment, row.user_key) == ("unknown", "production", None)


@pytest.mark.parametrize("empty", [None, "", "   "])
def test_nothing_in_an_optional_field_means_absent(post_session, stored_sessions, empty):
    assert post_session(**dict.fromkeys(OPTIONAL, empty)).status_code == 202
    (row,) = stored_sessions()
    assert (row.release, row.environment, row.user_key) == ("unknown", "production", None)
    assert (row.app_version, row.os_name, row.app_id, row.duration_ms) == (None,) * 4


def test_nothing_invisible_is_kept_around_a_name(post_session, stored_sessions):
    for each in SOME_OF_EACH_KIND:
        names = dict.fromkeys((*LABELS, "user_id_anon"), f"{each} com.acme {each}")
        assert post_session(session_id=str(uuid.uuid4()), **names).status_code == 202
    kept = {tuple(getattr(row, name) for name in LABELS) for row in stored_sessions()}
    assert kept == {("com.acme",) * len(LABELS)}
    assert {row.user_key for row in stored_sessions()} == {user_key("com.acme")}


def test_a_name_of_nothing_that_is_seen_is_absent(post_session, stored_sessions):
    for each in SOME_OF_EACH_KIND:
        names = dict.fromkeys((*LABELS, "user_id_anon"), each)
        assert post_session(session_id=str(uuid.uuid4()), **names).status_code == 202
    kept = {tuple(getattr(row, name) for name in LABELS) for row in stored_sessions()}
    assert kept == {("unknown", "production", None, None, None)}
    assert {row.user_key for row in stored_sessions()} == {None}


@pytest.mark.parametrize(
    ("fields", "release"),
    [
        ({"release": "2.0", "app_version": "1.4"}, "2.0"),
        ({"app_version": "1.4"}, "1.4"),
        ({"release": "", "app_version": "1.4"}, "1.4"),
        ({"release": " 2.0\n"}, "2.0"),
        ({"release": "unknown"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_release_is_the_release_else_the_app_version(
    post_session, stored_sessions, fields, release
):
    post_session(**fields)
    assert stored_sessions()[0].release == release


@pytest.mark.parametrize("absent", [..., None, "", "  "])
@pytest.mark.parametrize("field", ["session_id", "status"])
def test_required_field_is_named_when_absent(post_session, stored_sessions, field, absent):
    name = field.replace("_", " ")
    assert refused(post_session(**{field: absent}), field) == f"The {name} field is required."
    assert stored_sessions() == []


def test_every_bad_field_that_is_required_is_named(post_session):
    answer = post_session(session_id="x", status="x", release=5, duration_ms=-1)
    assert set(answer.get_json()["errors"]) == {"session_id", "status"}


@pytest.mark.parametrize("value", [5, 1.5, True, [], {}, ["1.0"], 0])
@pytest.mark.parametrize("field", ["session_id", "status"])
def test_what_is_no_string_is_refused_in_a_required_field(post_session, field, value):
    assert refused(post_session(**{field: value}), field).endswith(" must be a string.")


@pytest.mark.parametrize("value", [5, 1.5, True, [], {}, ["1.0"], 0])
def test_what_is_no_string_is_left_out_of_the_others(post_session, stored_sessions, value):
    fields = dict.fromkeys((*LABELS, "user_id_anon"), value)
    assert post_session(status="crashed", **fields).status_code == 202
    (row,) = stored_sessions()
    assert (row.status, row.release, row.environment) == ("crashed", "unknown", "production")
    assert (row.app_version, row.os_name, row.app_id, row.user_key) == (None,) * 4


@pytest.mark.parametrize("bad", ["\x00", "\ud83d", "\ude00"])
def test_what_no_store_can_hold_is_replaced(post_session, stored_sessions, bad):
    fields = dict.fromkeys((*LABELS, "user_id_anon"), f"a{bad}b")
    assert post_session(**fields).status_code == 202
    (row,) = stored_sessions()
    assert [getattr(row, name) for name in LABELS] == ["a\ufffdb"] * len(LABELS)
    assert row.user_key == user_key("a\ufffdb")


@pytest.mark.parametrize(
    "nil",
    ["0" * 32, "00000000-0000-0000-0000-000000000000", " {00000000-0000-0000-0000-000000000000}"],
)
def test_nil_uuid_is_no_user(post_session, stored_sessions, nil):
    post_session(user_id_anon=nil)
    assert stored_sessions()[0].user_key is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(OPTIONAL), anything))
def test_nothing_in_an_optional_field_costs_the_status(fields):
    posted = SessionSchema().load({"session_id": SESSION_ID, "status": "crashed", **fields})
    assert posted.report.status == "crashed"
    texts = [getattr(posted.report, name) for name in LABELS]
    assert all(text is None or (is_storable(text) and 0 < len(text) <= 200) for text in texts)


@pytest.mark.parametrize(
    ("field", "chars"),
    [("release", 200), ("environment", 200), ("app_version", 16), ("os_name", 16), ("app_id", 50)],
)
def test_long_string_is_cut_and_not_refused(post_session, stored_sessions, field, chars):
    assert post_session(**{field: "😅" * 5000}).status_code == 202
    assert getattr(stored_sessions()[0], field) == "😅" * chars


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_what_each_session_tells_of_itself_takes_few_bytes(app_version, os_name, app_id):
    report = report_of(app_version=app_version, os_name=os_name, app_id=app_id)
    told = [(report.app_version, 64), (report.os_name, 64), (report.app_id, 200)]
    assert all(text is None or 0 < len(text.encode()) <= most for text, most in told)


@given(st.text(alphabet="0123456789.-+ab", min_size=1, max_size=64))
def test_what_fits_is_kept_as_it_came(version):
    report = report_of(app_version=version, os_name=version, app_id=version)
    assert {report.app_version, report.os_name, report.app_id} == {version}


def test_a_version_that_names_the_release_is_not_cut_for_it(post_session, stored_sessions):
    post_session(app_version="1." * 80)
    assert stored_sessions()[0].release == "1." * 80


@pytest.mark.parametrize("field", ["release", "environment"])
def test_cut_string_has_no_blank_end(post_session, stored_sessions, field):
    post_session(**{field: "x" * 199 + " and more"})
    assert getattr(stored_sessions()[0], field) == "x" * 199


def test_long_user_is_one_user_each_time(post_session, stored_sessions):
    post_session(user_id_anon="x" * 500)
    assert stored_sessions()[0].user_key == user_key("x" * 200)


def test_unknown_fields_are_ignored(post_session):
    assert post_session(sdk={"name": "pionne-js"}, started="\x00", extra=None).status_code == 202


@pytest.mark.parametrize(
    "session_id",
    [
        SESSION_ID,
        SESSION_ID.upper(),
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "018f5a3c-7b1e-7cc2-9f3a-0123456789ab",
        "12345678-1234-1234-1234-12345678AbCd",
    ],
)
def test_uuid_is_taken_and_echoed_as_sent(post_session, stored_sessions, session_id):
    assert post_session(session_id=session_id).get_json()["session_id"] == session_id
    assert stored_sessions()[0].session_id == uuid.UUID(session_id).bytes


@pytest.mark.parametrize(
    "session_id",
    [
        "1",
        "session",
        SESSION_ID[:-1],
        SESSION_ID + "0",
        SESSION_ID.replace("-", ""),
        "{" + SESSION_ID + "}",
        "urn:uuid:" + SESSION_ID,
        SESSION_ID.replace("1", "g", 1),
        SESSION_ID.replace("1", "１", 1),
        SESSION_ID.replace("-", "_"),
        SESSION_ID.replace("-", "\u2010"),
        SESSION_ID[:8] + "\n" + SESSION_ID[9:],
        SESSION_ID + "\x00",
        "123e4567-e89b-12d3a-456-426614174000",
    ],
)
def test_what_is_no_uuid_is_refused(post_session, stored_sessions, session_id):
    assert "must be a UUID such as" in refused(post_session(session_id=session_id), "session_id")
    assert stored_sessions() == []


@pytest.mark.parametrize(
    "status", ["OK", "Crashed", "healthy", "ok,crashed", "crash", "okay", "ｏｋ"]
)
def test_unknown_status_is_refused_with_the_known_ones(post_session, status):
    assert refused(post_session(status=status), "status") == (
        "The status must be one of: ok, exited, errored, abnormal, crashed."
    )


@pytest.mark.parametrize("duration_ms", [0, 1, 86_400_000, 2**31, 2**63 - 1])
def test_duration_is_a_whole_number_from_0(post_session, stored_sessions, duration_ms):
    assert post_session(duration_ms=duration_ms).status_code == 202
    assert stored_sessions()[0].duration_ms == duration_ms


@pytest.mark.parametrize(
    "duration_ms",
    [-1, 0.0, 1.0, 1.5, True, False, "5", "5s", [], [5], {}, 2**63, 10**100, 1e300],
)
def test_other_durations_are_left_out(post_session, stored_sessions, duration_ms):
    assert post_session(status="crashed", duration_ms=duration_ms).status_code == 202
    (row,) = stored_sessions()
    assert (row.status, row.duration_ms) == ("crashed", None)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 5000])
def test_number_that_is_none_is_left_out(client, project, stored_sessions, literal):
    body = f'{{"session_id": "{SESSION_ID}", "status": "ok", "duration_ms": {literal}}}'
    response = client.post("/sessions", data=body, headers={"X-Pionne-Token": project.token})
    assert response.status_code == 202
    assert stored_sessions()[0].duration_ms is None

"""Crashed sessions and the events that tell of them, as SDKs post them and the API lists them."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.invisible import SOME_OF_EACH_KIND

SESSION = "123e4567-e89b-12d3-a456-426614174000"
NIL = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def post(client, project):
    def send(path, **body):
        answer = client.post(path, json=body, headers={"X-Pionne-Token": project.token})
        assert answer.status_code == 202, answer.get_json()
        return answer.get_json()

    return send


@pytest.fixture
def crash(post):
    """What an SDK sends of one crash: the session began, the event, the session is over."""

    def send(user="a1b2", *, session_id=None, with_event=True, **told):
        session = {"session_id": session_id or str(uuid.uuid4()), "user_id_anon": user}
        session = {name: value for name, value in session.items() if value is not None}
        post("/sessions", status="ok", release="1.0", **session)
        stored = with_event and post(
            "/ingest",
            exception_type="TypeError",
            level="fatal",
            release="1.0",
            user_id_anon=user,
            mechanism={"type": "onerror", "handled": False},
            **told,
        )
        post("/sessions", status="crashed", release="1.0", duration_ms=5000, **session)
        return stored

    return send


@pytest.fixture
def ask(client, project, as_owner):
    def get(**query):
        path = f"/api/projects/{project.id}/release/crashes"
        return client.get(path, query_string={"name": "1.0", **query}, headers=as_owner)

    return get


def test_a_crash_is_told_with_its_session_and_its_event(crash, ask):
    stored = crash(session_id=SESSION)
    assert ask().get_json() == {
        "release": "1.0",
        "day": "2026-05-07",
        "older_day": None,
        "newer_day": None,
        "sessions_crashed": 1,
        "fatal_events": 1,
        "tied": 1,
        "no_event": [],
        "no_session": [],
        "looked_until": None,
        "crashes": [
            {
                "at": "2026-05-07T17:25:00Z",
                "session_id": SESSION,
                "event_id": stored["event_id"],
                "issue_id": stored["issue_id"],
                "tied_by": "user",
                "reason": None,
            }
        ],
    }


@pytest.mark.parametrize(
    "told", [{"tags": {"session_id": SESSION}}, {"extra": {"session_id": SESSION}}], ids=str
)
def test_an_app_may_tell_the_id_of_the_session(crash, ask, told):
    crash(user=None, session_id=SESSION, **told)
    assert [each["tied_by"] for each in ask().get_json()["crashes"]] == ["id"]


def test_what_is_alone_says_why_and_reasons_are_counted(crash, post, ask):
    crash(user=None, with_event=False)
    crash(user=NIL, with_event=False)
    by_hand = {"type": "manual", "handled": True}
    post("/ingest", exception_type="E", level="fatal", release="1.0", mechanism=by_hand)
    found = ask().get_json()
    assert found["no_event"] == [{"reason": "no_user", "count": 2}]
    assert found["no_session"] == [{"reason": "handled", "count": 1}]
    assert sorted(each["reason"] for each in found["crashes"]) == ["handled", "no_user", "no_user"]


def test_a_user_that_is_told_as_an_object_is_the_same(post, ask):
    post("/sessions", session_id=SESSION, status="crashed", release="1.0", user_id_anon="17")
    post("/ingest", exception_type="E", level="fatal", release="1.0", user={"id": 17})
    assert ask().get_json()["tied"] == 1


def test_an_address_as_a_users_id_ties_nothing_and_says_so(crash, ask):
    crash("ann@example.com")
    found = ask().get_json()
    assert (found["tied"], found["no_session"][0]["reason"]) == (0, "hidden_user")


def test_pages_hold_each_crash_once_while_new_ones_come(crash, ask, clock, client, as_owner):
    for number in range(7):
        crash(f"user-{number}", with_event=number % 2)
        clock.advance(minutes=1)
    seen, answer = [], ask(limit=3)
    while True:
        seen += [each["session_id"] for each in answer.get_json()["crashes"]]
        if "Link" not in answer.headers:
            break
        crash(f"late {len(seen)}")
        address = answer.headers["Link"].split(">")[0][1:]
        answer = client.get(address, headers=as_owner)
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(("part", "count"), [("tied", 2), ("no_event", 1), ("no_session", 1)])
def test_one_part_is_listed_alone(crash, post, ask, part, count):
    crash("ann")
    crash("bob")
    crash("kim", with_event=False)
    post("/ingest", exception_type="E", level="fatal", release="1.0", user_id_anon="jo")
    found = ask(part=part).get_json()
    assert (len(found["crashes"]), found["sessions_crashed"]) == (count, 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "yesterday"},
        {"day": "1999-12-31"},
        {"day": "9999-12-31"},
        {"day": "2026-02-30"},
        {"part": "none"},
        {"limit": "101"},
        {"before": "5"},
        {"name": ""},
        {"days": "7"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_name(project, ask, wrong):
    answer = ask(**wrong)
    assert (answer.status_code, [*wrong]) == (422, [*answer.get_json()["errors"]])


@pytest.mark.parametrize("day", ["2000-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_that_can_be_have_no_crash(project, ask, day):
    assert ask(day=day).get_json()["crashes"] == []


user_ids = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(SOME_OF_EACH_KIND), max_size=6
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(core=user_ids, padding=st.sampled_from(["", " ", "x" * 196, "x" * 199, "é" * 198]))
def test_who_is_one_user_in_sessions_is_one_in_events(crash, ask, clock, core, padding):
    """However the id is written, cut and made bare; but not where scrubbing took it out."""
    clock.advance(days=1)
    crash((padding + core).replace("\0", ""), with_event=True)
    found = ask().get_json()
    reason = {each["reason"] for each in found["no_event"] + found["no_session"]}
    if found["tied"] == 0:
        assert reason == {"no_user"} or "hidden_user" in reason

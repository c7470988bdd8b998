"""What arrives at once: each pair meets, copies are stored once, nothing fails."""

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from uuid import UUID

import pytest

from app.models import Event, Feedback, Session
from tests.domain.sentry.envelopes import written
from tests.sentry.vectors import Request

PAIRS = 12


def post(service, headers, *items):
    body = written(headers, *(({"type": kind, "length": True}, told) for kind, told in items))
    auth = {"X-Sentry-Auth": f"Sentry sentry_key={service.place.key}"}
    path = f"/api/{service.place.project}/envelope/"
    return service.answer(Request("POST", path, auth, body))[0]


def id_of(number):
    return UUID(int=number + 1).hex


def an_event(number, type_="E"):
    return {"exception": {"values": [{"type": type_, "value": "x"}]}, "release": "1.0"}


def feedback_about(number):
    return {
        "contexts": {"feedback": {"message": f"m{number}", "associated_event_id": id_of(number)}}
    }


def a_session(number, status="ok"):
    sid = str(UUID(int=10_000 + number))
    return {"sid": sid, "did": f"u{number % 3}", "status": status, "attrs": {"release": "1.0"}}


@pytest.fixture
def at_once(service):
    def send(calls):
        with ThreadPoolExecutor(8) as threads:
            return set(threads.map(lambda call: post(service, *call), calls))

    return send


def test_an_event_and_what_is_said_about_it_meet_whichever_comes_first(service, at_once):
    calls = [
        pair if number % 2 else pair[::-1]
        for number in range(PAIRS)
        for pair in [
            [
                ({"event_id": id_of(number)}, ("event", an_event(number))),
                ({"event_id": id_of(500 + number)}, ("feedback", feedback_about(number))),
            ]
        ]
    ]
    assert at_once(list(chain(*calls))) == {200}
    with service.app.app_context():
        events = {row.sentry_id: row for row in service.rows(Event)}
        told = service.rows(Feedback)
    assert len(events) == len(told) == PAIRS
    assert all(row.event_id == events[row.sentry_event_ref].id for row in told)
    assert all(row.issue_id == events[row.sentry_event_ref].issue_id for row in told)
    assert {row.event_release for row in told} == {"1.0"}


def test_copies_that_come_at_once_are_stored_once(service, at_once):
    calls = [
        ({"event_id": id_of(1)}, ("event", an_event(1))),
        ({"event_id": id_of(2)}, ("feedback", feedback_about(1))),
        ({"event_id": id_of(3)}, ("user_report", {"event_id": id_of(3), "comments": "It broke"})),
    ]
    assert at_once(calls * 6) == {200}
    with service.app.app_context():
        assert len(service.rows(Event)) == 1
        assert sorted(row.message for row in service.rows(Feedback)) == ["It broke", "m1"]


def test_envelopes_of_all_kinds_that_come_at_once_are_all_stored(service, at_once):
    calls = [
        (
            {"event_id": id_of(number)},
            ("session", a_session(number)),
            ("event", an_event(number, type_=f"E{number % 4}")),
            ("event", an_event(number, type_=f"E{(number + 1) % 4}")),
            ("session", a_session(number + 1, "crashed")),
            ("feedback", feedback_about(number)),
        )
        for number in range(PAIRS)
    ]
    assert at_once(calls) == {200}
    with service.app.app_context():
        assert len(service.rows(Event)) == 2 * PAIRS
        assert len(service.rows(Session)) == PAIRS + 1
        assert len(service.rows(Feedback)) == PAIRS


def test_a_deleted_event_and_deleted_feedback_do_not_come_back(service, database):
    calls = [
        ({"event_id": id_of(1)}, ("event", an_event(1))),
        ({"event_id": id_of(2)}, ("feedback", feedback_about(7))),
    ]
    for call in calls:
        assert post(service, *call) == 200
    database.execute("DELETE FROM feedback")
    database.execute("DELETE FROM events")
    for call in calls:
        assert post(service, *call) == 200
    assert database.rows("SELECT count(*) FROM events") == [(0,)]
    assert database.rows("SELECT count(*) FROM feedback") == [(0,)]


def test_feedback_about_a_deleted_event_stands_alone(service, database):
    assert post(service, {"event_id": id_of(7)}, ("event", an_event(7))) == 200
    database.execute("DELETE FROM events")
    assert post(service, {"event_id": id_of(2)}, ("feedback", feedback_about(7))) == 200
    assert database.rows("SELECT event_id, issue_id FROM feedback") == [(None, None)]


def test_a_report_within_five_minutes_takes_the_place_of_the_first(service, clock, database):
    def say(comments):
        report = {"event_id": id_of(1), "comments": comments}
        assert post(service, {"event_id": id_of(1)}, ("user_report", report)) == 200
        return database.rows("SELECT id, message FROM feedback ORDER BY id")

    ((first, _),) = say("first")
    assert say("second") == [(first, "second")]
    assert database.rows("SELECT folded FROM feedback_texts") == [("second",)]
    clock.advance(minutes=5)
    assert [message for _, message in say("third")] == ["second", "third"]


def test_nothing_of_an_envelope_stays_where_the_last_part_of_it_fails(service, database):
    database.refuse_inserts("sessions", saying="no room for alice@example.com")
    call = (
        {"event_id": id_of(1)},
        ("event", an_event(1)),
        ("feedback", feedback_about(1)),
        ("session", a_session(1)),
    )
    assert post(service, *call) >= 500
    for table in ("events", "issues", "feedback", "sentry_ids", "releases"):
        assert database.rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_what_waits_for_an_event_is_told_in_the_details_as_json(service, database):
    told = {**feedback_about(1), "tags": {"area": "pay"}, "release": "shop@1.4.2+33"}
    post(service, {"event_id": id_of(2)}, ("feedback", told))
    ((details,),) = database.rows("SELECT details FROM feedback")
    details = json.loads(details) if isinstance(details, str) else details
    assert details["tags"] == {"area": "pay"}

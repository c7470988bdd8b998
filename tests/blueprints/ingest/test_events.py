"""Feedback about a captured event: POST /events/{event_id}/feedback."""

import pytest


@pytest.fixture
def post_to_event(post_feedback):
    def post(event_id, **kwargs):
        return post_feedback(path=f"/events/{event_id}/feedback", **kwargs)

    return post


def test_feedback_is_tied_to_the_event_and_to_its_issue(post_to_event, make_event, stored_feedback):
    make_event()
    event = make_event()
    response = post_to_event(event.id)
    (row,) = stored_feedback()
    assert response.get_json() == {"ok": True, "feedback_id": row.id}
    assert (row.event_id, row.issue_id) == (event.id, event.issue_id)


def test_fields_are_checked_as_for_standalone_feedback(post_to_event, make_event):
    response = post_to_event(make_event().id, message="", email="x")
    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == ["message", "email"]


def test_message_is_scrubbed_as_for_standalone_feedback(post_to_event, make_event, stored_feedback):
    post_to_event(make_event().id, message="I am a@b.example")
    assert stored_feedback()[0].message == "I am [REDACTED]"


@pytest.mark.parametrize(
    "event_id",
    [
        "abc",
        "-1",
        "+1",
        "0",
        "00",
        "1.5",
        "1e3",
        "0x1",
        "1_000",
        "%201",
        "1%20",
        "1%0A",
        "%00",
        "null",
        "٣",
        "１",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999",
        "9" * 5000,
    ],
    ids=range(20),
)
def test_id_that_no_event_can_have_is_not_found(
    post_to_event, make_event, stored_feedback, event_id
):
    make_event()
    response = post_to_event(event_id)
    assert response.status_code == 404
    assert list(response.get_json()) == ["message"]
    assert stored_feedback() == []


def test_unknown_event_is_not_found(post_to_event, make_event, stored_feedback):
    response = post_to_event(make_event().id + 1)
    assert response.status_code == 404
    assert response.get_json() == {"message": "There is no such event in this project."}
    assert stored_feedback() == []


def test_event_of_another_project_is_answered_like_an_unknown_one(
    post_to_event, make_event, make_project, stored_feedback
):
    foreign = make_event(project_id=make_project("Another").id)
    response = post_to_event(foreign.id)
    assert response.status_code == 404
    assert response.get_json() == post_to_event(foreign.id + 1).get_json()
    assert stored_feedback() == []


def test_body_is_judged_before_the_event_is_looked_up(post_to_event, make_event):
    assert post_to_event(make_event().id + 1, message="").status_code == 422

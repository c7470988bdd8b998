"""What the triage list shows (contract section 4.1)."""

import pytest

FIELDS = [
    "id",
    "event_id",
    "issue_id",
    "name",
    "email",
    "message",
    "status",
    "handled_at",
    "url",
    "app_version",
    "created_at",
]


def test_row_has_exactly_the_contracted_fields(list_feedback, make_feedback):
    make_feedback()
    answer = list_feedback().get_json()
    assert list(answer) == ["feedback"]
    assert [list(row) for row in answer["feedback"]] == [FIELDS]


def test_row_shows_what_was_sent(list_feedback, post_feedback, make_event):
    event = make_event()
    fields = {
        "name": "Alice",
        "email": "alice@example.com",
        "url": "phaniste://order/42",
        "app_version": "1.4.2",
    }
    path = f"/events/{event.id}/feedback"
    answer = post_feedback("The Pay button stays grayed out...", path=path, **fields)
    assert list_feedback().get_json()["feedback"] == [
        {
            "id": answer.get_json()["feedback_id"],
            "event_id": event.id,
            "issue_id": event.issue_id,
            "message": "The Pay button stays grayed out...",
            "status": "open",
            "handled_at": None,
            "created_at": "2026-05-07T17:25:00Z",
            **fields,
        }
    ]


def test_what_is_absent_is_null(list_feedback, make_feedback):
    make_feedback()
    (row,) = list_feedback().get_json()["feedback"]
    absent = [field for field in FIELDS if row[field] is None]
    assert absent == [
        "event_id",
        "issue_id",
        "name",
        "email",
        "handled_at",
        "url",
        "app_version",
    ]


def test_message_is_shown_scrubbed(list_feedback, post_feedback):
    post_feedback("Write to a@b.example")
    assert list_feedback().get_json()["feedback"][0]["message"] == "Write to [REDACTED]"


def test_project_without_feedback_has_an_empty_list(list_feedback):
    response = list_feedback()
    assert (response.status_code, response.get_json()) == (200, {"feedback": []})


@pytest.mark.parametrize("slash", ["", "/"])
def test_list_answers_with_and_without_a_slash(list_feedback, feedback_path, slash):
    assert list_feedback(feedback_path + slash).status_code == 200


def test_account_routes_answer_under_api_only(client, project, as_owner):
    response = client.get(f"/projects/{project.id}/feedback", headers=as_owner)
    assert response.status_code == 404


def test_newest_comes_first(listed, make_feedback):
    first, second, third = (make_feedback() for _ in range(3))
    assert listed() == [third, second, first]


def test_100_are_shown_of_more(listed, fill_feedback):
    fill_feedback(101)
    assert listed() == list(range(101, 1, -1))


def test_other_projects_feedback_is_not_shown(listed, make_feedback, make_project):
    own = make_feedback()
    make_feedback(project_id=make_project("Another").id)
    assert listed() == [own]

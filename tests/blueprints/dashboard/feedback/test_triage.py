"""PATCH and DELETE of one piece of feedback."""

import pytest

NOT_FOUND = {"message": "There is no such feedback in this project."}


@pytest.fixture
def set_status(client, feedback_path, as_owner):
    def patch(feedback_id, status):
        path = f"{feedback_path}/{feedback_id}"
        return client.patch(path, json={"status": status}, headers=as_owner)

    return patch


@pytest.fixture
def delete(client, feedback_path, as_owner):
    def delete(feedback_id):
        return client.delete(f"{feedback_path}/{feedback_id}", headers=as_owner)

    return delete


@pytest.mark.parametrize("status", ["open", "handled", "archived"])
@pytest.mark.parametrize("before", ["open", "handled", "archived"])
def test_any_status_can_follow_any(set_status, make_feedback, before, status):
    response = set_status(make_feedback(status=before), status)
    assert response.status_code == 200
    assert response.get_json()["feedback"]["status"] == status


def test_answer_is_the_row_as_the_list_shows_it(set_status, make_feedback, list_feedback):
    feedback_id = make_feedback(name="Alice", email="a@b.example", url="/", app_version="1")
    answer = set_status(feedback_id, "handled").get_json()
    assert answer == {"feedback": list_feedback().get_json()["feedback"][0]}


def test_handling_notes_the_time(set_status, make_feedback, clock):
    feedback_id = make_feedback()
    clock.advance(hours=2, seconds=5.5)
    handled = set_status(feedback_id, "handled").get_json()["feedback"]
    assert handled["handled_at"] == "2026-05-07T19:25:05Z"


def test_handling_again_keeps_the_first_time(set_status, make_feedback, clock):
    feedback_id = make_feedback(status="handled")
    clock.advance(hours=2)
    handled = set_status(feedback_id, "handled").get_json()["feedback"]
    assert handled["handled_at"] == "2026-05-07T17:25:00Z"


@pytest.mark.parametrize("status", ["open", "archived"])
def test_leaving_handled_forgets_the_time(set_status, make_feedback, status):
    moved = set_status(make_feedback(status="handled"), status).get_json()["feedback"]
    assert moved["handled_at"] is None


def test_handling_after_reopening_notes_the_new_time(set_status, make_feedback, clock):
    feedback_id = make_feedback(status="handled")
    set_status(feedback_id, "open")
    clock.advance(hours=2)
    handled = set_status(feedback_id, "handled").get_json()["feedback"]
    assert handled["handled_at"] == "2026-05-07T19:25:00Z"


def test_other_feedback_stays_as_it_is(set_status, make_feedback, stored_feedback):
    other, feedback_id = make_feedback(), make_feedback()
    set_status(feedback_id, "archived")
    assert {row.id: row.status for row in stored_feedback()} == {
        other: "open",
        feedback_id: "archived",
    }


def test_only_the_status_can_be_set(client, feedback_path, as_owner, make_feedback, list_feedback):
    feedback_id = make_feedback(message="Mine")
    body = {"status": "open", "message": "Yours", "handled_at": "2020-01-01", "id": 99}
    client.patch(f"{feedback_path}/{feedback_id}", json=body, headers=as_owner)
    (row,) = list_feedback().get_json()["feedback"]
    assert (row["id"], row["message"], row["handled_at"]) == (feedback_id, "Mine", None)


@pytest.mark.parametrize(
    "status", ["closed", "OPEN", "handled\x00", 5, True, ["open"], {}, "\ud83d"]
)
def test_unknown_status_is_refused(set_status, make_feedback, stored_feedback, status):
    response = set_status(make_feedback(), status)
    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == ["status"]
    assert stored_feedback()[0].status == "open"


@pytest.mark.parametrize("body", [b"{}", b'{"status": null}', b'{"status": ""}', b'{"state": 1}'])
def test_missing_status_is_refused(client, feedback_path, as_owner, make_feedback, body):
    path = f"{feedback_path}/{make_feedback()}"
    response = client.patch(path, data=body, headers=as_owner)
    assert response.status_code == 422
    assert response.get_json()["errors"] == {"status": ["The status field is required."]}


@pytest.mark.parametrize("body", [b"", b"open", b"[]", b'"open"', b"\xff"])
def test_body_that_is_no_object_is_refused(client, feedback_path, as_owner, make_feedback, body):
    response = client.patch(f"{feedback_path}/{make_feedback()}", data=body, headers=as_owner)
    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == ["body"]


def test_large_body_is_refused(client, feedback_path, as_owner, make_feedback):
    path = f"{feedback_path}/{make_feedback()}"
    response = client.patch(path, data=b" " * 3 * 1024 * 1024, headers=as_owner)
    assert response.status_code == 413


def test_deleted_feedback_is_gone(delete, make_feedback, stored_feedback):
    kept, feedback_id = make_feedback(), make_feedback()
    response = delete(feedback_id)
    assert (response.status_code, response.get_json()) == (200, {"deleted": True})
    assert [row.id for row in stored_feedback()] == [kept]


def test_deleting_again_is_not_found(delete, make_feedback):
    feedback_id = make_feedback()
    delete(feedback_id)
    response = delete(feedback_id)
    assert (response.status_code, response.get_json()) == (404, NOT_FOUND)


def test_deleted_feedback_cannot_be_moved(delete, set_status, make_feedback):
    feedback_id = make_feedback()
    delete(feedback_id)
    assert set_status(feedback_id, "open").status_code == 404


def test_id_of_deleted_feedback_is_not_given_again(delete, make_feedback):
    feedback_id = make_feedback()
    delete(feedback_id)
    assert make_feedback() > feedback_id


@pytest.mark.parametrize("status", ["handled", "archived"])
def test_feedback_of_any_status_can_be_deleted(delete, make_feedback, status):
    assert delete(make_feedback(status=status)).status_code == 200


@pytest.mark.parametrize(
    "feedback_id", ["abc", "-1", "0", "1.5", "99999999999999999999", str(2**63), "%00", "٣"]
)
def test_id_that_no_feedback_can_have_is_not_found(
    delete, set_status, make_feedback, stored_feedback, feedback_id
):
    make_feedback()
    assert delete(feedback_id).status_code == 404
    assert set_status(feedback_id, "archived").status_code == 404
    assert stored_feedback()[0].status == "open"


def test_unknown_feedback_is_not_found(set_status):
    response = set_status(7, "open")
    assert (response.status_code, response.get_json()) == (404, NOT_FOUND)

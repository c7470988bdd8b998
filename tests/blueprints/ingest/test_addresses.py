"""Where the public routes answer, and that they never send anybody elsewhere."""

import pytest

BASES = ["/feedback", "/feedback/", "/api/feedback", "/api/feedback/"]


@pytest.mark.parametrize("path", BASES)
def test_feedback_is_taken_with_and_without_api_and_slash(post_feedback, path):
    assert post_feedback(path=path).status_code == 202


@pytest.mark.parametrize("path", BASES)
def test_event_feedback_is_taken_with_and_without_api_and_slash(post_feedback, make_event, path):
    event = make_event()
    path = path.replace("feedback", f"events/{event.id}/feedback")
    assert post_feedback(path=path).status_code == 202


@pytest.mark.parametrize("path", BASES)
@pytest.mark.parametrize("method", ["OPTIONS", "GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"])
def test_no_method_is_redirected(client, method, path):
    response = client.open(path, method=method)
    assert "Location" not in response.headers
    assert response.status_code in {204, 401, 405}


@pytest.mark.parametrize(
    "path",
    ["/feedback/x", "/events//feedback", "/events/1/2/feedback", "/api/api/feedback"],
)
def test_address_that_is_nearly_right_is_not_found_instead_of_redirected(post_feedback, path):
    response = post_feedback(path=path)
    assert response.status_code == 404
    assert "Location" not in response.headers


def test_answer_is_the_id_of_the_stored_feedback(post_feedback, stored_feedback):
    answer = post_feedback().get_json()
    assert answer == {"ok": True, "feedback_id": stored_feedback()[0].id}


def test_new_feedback_is_open_and_not_handled(post_feedback, stored_feedback, project, clock):
    post_feedback()
    (row,) = stored_feedback()
    assert (row.project_id, row.status, row.handled_at) == (project.id, "open", None)
    assert row.created_at == clock()


def test_standalone_feedback_has_no_event_and_no_issue(post_feedback, stored_feedback):
    post_feedback(event_id=3, issue_id=4)
    (row,) = stored_feedback()
    assert (row.event_id, row.issue_id) == (None, None)

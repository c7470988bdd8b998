"""`GET, POST, DELETE /api/projects/{id}/tokens` (contract section 2)."""

import pytest


@pytest.fixture
def post(client):
    def send(token):
        headers = {"X-Pionne-Token": token}
        with client.post("/feedback", json={"message": "Hello"}, headers=headers) as answer:
            return answer.status_code

    return send


def test_made_token_is_answered_with_its_row_and_works(call, post):
    answer = call("POST", "/tokens", {"label": "iOS"})
    made = answer.get_json()["token"]
    assert answer.status_code == 201
    assert set(made) == {"id", "label", "token_preview", "created_at", "last_used_at", "token"}
    assert post(made["token"]) == 202


def test_list_has_the_rows_without_the_tokens(call):
    made = call("POST", "/tokens", {"label": "iOS"}).get_json()["token"]
    rows = call("GET", "/tokens").get_json()["tokens"]
    assert [row["label"] for row in rows] == ["First token", "iOS"]
    assert rows[1] == {key: value for key, value in made.items() if key != "token"}


def test_label_that_a_token_has_is_refused_and_makes_none(call):
    call("POST", "/tokens", {"label": "iOS"})
    answer = call("POST", "/tokens", {"label": " ios "})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["label"])
    assert "this label already" in answer.get_json()["message"]
    assert len(call("GET", "/tokens").get_json()["tokens"]) == 2


def test_regenerated_token_keeps_the_label_of_the_only_one(call):
    call("POST", "/regenerate")
    assert [row["label"] for row in call("GET", "/tokens").get_json()["tokens"]] == ["First token"]
    call("POST", "/tokens", {"label": "iOS"})
    call("POST", "/regenerate")
    assert [row["label"] for row in call("GET", "/tokens").get_json()["tokens"]] == ["Replacement"]


def test_last_use_is_exact_to_the_hour(call, post, project, clock):
    assert post(project.token) == 202
    (row,) = call("GET", "/tokens").get_json()["tokens"]
    assert row["last_used_at"] == clock().strftime("%Y-%m-%dT%H:00:00Z")


def test_revoked_token_is_refused_at_once(call, post, project):
    made = call("POST", "/tokens", {"label": "iOS"}).get_json()["token"]
    assert post(made["token"]) == 202
    assert call("DELETE", f"/tokens/{made['id']}").get_json() == {"deleted": True}
    assert (post(made["token"]), post(project.token)) == (401, 202)


def test_last_token_is_not_revoked(call):
    (row,) = call("GET", "/tokens").get_json()["tokens"]
    answer = call("DELETE", f"/tokens/{row['id']}")
    assert answer.status_code == 422
    assert "add another first" in answer.get_json()["message"]

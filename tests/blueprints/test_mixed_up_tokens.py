"""A token of one kind where the other belongs is told as that, and nothing about its being good."""

import pytest

UNKNOWN_PROJECT_TOKEN = "pio_live_" + "0" * 40
UNKNOWN_USER_TOKEN = "7|" + "0" * 40


@pytest.fixture(params=["known", "unknown"])
def user_token(request, as_owner):
    known = as_owner["Authorization"].removeprefix("Bearer ")
    return known if request.param == "known" else UNKNOWN_USER_TOKEN


@pytest.fixture(params=["known", "unknown"])
def project_token(request, project):
    return project.token if request.param == "known" else UNKNOWN_PROJECT_TOKEN


@pytest.fixture
def refusal(client):
    def message(method, path, headers):
        answer = client.open(path, method=method, json={"message": "Hello"}, headers=headers)
        assert answer.status_code == 401
        return answer.get_json()["message"]

    return message


@pytest.mark.parametrize("path", ["/feedback", "/sessions", "/ingest", "/api/feedback"])
def test_user_token_on_a_public_route_is_told(refusal, user_token, path):
    told = {
        refusal("POST", path, {"X-Pionne-Token": user_token}),
        refusal("POST", path, {"Authorization": f"Bearer {user_token}"}),
        refusal("POST", f"{path}?token={user_token.replace('|', '%7C')}", {}),
    }
    (message,) = told
    assert message.startswith("This is a user token;")
    assert "project token (pio_live_…)" in message


def test_project_token_in_the_wrong_header_is_told(refusal, project_token):
    message = refusal("POST", "/feedback", {"Authorization": f"Bearer {project_token}"})
    assert message.startswith("The project token belongs into the X-Pionne-Token header")


@pytest.mark.parametrize("path", ["/api/projects", "/api/auth/me", "/api/projects/1/feedback"])
def test_project_token_on_an_account_route_is_told(refusal, project_token, path):
    told = {
        refusal("GET", path, {"X-Pionne-Token": project_token}),
        refusal("GET", path, {"Authorization": f"Bearer {project_token}"}),
    }
    (message,) = told
    assert message.startswith("This is a project token,")
    assert "Authorization: Bearer <id>|<secret>" in message


def test_what_is_neither_is_told_nothing(refusal):
    headers = {"Authorization": "Bearer nonsense", "X-Pionne-Token": "nonsense"}
    assert refusal("GET", "/api/projects", headers) == "Unauthenticated."

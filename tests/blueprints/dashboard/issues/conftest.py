"""Events as an SDK posts them, and their issues as the owner reads them."""

import pytest


@pytest.fixture
def post_event(client, project):
    """The ids of a new event and its issue; the bug is named by its message."""

    def post(bug="It broke", *, token=project.token, **fields):
        body = {"exception_type": "TypeError", "message": bug, **fields}
        response = client.post("/ingest", json=body, headers={"X-Pionne-Token": token})
        assert response.status_code == 202
        return response.get_json()

    return post


@pytest.fixture
def ask(client, project, as_owner):
    """A request about the project's issues, or one of them."""

    def request(path="", *, method="GET", project_id=project.id, headers=as_owner, **kwargs):
        url = f"/api/projects/{project_id}/issues{path}"
        return client.open(url, method=method, headers=headers, **kwargs)

    return request


@pytest.fixture
def listed(ask):
    """The rows that the owner sees, in order."""

    def rows(**query):
        response = ask(query_string=query)
        assert response.status_code == 200
        return response.get_json()["issues"]

    return rows


@pytest.fixture
def detail(ask):
    return lambda issue_id: ask(f"/{issue_id}").get_json()


@pytest.fixture
def patch(ask):
    def send(issue_id, body):
        return ask(f"/{issue_id}", method="PATCH", json=body)

    return send

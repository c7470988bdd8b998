"""The owner's view of the project, a stranger, and what a request leaves to a thread."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services.projects import ProjectToken


@pytest.fixture
def feedback_path(project):
    return f"/api/projects/{project.id}/feedback"


@pytest.fixture
def list_feedback(client, feedback_path, as_owner):
    """GET the list as its owner."""

    def get(path=None, **query):
        return client.get(path or feedback_path, query_string=query or None, headers=as_owner)

    return get


@pytest.fixture
def listed(list_feedback):
    """The ids that the owner sees, in order."""

    def ids(**query):
        response = list_feedback(**query)
        assert response.status_code == 200
        return [row["id"] for row in response.get_json()["feedback"]]

    return ids


@pytest.fixture
def stranger(make_account):
    return make_account("stranger@example.com")


@pytest.fixture
def as_stranger(stranger, bearer):
    return bearer(stranger.email)


@pytest.fixture
def strangers_project(stranger, make_project):
    return make_project("Not yours", owner_id=stranger.id)


@pytest.fixture
def call(
    client: FlaskClient, project: ProjectToken, as_owner: dict[str, str]
) -> Callable[..., TestResponse]:
    """`call("GET", "/audit")`, below the project's address, as its owner unless told otherwise."""

    def request(
        method: str,
        path: str = "",
        body: dict[str, object] | None = None,
        *,
        headers: dict[str, str] = as_owner,
        project_id: int = project.id,
    ) -> TestResponse:
        return client.open(
            f"/api/projects/{project_id}{path}", method=method, json=body, headers=headers
        )

    return request


@pytest.fixture
def finish_purge(app: Flask) -> Callable[[], None]:
    return app.extensions["background_purge"].finish

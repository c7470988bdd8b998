"""Requests about a project, and waiting for what they leave to a thread."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services.projects import ProjectToken


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

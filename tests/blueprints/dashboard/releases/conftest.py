"""Figures of releases as the owner reads them."""

from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from app.database import write_transaction
from app.models import Release, ReleaseDay


@pytest.fixture
def fill(record, app):
    """A release with so many sessions and users, written straight into its figures."""

    def release(name, *, sessions=1, crashed=0, users=0, users_crashed=0):
        record(release=name)
        figures = {
            "ok": sessions - crashed,
            "crashed": crashed,
            "users_newest": users,
            "users_newest_crashed": users_crashed,
        }
        of_release = ReleaseDay.release_id.in_(select(Release.id).where(Release.name == name))
        with app.app_context(), write_transaction() as connection:
            connection.execute(update(ReleaseDay).where(of_release).values(figures))

    return release


@pytest.fixture
def ask(client, project, as_owner):
    """GET …/release-health as the owner; a release goes into the path."""

    def get(release=None, /, *, then="", project_id=project.id, headers=as_owner, **query):
        path = f"/api/projects/{project_id}/release-health"
        if release is not None:
            path += "/" + quote(release) + then
        return client.get(path, query_string=query or None, headers=headers)

    return get


@pytest.fixture
def rows(ask):
    """The report's rows, by release and in order."""

    def read(**query):
        response = ask(**query)
        assert response.status_code == 200
        return {row["release"]: row for row in response.get_json()["releases"]}

    return read

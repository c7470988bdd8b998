"""Projects, their tokens, and whose they are."""

import hashlib

import pytest
from sqlalchemy import select

from app.database import read_transaction
from app.models import ProjectToken
from app.services import projects
from app.services.errors import NotFound
from app.services.projects import senders

pytestmark = pytest.mark.usefixtures("context")


def test_token_is_stored_as_its_sha256(project):
    with read_transaction() as connection:
        row = connection.execute(select(ProjectToken.digest, ProjectToken.preview)).one()
    assert row.digest == hashlib.sha256(project.token.encode()).digest()
    assert row.preview == project.token[:13] + "..."


def test_rotation_replaces_the_token(project, clock):
    rotated = projects.rotate_token(project.id, actor=None, now=clock())
    assert (rotated.id, rotated.name) == (project.id, project.name)
    assert senders.find(project.token) is None
    assert senders.find(rotated.token).project_id == project.id


def test_rotation_of_an_unknown_project_is_refused(project, clock):
    with pytest.raises(NotFound, match="There is no project 99."):
        projects.rotate_token(99, actor=None, now=clock())


def test_list_has_every_project_with_its_owner(owner, clock):
    created = projects.create("x", owner_id=owner.id, actor=None, now=clock(), platform="flutter")
    assert projects.list_all() == [
        projects.ProjectRow(
            id=created.id,
            name="x",
            platform="flutter",
            owner=owner.email,
            token_preview=created.token[:13] + "...",
            created_at=clock(),
        )
    ]

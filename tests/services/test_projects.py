"""Projects, their tokens, and whose they are."""

import hashlib

import pytest
from sqlalchemy import select

from app.database import read_transaction
from app.models import Project
from app.services import projects
from app.services.errors import NotFound

pytestmark = pytest.mark.usefixtures("context")


def test_token_finds_its_project(make_project):
    made = [make_project(name) for name in ("One", "Two")]
    assert [projects.find_by_token(each.token) for each in made] == [each.id for each in made]


def test_token_is_stored_as_its_sha256(project):
    with read_transaction() as connection:
        row = connection.execute(select(Project.token_digest, Project.token_preview)).one()
    assert row.token_digest == hashlib.sha256(project.token.encode()).digest()
    assert row.token_preview == project.token[:13] + "..."


@pytest.mark.parametrize("token", ["", "pio_live_", "pio_live_" + "0" * 40, "é" * 49])
def test_what_is_no_token_finds_nothing(project, token):
    assert projects.find_by_token(token) is None


def test_rotation_replaces_the_token(project, clock):
    rotated = projects.rotate_token(project.id, actor=None, now=clock())
    assert (rotated.id, rotated.name) == (project.id, project.name)
    assert projects.find_by_token(project.token) is None
    assert projects.find_by_token(rotated.token) == project.id


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

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


def test_rotation_replaces_the_token(project):
    rotated = projects.rotate_token(project.id)
    assert (rotated.id, rotated.name) == (project.id, project.name)
    assert projects.find_by_token(project.token) is None
    assert projects.find_by_token(rotated.token) == project.id


def test_rotation_of_an_unknown_project_is_refused(project):
    with pytest.raises(NotFound, match="There is no project 99."):
        projects.rotate_token(99)


def test_list_has_every_project_with_its_owner(owner, clock):
    created = projects.create("x", owner_id=owner.id, now=clock(), platform="flutter")
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


def test_owner_owns_the_project(project, owner):
    projects.require_owned(project.id, account_id=owner.id)


def test_anybody_else_does_not_and_learns_nothing(project, make_account):
    stranger = make_account("stranger@example.com")
    with pytest.raises(NotFound) as foreign:
        projects.require_owned(project.id, account_id=stranger.id)
    with pytest.raises(NotFound) as unknown:
        projects.require_owned(99, account_id=stranger.id)
    assert str(foreign.value) == str(unknown.value)

"""What stands in a DSN: made with a project, rotated alone, and dead with the project."""

import pytest
from sqlalchemy import select, update

from app.database import read_transaction, write_transaction
from app.domain.sentry.credentials import is_key
from app.models import Project
from app.services import projects
from app.services.errors import NotFound, UnknownProjectToken
from app.services.projects import senders

pytestmark = pytest.mark.usefixtures("context")


def key_of(project_id):
    with read_transaction() as connection:
        return connection.execute(
            select(Project.sentry_key).where(Project.id == project_id)
        ).scalar_one()


@pytest.fixture
def never_asked(monkeypatch):
    """From here on, what is not remembered fails."""

    def refuse():
        raise AssertionError("the database was asked")

    return lambda: monkeypatch.setattr(senders, "single_statements", refuse)


@pytest.fixture
def rotated_elsewhere(project):
    """The sender with a key that another process has just replaced."""
    sender = senders.find_by_key(project.id, key_of(project.id))
    with write_transaction() as connection:
        connection.execute(update(Project).values(sentry_key="f" * 32))
    return sender


def test_each_project_is_made_with_a_key_of_its_own(make_project):
    keys = {key_of(make_project(name).id) for name in ("One", "Two")}
    assert len(keys) == 2
    assert all(map(is_key, keys))


def test_key_finds_its_project_and_is_remembered(project, never_asked):
    sender = senders.find_by_key(project.id, key_of(project.id))
    never_asked()
    assert sender.project_id == project.id
    assert senders.find_by_key(project.id, key_of(project.id)) == sender


def test_token_is_as_good_as_a_key(project):
    assert senders.find_by_key(project.id, project.token) == senders.find(project.token)


def test_key_or_token_of_another_project_finds_nothing(project, make_project):
    other = make_project("Other")
    for key in (key_of(other.id), other.token, "0" * 32, "x", "", "é" * 32):
        assert senders.find_by_key(project.id, key) is None


def test_rotation_replaces_the_key_and_no_token(project, clock):
    old = key_of(project.id)
    senders.find_by_key(project.id, old)
    rotated = projects.rotate_sentry_key(project.id, actor=None, now=clock())
    assert (rotated.id, rotated.name) == (project.id, project.name)
    assert senders.find_by_key(project.id, old) is None
    assert senders.find_by_key(project.id, rotated.sentry_key).project_id == project.id
    assert senders.find(project.token) is not None


def test_rotation_of_tokens_keeps_the_key(project, clock):
    old = key_of(project.id)
    projects.rotate_token(project.id, actor=None, now=clock())
    assert key_of(project.id) == old


def test_key_of_an_unknown_project_cannot_be_rotated(project, clock):
    with pytest.raises(NotFound, match="There is no project 99."):
        projects.rotate_sentry_key(99, actor=None, now=clock())


def test_key_dies_with_its_project(app, project, clock):
    app.extensions["background_purge"].stop()
    old = key_of(project.id)
    senders.find_by_key(project.id, old)
    projects.mark_deleted(project.id, confirm=project.name, actor=None, now=clock())
    assert senders.find_by_key(project.id, old) is None
    assert key_of(project.id) is None


def test_key_that_holds_may_store(project):
    sender = senders.find_by_key(project.id, key_of(project.id))
    assert senders.is_known(sender)
    with write_transaction() as connection:
        senders.hold(connection, sender)


def test_key_that_was_rotated_elsewhere_stores_nothing_and_is_forgotten(rotated_elsewhere):
    with write_transaction() as connection, pytest.raises(UnknownProjectToken):
        senders.hold(connection, rotated_elsewhere)
    assert senders.find_by_key(rotated_elsewhere.project_id, rotated_elsewhere.sentry_key) is None


def test_key_that_was_rotated_elsewhere_is_not_known(rotated_elsewhere):
    assert not senders.is_known(rotated_elsewhere)
    assert senders.find_by_key(rotated_elsewhere.project_id, rotated_elsewhere.sentry_key) is None


def test_token_is_held_as_a_key_is(project, clock):
    sender = senders.find_by_key(project.id, project.token)
    with write_transaction() as connection:
        senders.hold(connection, sender)
    projects.rotate_token(project.id, actor=None, now=clock())
    with write_transaction() as connection, pytest.raises(UnknownProjectToken):
        senders.hold(connection, sender)


def test_use_of_a_key_is_kept_nowhere(project, clock):
    sender = senders.find_by_key(project.id, key_of(project.id))
    assert not senders.is_first_use(sender, hour=clock())

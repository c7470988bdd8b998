"""Who may send with a DSN: all wrong keys are told the same, and guesses are few."""

import pytest
from flask import g
from flask_limiter import RateLimitExceeded

from app.domain.sentry.credentials import NoCredentials, WrongCredentials, credentials
from app.web.sentry_key import identify_sender, refuse_guess


@pytest.fixture
def key(database_rows, project):
    return database_rows("SELECT sentry_key FROM projects")[0][0]


@pytest.fixture
def asked(app):
    """A request of its own for each look, from one address."""

    def ask(project_id, key, *, address="192.0.2.7"):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            return identify_sender(credentials(project_id, query_keys=[key])).project_id

    return ask


def test_key_of_the_project_is_its_sender(app, project, key):
    with app.test_request_context():
        sender = identify_sender(credentials(project.id, query_keys=[key]))
        assert (g.sender, g.project_id) == (sender, project.id)
        assert len(g.address_hash) == 32


def test_no_key_at_all_is_told_apart(app, project):
    with app.test_request_context(), pytest.raises(NoCredentials):
        identify_sender(credentials(project.id))


@pytest.mark.parametrize("project_id", [1, 2, 2**63 - 1])
def test_wrong_key_and_wrong_project_are_told_the_same(asked, project, project_id):
    with pytest.raises(WrongCredentials) as refused:
        asked(project_id, "0" * 32)
    assert str(refused.value) == "The key does not belong to this project."


def test_guesses_from_an_address_are_few_and_cost_nobody_else_anything(asked, project, key):
    for _ in range(60):
        with pytest.raises(WrongCredentials):
            asked(project.id, "0" * 32)
    with pytest.raises(RateLimitExceeded):
        asked(project.id, "0" * 32)
    with pytest.raises(WrongCredentials):
        asked(project.id, "0" * 32, address="198.51.100.1")
    assert asked(project.id, key) == project.id


def test_key_that_is_gone_by_the_time_of_storing_is_nobodys(app, project, key):
    with app.test_request_context():
        identify_sender(credentials(project.id, query_keys=[key]))
        with pytest.raises(WrongCredentials):
            refuse_guess()
        assert g.sender is None

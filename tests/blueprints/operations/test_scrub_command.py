"""`pionne-feedback scrub`."""

import pytest
from sqlalchemy import update

from app.database import write_transaction
from app.models import Feedback


@pytest.fixture
def old_feedback(app, make_feedback):
    make_feedback(message="x")
    with app.app_context(), write_transaction() as connection:
        connection.execute(update(Feedback).values(message="Mail jo%40example.com"))


def test_a_dry_run_counts_and_changes_nothing(run, old_feedback, stored_feedback):
    assert run("scrub", "--dry-run", "--json").json == {"dry_run": True, "changed": {"feedback": 1}}
    assert "Would change: 1 feedback." in run("scrub", "--dry-run").printed
    assert [row.message for row in stored_feedback()] == ["Mail jo%40example.com"]


def test_stored_rows_are_scrubbed_by_the_rules_of_today(run, old_feedback, stored_feedback):
    assert run("scrub").printed == "Changed: 1 feedback.\n"
    assert [row.message for row in stored_feedback()] == ["Mail [REDACTED]"]
    assert run("scrub", "--json").json == {"dry_run": False, "changed": {}}
    assert run("scrub").printed == "Changed: nothing.\n"

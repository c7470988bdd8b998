"""A release is renamed while a session opens in an environment that is new to it.

On SQLite there is one writer at a time, and nothing to be tested.
"""

import threading
import uuid

import psycopg
import pytest

from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.services import sessions
from app.services.people import erasure as person_erasure

pytestmark = pytest.mark.postgresql_only("SQLite has one writer at a time")

ALICE = "alice@example.com"


@pytest.fixture
def other(settings):
    """Another process's connection, in a transaction."""
    url = settings.database_url.replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        yield connection


@pytest.fixture
def run_until_it_waits(app, settings):
    """Runs the call in a thread that comes to wait for a lock; returns how to wait for its end."""

    def run(call):
        errors = []

        def in_context():
            try:
                with app.app_context():
                    call()
            except Exception as error:  # shown by the test
                errors.append(error)

        thread = threading.Thread(target=in_context)
        thread.start()
        url = settings.database_url.replace("+psycopg", "")
        waiting = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with psycopg.connect(url, autocommit=True) as watcher:
            while thread.is_alive() and not watcher.execute(waiting).fetchone()[0]:
                pass
        assert thread.is_alive(), f"it did not wait: {errors}"

        def finish():
            thread.join()
            assert errors == []

        return finish

    return run


def report(project, clock, environment):
    opened = SessionReport(
        session_id=uuid.uuid4().bytes,
        status=SessionStatus.OK,
        release=ALICE,
        environment=environment,
        user_key=bytes(16),
    )
    sessions.record(project.id, opened, now=clock())


def test_an_environment_that_is_just_being_made_gets_the_new_name(
    record, project, clock, other, run_until_it_waits, sql
):
    record(release=ALICE)
    other.execute(
        "INSERT INTO releases (project_id, environment, name) VALUES (%s, 'new', %s)",
        (project.id, ALICE),
    )

    def erase():
        person_erasure.erase_from_project(project.id, ALICE, actor="o@b.example", now=clock())

    finish = run_until_it_waits(erase)
    other.commit()
    finish()

    assert sql("SELECT DISTINCT name FROM releases") == [("[REDACTED] 1",)]


def test_a_session_that_waits_for_the_renaming_is_counted_in_full(
    record, project, clock, other, run_until_it_waits, differences, health
):
    record(release=ALICE)
    other.execute("SELECT 1 FROM projects FOR UPDATE")  # as a step that is alone
    finish = run_until_it_waits(lambda: report(project, clock, "new"))
    other.execute("UPDATE releases SET name = '[REDACTED] 1'")
    other.commit()
    finish()

    assert {name: row.sessions_total for name, row in health().items()} == {
        "[REDACTED] 1": 1,
        ALICE: 1,
    }
    assert differences() == []

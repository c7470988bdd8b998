"""`pionne-feedback move`: what it prints, and what it refuses."""

import pytest

from app.services.instance import move_target
from app.services.instance.move_target import tables

pytestmark = pytest.mark.sqlite_only("it moves from SQLite, to a PostgreSQL of its own")


@pytest.fixture
def some_feedback(make_feedback):
    for _ in range(5):
        make_feedback()


@pytest.mark.usefixtures("some_feedback")
def test_a_move_shows_what_arrived_and_what_to_do_next(run, empty_postgresql_url):
    result = run("move", "--to", empty_postgresql_url)

    assert result.exit_code == 0
    assert "           5  feedback " in result.printed
    assert f"of {len(tables())} tables are the same on both sides" in result.printed
    assert "set DATABASE_URL" in result.printed


@pytest.mark.usefixtures("some_feedback")
def test_a_move_tells_scripts_the_checksums(run, empty_postgresql_url):
    answer = run("move", "--to", empty_postgresql_url, "--json").json

    by_name = {table["name"]: table for table in answer["tables"]}
    assert by_name["feedback"]["rows"] == 5
    assert len(by_name["feedback"]["checksum"]) == 64
    assert by_name["recovery_codes"]["checksum"] == "0" * 64
    assert answer["rows"] == sum(table["rows"] for table in answer["tables"])


@pytest.mark.usefixtures("some_feedback")
def test_a_resumed_move_starts_its_progress_where_it_was(
    run, empty_postgresql_url, monkeypatch, settings
):
    monkeypatch.setattr(move_target, "BATCH_ROWS", 2)
    real_copy = move_target._copy

    def copy_and_fail(connection, table, rows):
        if table.name == "feedback":
            raise KeyboardInterrupt
        return real_copy(connection, table, rows)

    monkeypatch.setattr(move_target, "_copy", copy_and_fail)
    assert run("move", "--to", empty_postgresql_url).exit_code == 1
    monkeypatch.setattr(move_target, "_copy", real_copy)

    assert run("move", "--to", empty_postgresql_url).exit_code == 0


def test_a_target_that_is_no_url_is_refused(run):
    assert "--to is no database's URL" in run("move", "--to", "over there").refusal


@pytest.mark.parametrize("url", ["sqlite:////srv/other.db", ""])
def test_only_postgresql_is_moved_to(run, url):
    assert "moves to PostgreSQL" in run("move", "--to", url).refusal


def test_an_instance_that_is_not_migrated_is_not_moved(run, settings, empty_postgresql_url):
    (settings.instance_dir / "pionne.db").unlink()

    assert "There is no database in" in run("move", "--to", empty_postgresql_url).refusal


def test_a_refusal_does_not_show_the_password(run):
    refused = run("move", "--to", "postgresql://user:hunter2@127.0.0.1:1/none")

    assert "user:***@127.0.0.1:1/none" in refused.refusal
    assert "hunter2" not in refused.errors

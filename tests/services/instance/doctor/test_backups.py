"""The age of the last backup, from the record that `pionne-feedback backup` writes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytestmark = pytest.mark.sqlite_only("no query is made")


@pytest.fixture
def record(settings):
    """Writes the record; the backup itself is there."""
    backup = settings.instance_dir / "backup.db"
    backup.touch()

    def write(at, path=backup):
        text = json.dumps({"at": at, "path": str(path)})
        (settings.instance_dir / "last-backup.json").write_text(text)
        return path

    return write


def test_backup_of_yesterday_is_fine(fine, record):
    path = record("2026-12-31T12:00:00Z")
    assert fine("backup") == f"The last backup is of 2026-12-31T12:00:00Z, 1 days old: {path}."


def test_backup_of_three_days_ago_is_a_warning(warning, record):
    record("2026-12-29T11:00:00Z")
    assert "3 days old: make one" in warning("backup")


def test_backup_of_last_month_is_a_problem(problem, record):
    record("2026-12-01T12:00:00Z")
    assert "31 days old" in problem("backup")


def test_backup_that_is_gone_is_a_warning(warning, record):
    record("2026-12-31T12:00:00Z", "/nowhere/at/all.db")
    assert "/nowhere/at/all.db is not there" in warning("backup")


def test_backup_in_a_folder_of_somebody_else_is_fine(fine, record, monkeypatch):
    path = record("2026-12-31T12:00:00Z", "/root/of/another/user/backup.db")
    is_file = Path.is_file

    def look(asked):
        if asked == Path(path):
            raise PermissionError
        return is_file(asked)

    monkeypatch.setattr(Path, "is_file", look)
    fine("backup")


def test_instance_with_nothing_in_it_needs_none(fine):
    assert fine("backup").startswith("None is needed yet; soon, `pionne-feedback backup FOLDER`")


def test_young_instance_needs_none(fine, owner, clock):
    clock.advance(days=2)
    fine("backup")


def test_missing_backup_is_a_warning_with_what_to_run(warning, owner, clock):
    clock.advance(days=2, seconds=1)
    assert "`pionne-feedback backup PATH`" in warning("backup")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"at": 5, "path": "x"}', '{"at": "x", "path": "x"}', "\xff"]
)
def test_record_that_can_not_be_read_is_a_warning(warning, settings, text):
    (settings.instance_dir / "last-backup.json").write_bytes(text.encode("latin-1"))
    assert "cannot be read: make a backup" in warning("backup")


@pytest.fixture
def on_postgresql(settings):
    return replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")


def test_on_postgresql_it_says_how_to_tell(warning, on_postgresql):
    message = warning("backup", on_postgresql)
    assert "pg_dump" in message
    assert (
        f'{{"at": "2026-05-07T17:25:00Z", "path": "…"}} to {on_postgresql.instance_dir}' in message
    )


def test_on_postgresql_the_record_of_another_tool_counts(fine, on_postgresql, record):
    record("2026-12-31T12:00:00Z")
    fine("backup", on_postgresql)

"""`pionne-feedback backup` and `pionne-feedback restore`."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy.engine import make_url

pytestmark = pytest.mark.sqlite_only("PostgreSQL has its own tools for that")

PASSWORD = "hunter2"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "backups"
    path.mkdir()
    return path


def invoke(app, *arguments):
    return app.test_cli_runner().invoke(args=list(map(str, arguments)))


def test_a_backup_says_where_it_is(run, folder, make_feedback):
    make_feedback()
    result = run("backup", str(folder))

    path = folder / "pionne-20260507T172500Z.db"
    assert result.printed.startswith(f"Backed up to {path} ({path.stat().st_size:,} bytes)")
    assert "The key is not in it" in result.printed


def test_a_backup_tells_scripts_all_about_it(run, folder, database_rows):
    answer = run("backup", str(folder / "copy.db"), "--json").json

    assert answer == {
        "path": str(folder / "copy.db"),
        "bytes": (folder / "copy.db").stat().st_size,
        "revisions": [row for (row,) in database_rows("SELECT version_num FROM alembic_version")],
        "at": "2026-05-07T17:25:00Z",
        "deleted": [],
    }


def test_a_good_backup_is_noted_for_the_doctor(run, folder, settings):
    run("backup", str(folder))

    noted = json.loads((settings.instance_dir / "last-backup.json").read_text())
    assert noted["at"] == "2026-05-07T17:25:00Z"
    assert noted["path"].endswith("backups/pionne-20260507T172500Z.db")


def test_a_backup_that_failed_is_not_noted(run, folder, settings):
    (folder / "copy.db").touch()
    result = run("backup", str(folder / "copy.db"))

    assert result.exit_code == 3
    assert "exists already" in result.refusal
    assert not (settings.instance_dir / "last-backup.json").exists()


def test_a_note_that_cannot_be_written_does_not_spoil_a_good_backup(run, folder, settings):
    (settings.instance_dir / "last-backup.json").mkdir()
    result = run("backup", str(folder))

    assert result.exit_code == 0
    assert "could not be noted" in result.errors


def test_a_database_that_waits_for_its_migration_can_be_backed_up(run, folder, settings):
    """That is when a backup is wanted most."""
    with closing(sqlite3.connect(settings.instance_dir / "pionne.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '5dc5c4052876'")
        connection.commit()

    assert run("backup", str(folder), "--json").json["revisions"] == ["5dc5c4052876"]


def test_overwriting_takes_a_word(run, folder):
    (folder / "copy.db").write_bytes(b"old")

    assert run("backup", str(folder / "copy.db"), "--overwrite").exit_code == 0


def test_a_timer_keeps_the_newest(run, folder, clock):
    for _ in range(3):
        run("backup", str(folder))
        clock.advance(days=1)

    answer = run("backup", str(folder), "--keep", "2", "--json").json

    assert answer["deleted"] == [
        str(folder / "pionne-20260508T172500Z.db"),
        str(folder / "pionne-20260507T172500Z.db"),
    ]
    assert len(list(folder.iterdir())) == 2


def test_keeping_some_is_for_folders(run, folder):
    assert "needs a folder" in run("backup", str(folder / "copy.db"), "--keep", "2").refusal


@pytest.fixture
def on_postgresql(settings, make_app):
    url = make_url(f"postgresql+psycopg://pionne:{PASSWORD}@db.example:5433/it's?sslmode=require")
    shown = url.render_as_string(hide_password=False)
    return make_app(replace(settings, database_url=shown))


def test_on_postgresql_it_names_the_tool_and_not_the_password(on_postgresql, folder):
    result = invoke(on_postgresql, "backup", folder / "my copy.dump")

    assert result.exit_code == 3
    assert result.output == (
        "Error: This instance is on PostgreSQL, whose own tool makes its backups: pg_dump"
        f" --format=custom --file='{folder}/my copy.dump'"
        " 'postgresql://pionne@db.example:5433/it%27s?sslmode=require'\n"
    )


def test_on_postgresql_restoring_names_the_tool_too(on_postgresql, folder):
    result = invoke(on_postgresql, "restore", folder / "copy.dump")

    assert result.exit_code == 3
    assert "pg_restore --exit-on-error --no-owner -d 'postgresql://pionne@db" in result.output
    assert PASSWORD not in result.output


def test_a_restore_says_what_it_did(run, folder, settings, make_feedback, stored_feedback):
    make_feedback(message="Kept")
    run("backup", str(folder / "copy.db"))
    make_feedback(message="After it")

    result = run("restore", str(folder / "copy.db"), "--replace")

    assert result.printed.splitlines() == [
        f"Restored {folder}/copy.db to {settings.instance_dir}/pionne.db.",
        f"What was there is now {settings.instance_dir}/pionne.db.replaced-20260507T172500Z.",
    ]
    assert [row.message for row in stored_feedback()] == ["Kept"]


def test_a_restore_tells_scripts_too(run, folder, settings):
    run("backup", str(folder / "copy.db"))

    answer = run("restore", str(folder / "copy.db"), "--replace", "--json").json

    assert answer["path"] == str(settings.instance_dir / "pionne.db")
    assert answer["is_behind"] is False


def test_a_restore_replaces_nothing_unless_told(run, folder):
    run("backup", str(folder / "copy.db"))

    refused = run("restore", str(folder / "copy.db"))

    assert (refused.exit_code, "--replace" in refused.refusal) == (3, True)


def test_a_backup_of_older_code_is_to_be_migrated(run, folder):
    run("backup", str(folder / "copy.db"))
    with closing(sqlite3.connect(folder / "copy.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '5dc5c4052876'")
        connection.commit()

    printed = run("restore", str(folder / "copy.db"), "--replace").printed
    assert "Next: pionne-feedback db upgrade" in printed


def test_the_doctor_knows_of_a_backup_that_was_just_made(run, folder, settings):
    run("backup", str(folder))

    findings = json.loads(run("doctor", "--json").printed)["findings"]
    (told,) = [finding for finding in findings if finding["check"] == "backup"]
    assert told["status"] == "ok"
    assert str(folder) in told["message"]

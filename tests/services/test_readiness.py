"""Whether an instance is fit to serve: each problem is one line that says what to do."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from app.services.readiness import database_problem, startup_problems


@pytest.fixture
def problems(make_app):
    """The lines for an instance with these settings."""

    def list_problems(settings, *, workers=1):
        with make_app(settings).app_context():
            return list(startup_problems(settings, workers=workers))

    return list_problems


def execute(settings, sql):
    with closing(sqlite3.connect(settings.instance_dir / "pionne.db")) as connection:
        connection.execute(sql)
        connection.commit()


def test_instance_that_is_fit_has_no_problem(problems, settings):
    assert problems(settings) == []


def test_missing_key_is_told_with_what_to_do(problems, settings):
    (line,) = problems(replace(settings, app_key=""))
    assert line.startswith(
        f"APP_KEY is not set and {settings.instance_dir}/app.key does not exist: set APP_KEY to 32"
    )
    assert "`make run`" in line


def test_short_key_is_told_with_how_to_make_one(problems, settings):
    (line,) = problems(replace(settings, app_key="short"))
    assert line.startswith("APP_KEY has 5 characters and needs 32 or more: make one with `python3 ")
    assert "short" not in line


def test_workers_that_would_count_each_for_themselves_are_told(problems, settings):
    (line,) = problems(settings, workers=2)
    assert line.startswith("2 workers with RATELIMIT_STORAGE_URI=memory:// would each count limits")
    assert "redis://" in line


def test_workers_with_a_shared_store_are_fine(app, settings):
    shared = replace(settings, ratelimit_storage_uri="redis://127.0.0.1:6379/0")
    with app.app_context():
        assert list(startup_problems(shared, workers=4)) == []


def test_database_without_tables_is_told_with_what_to_do(problems, settings, tmp_path):
    empty = replace(settings, database_url=f"sqlite:///{tmp_path}/empty.db")
    assert problems(empty) == [
        "The database has no tables yet: run `make migrate` (or `flask --app wsgi db upgrade`)."
    ]


def test_schema_that_is_behind_is_told_with_what_to_do(problems, settings, monkeypatch):
    # There is no older schema yet to go back to.
    with_newer = {"of this database", "newer"}
    monkeypatch.setattr("app.services.readiness.newest_revisions", lambda: {"newer"})
    monkeypatch.setattr("app.services.readiness.known_revisions", lambda: with_newer)
    execute(settings, "UPDATE alembic_version SET version_num = 'of this database'")
    assert problems(settings) == [
        "The database's schema is behind this code: run `make migrate` (or `flask --app wsgi db"
        " upgrade`)."
    ]


def test_schema_of_newer_code_is_told_by_its_name(problems, settings):
    execute(settings, "UPDATE alembic_version SET version_num = 'from-the-future'")
    (line,) = problems(settings)
    assert line == (
        "The database was migrated by a newer version of this code (from-the-future): install that"
        " version, or restore a backup."
    )


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all.db", "sqlite:////proc/version", "sqlite:////tmp"]
)
def test_database_that_cannot_be_reached_is_told_with_its_address(problems, settings, url):
    (line,) = problems(replace(settings, database_url=url))
    assert line.startswith(f"The database {url} cannot be reached: ")
    assert line.endswith(". Check DATABASE_URL.")
    assert "\n" not in line


def test_file_that_is_no_database_is_told(problems, settings, tmp_path):
    (tmp_path / "notes.txt").write_text("Not a database at all. " * 100)
    (line,) = problems(replace(settings, database_url=f"sqlite:///{tmp_path}/notes.txt"))
    assert line.endswith("cannot be reached: file is not a database. Check DATABASE_URL.")


def test_password_of_the_database_is_not_shown(make_app, settings):
    url = "postgresql+psycopg://user:secret@h/db"
    away = make_app(replace(settings, database_url="sqlite:////nowhere/at/all.db"))
    with away.app_context():
        line = database_problem(replace(settings, database_url=url))
    assert line.startswith("The database postgresql+psycopg://user:***@h/db cannot be reached: ")


def test_every_problem_is_told_at_once(problems, settings, tmp_path):
    broken = replace(settings, app_key="", database_url=f"sqlite:///{tmp_path}/empty.db")
    lines = problems(broken, workers=3)
    assert [line.split()[0] for line in lines] == ["APP_KEY", "3", "The"]

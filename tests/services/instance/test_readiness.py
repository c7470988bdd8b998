"""Whether an instance is fit to serve: each problem is one line that says what to do."""

from dataclasses import replace

import pytest

from app.services.instance.readiness import database_problem, startup_problems


@pytest.fixture
def problems(make_app):
    """The lines for an instance with these settings."""

    def list_problems(settings, *, workers=1):
        with make_app(settings).app_context():
            return list(startup_problems(settings, workers=workers))

    return list_problems


def test_instance_that_is_fit_has_no_problem(problems, settings):
    assert problems(settings) == []


def test_missing_key_is_told_with_what_to_do(problems, settings):
    (line,) = problems(replace(settings, app_key=""))
    assert line.startswith(
        f"APP_KEY is not set and there is no key in {settings.instance_dir}/app.key: set APP_KEY"
        " to 32"
    )
    assert "`pionne-feedback`" in line


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


def test_database_without_tables_is_told_with_what_to_do(problems, settings, empty_database_url):
    empty = replace(settings, database_url=empty_database_url)
    assert problems(empty) == ["The database has no tables yet: run `pionne-feedback db upgrade`."]


def test_schema_that_is_behind_is_told_with_what_to_do(problems, settings, database, monkeypatch):
    # There is no older schema yet to go back to.
    with_newer = {"of this database", "newer"}
    monkeypatch.setattr("app.services.instance.readiness.newest_revisions", lambda: {"newer"})
    monkeypatch.setattr("app.services.instance.readiness.known_revisions", lambda: with_newer)
    database.execute("UPDATE alembic_version SET version_num = 'of this database'")
    assert problems(settings) == [
        "The database's schema is behind this code: run `pionne-feedback db" " upgrade`."
    ]


def test_schema_of_newer_code_is_told_by_its_name(problems, settings, database):
    database.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    (line,) = problems(settings)
    assert line == (
        "The database was migrated by a newer version of this code (from-the-future): install that"
        " version, or restore a backup."
    )


@pytest.mark.sqlite_only("the addresses are given")
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.db",
        "sqlite:////proc/version",
        "sqlite:////tmp",
        "postgresql+psycopg://127.0.0.1:1/none",
    ],
)
def test_database_that_cannot_be_reached_is_told_with_its_address(problems, settings, url):
    (line,) = problems(replace(settings, database_url=url))
    assert line.startswith(f"The database {url} cannot be reached: ")
    assert line.endswith(". Check DATABASE_URL.")
    assert "\n" not in line


@pytest.mark.sqlite_only("PostgreSQL has no file")
def test_nobody_reads_of_a_database_url_that_they_did_not_set(problems, settings, tmp_path):
    folder = tmp_path / "some"
    (folder / "pionne.db").mkdir(parents=True)
    url = f"sqlite:///{folder}/pionne.db"
    (line,) = problems(replace(settings, instance_dir=folder, database_url=url))
    assert "DATABASE_URL" not in line
    assert f"Check that {folder} (INSTANCE_DIR)" in line


@pytest.mark.sqlite_only("PostgreSQL has no file")
@pytest.mark.parametrize("is_folder_there", [True, False])
def test_first_look_on_a_fresh_machine_names_the_first_command_and_makes_nothing(
    problems, settings, tmp_path, is_folder_there
):
    folder = tmp_path / "fresh"
    if is_folder_there:
        folder.mkdir()
    url = f"sqlite:///{folder}/pionne.db"
    (line,) = problems(replace(settings, instance_dir=folder, database_url=url))
    assert line.startswith(f"There is no database in {folder}. Make one with `pionne-feedback`,")
    assert folder.exists() == is_folder_there
    assert not (folder / "pionne.db").exists()


@pytest.mark.postgresql_only("SQLite has a file, which the addresses above are about")
def test_database_that_the_server_does_not_have_is_told_by_name(problems, settings):
    missing = settings.database_url.rpartition("/")[0] + "/missing"
    (line,) = problems(replace(settings, database_url=missing))
    assert line.startswith(f"The database {missing} cannot be reached: ")
    assert line.endswith('database "missing" does not exist. Check DATABASE_URL.')


@pytest.mark.postgresql_only("SQLite's text is always UTF-8")
def test_database_of_another_encoding_is_told_before_its_tables(
    problems, settings, ascii_postgresql_url
):
    url = ascii_postgresql_url.replace("postgresql:", "postgresql+psycopg:")
    (line,) = problems(replace(settings, database_url=url))
    assert line.startswith("The database keeps text as SQL_ASCII, which cannot be changed: create")
    assert "\n" not in line


@pytest.mark.sqlite_only("the address is given")
def test_file_that_is_no_database_is_told(problems, settings, tmp_path):
    (tmp_path / "notes.txt").write_text("Not a database at all. " * 100)
    (line,) = problems(replace(settings, database_url=f"sqlite:///{tmp_path}/notes.txt"))
    assert line.endswith("cannot be reached: file is not a database. Check DATABASE_URL.")


@pytest.mark.sqlite_only("SQLite's own file")
def test_file_of_the_instance_that_is_damaged_is_told_with_the_way_back(problems, settings):
    (settings.instance_dir / "pionne.db").write_bytes(b"\xff\x00damaged" * 1000)
    (line,) = problems(settings)
    assert "file is not a database" in line
    assert line.endswith("`pionne-feedback restore FILE --replace`.")


@pytest.mark.sqlite_only("the address is given")
def test_password_of_the_database_is_not_shown(make_app, settings):
    url = "postgresql+psycopg://user:secret@h/db"
    away = make_app(replace(settings, database_url="sqlite:////nowhere/at/all.db"))
    with away.app_context():
        line = database_problem(replace(settings, database_url=url))
    assert line.startswith("The database postgresql+psycopg://user:***@h/db cannot be reached: ")


def test_every_problem_is_told_at_once(problems, settings, empty_database_url):
    broken = replace(settings, app_key="", database_url=empty_database_url)
    lines = problems(broken, workers=3)
    assert [line.split()[0] for line in lines] == ["APP_KEY", "3", "The"]

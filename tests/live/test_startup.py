"""What a start refuses, and what it says."""

import subprocess
import sys
import time

import httpx
import pytest

from tests.live.conftest import ROOT, environment_of
from tests.servers.ports import free_port


@pytest.mark.sqlite_only("it is about settings")
def test_several_workers_with_a_limiter_in_memory_are_refused(refuse_to_start):
    said = refuse_to_start(WEB_CONCURRENCY="2")

    assert "RATELIMIT_STORAGE_URI" in said and "one worker" in said


@pytest.mark.sqlite_only("the settings are given")
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"APP_KEY": "too short"}, "APP_KEY has 9 characters"),
        ({"APP_KEY": "", "APP_KEY_FILE": "/nowhere/app.key"}, "APP_KEY is not set"),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "cannot be reached"),
        (
            {"DATABASE_URL": "postgresql://user:hunter2@127.0.0.1:1/none"},
            "user:***@127.0.0.1:1/none cannot be reached",
        ),
        ({"PORT": "eighty"}, "PORT must be a whole number"),
        ({"BLUEPRINTS": "ingest,nonsense"}, "'nonsense'"),
    ],
)
def test_a_start_that_cannot_work_is_refused_in_one_line(refuse_to_start, environment, expected):
    said = refuse_to_start(**environment).strip()

    assert expected in said
    assert len(said.splitlines()) == 1
    assert "hunter2" not in said


def test_a_schema_behind_the_migrations_is_refused(refuse_to_start, database):
    database.execute("DELETE FROM alembic_version")

    assert "make migrate" in refuse_to_start()


@pytest.mark.sqlite_only("it is about settings")
def test_a_start_says_where_it_listens_and_what_to_try_next(server):
    assert f"listens on {server.url}" in server.log()
    assert "make demo" in server.log()


@pytest.mark.sqlite_only("it is about settings")
def test_start_without_the_store_of_limits_is_a_warning_of_one_line(start_server):
    server = start_server(
        WEB_CONCURRENCY="2", RATELIMIT_STORAGE_URI=f"redis://127.0.0.1:{free_port()}"
    )

    assert server.log().count("RATELIMIT_STORAGE_URI does not answer") == 1
    assert "Traceback" not in server.log()
    assert httpx.post(f"{server.url}/feedback").status_code == 401


@pytest.mark.sqlite_only("the address is given")
def test_migrating_a_database_that_is_not_there_says_so_in_one_line(settings):
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment_of(settings, DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/none"),
    )

    assert ended.returncode != 0
    assert "user:***@127.0.0.1:1/none cannot be reached" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_purge_that_a_restart_cut_off_goes_on_after_it(start_server, database, make_feedback):
    for _ in range(3):
        make_feedback()
    database.execute("UPDATE projects SET deleted_at = created_at, owner_id = NULL")
    server = start_server()

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.rows("SELECT id FROM projects"):
        time.sleep(0.05)
    assert server.rows("SELECT id FROM projects") == []
    assert server.rows("SELECT id FROM feedback") == []

"""What a start refuses, and what it says."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from app.services.instance.serving_lock import BeingServed, nobody_serves_from
from tests.live.conftest import ROOT, START_SECONDS, environment_of
from tests.servers.ports import free_port


@pytest.fixture
def is_forked() -> bool:
    return False


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

    assert "pionne-feedback db upgrade" in refuse_to_start()


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


def test_a_folder_that_is_served_is_not_served_twice(server, refuse_to_start):
    assert "Another process uses" in refuse_to_start()


def test_a_server_that_replaces_itself_keeps_its_folder(app, settings, start_server):
    """As an upgrade without a gap does: SIGUSR2, then the old one ends."""
    pid_file = settings.instance_dir / "gunicorn.pid"
    server = start_server(GUNICORN_CMD_ARGS=f"--pid={pid_file}")
    server.process.send_signal(signal.SIGUSR2)
    successor = wait_for(lambda: int(Path(f"{pid_file}.2").read_text()))
    try:
        wait_for(lambda: server.log().count("listens on") == 2)
        server.stop()

        with pytest.raises(BeingServed), nobody_serves_from(settings.instance_dir):
            pass
    finally:
        os.kill(successor, signal.SIGTERM)

    def is_free():
        with nobody_serves_from(settings.instance_dir):
            return True

    assert wait_for(is_free)


def wait_for(condition):
    """What it returns once it is true and raises nothing."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError, BeingServed):
            if found := condition():
                return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")

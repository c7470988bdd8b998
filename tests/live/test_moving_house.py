"""Backups of a busy instance, and moves that are killed: nothing is lost, and nothing is half."""

import resource
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing
from dataclasses import replace

import httpx
import psycopg
import pytest

from app.config import read_settings
from tests.databases import PostgresqlDatabase, SqliteDatabase
from tests.fixtures.apps import APP_KEY, dispose
from tests.live.conftest import ROOT, Server, environment_of
from tests.live.steady_load import SteadyLoad

pytestmark = pytest.mark.sqlite_only("it moves from SQLite, to a PostgreSQL of its own")

DEADLINE_SECONDS = 60


@pytest.fixture
def flask(settings):
    """`flask …` in a process of its own, on the instance or another one."""

    def run(*arguments, on=settings, **kwargs):
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env=environment_of(on, DATABASE_URL=on.database_url),
            **kwargs,
        )

    return run


@pytest.fixture
def other(tmp_path):
    """An instance that is not there yet."""
    return read_settings({"INSTANCE_DIR": str(tmp_path / "other"), "APP_KEY": APP_KEY})


@pytest.fixture
def serve():
    started = []

    def start(settings, **environment):
        url = environment.get("DATABASE_URL", settings.database_url)
        on_sqlite = url.startswith("sqlite")
        file = settings.instance_dir / "pionne.db"
        database = SqliteDatabase(file) if on_sqlite else PostgresqlDatabase(url)
        started.append(Server(settings, database, **environment))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def send(server, project, message="Hello"):
    headers = {"X-Pionne-Token": project.token}
    return httpx.post(f"{server.url}/feedback", json={"message": message}, headers=headers)


def session_ids(path):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT session_id FROM sessions").fetchall()
    return {str(uuid.UUID(bytes=session_id)) for (session_id,) in rows}


def test_a_backup_under_load_is_of_one_moment_and_can_be_served(
    start_server, serve, make_project, flask, tmp_path, other
):
    projects = [make_project(f"App {number}") for number in range(24)]
    server = start_server(LOG_LEVEL="WARNING")
    load = SteadyLoad(server.port, [project.token for project in projects])
    with load.running():
        before = set(load.acknowledged)
        backed_up = flask("backup", tmp_path / "copy.db")
        load.go_on(50)
    restored = flask("restore", tmp_path / "copy.db", on=other)

    assert (backed_up.returncode, restored.returncode) == (0, 0), restored.stderr
    assert set(load.outcomes) == {202}
    assert before <= session_ids(other.instance_dir / "pionne.db") < load.acknowledged
    verified = flask("sessions", "verify", on=other)
    assert verified.stdout == "Every kept figure equals what it is made of.\n"
    assert send(serve(other), projects[0]).status_code == 202


def test_a_served_instance_is_not_restored_over(
    server, app, project, flask, tmp_path, serve, settings
):
    send(server, project, "Kept")
    assert flask("backup", tmp_path / "copy.db").returncode == 0
    send(server, project, "After the backup")

    refused = flask("restore", tmp_path / "copy.db", "--replace")

    assert (refused.returncode, refused.stderr.count("\n")) == (3, 1)
    assert "stop the service first" in refused.stderr
    assert send(server, project, "Still serving").status_code == 202
    server.stop()
    dispose(app)  # this process has it open, too
    assert flask("restore", tmp_path / "copy.db", "--replace").returncode == 0
    again = serve(settings)
    assert again.rows("SELECT message FROM feedback") == [("Kept",)]


def test_a_full_disk_makes_no_backup(fill_feedback, flask, tmp_path, settings):
    """The limit stands for the disk: the same call fails, with another number."""
    fill_feedback(2000)

    def limit_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    (tmp_path / "backups").mkdir()
    failed = flask("backup", tmp_path / "backups", preexec_fn=limit_files)

    assert (failed.returncode, failed.stderr.count("\n")) == (3, 1)
    assert failed.stderr.startswith("Error: There is no backup: ")
    assert list((tmp_path / "backups").iterdir()) == []
    assert not (settings.instance_dir / "last-backup.json").exists()


@pytest.fixture
def start_move(settings, postgresql_url):
    """`pionne-feedback move` in a process that the test may kill."""
    started = []

    def start():
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "move", "--to", postgresql_url],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                env=environment_of(settings),
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def postgresql_rows(postgresql_url):
    return PostgresqlDatabase(postgresql_url).rows


def test_a_move_that_is_killed_in_the_middle_of_a_table_goes_on_there(
    project, fill_feedback, start_move, flask, postgresql_url, postgresql_rows, settings, serve
):
    fill_feedback(60_000)
    mover = start_move()
    with psycopg.connect(postgresql_url) as watcher:
        copied = hold_after_a_batch(watcher)
        mover.send_signal(signal.SIGKILL)
        mover.wait()
    assert 0 < copied < 60_000
    assert postgresql_rows("SELECT count(*) FROM feedback") == [(copied,)]
    first_written = "SELECT xmin::text, id FROM feedback WHERE id <= 5000 ORDER BY id"
    before = postgresql_rows(first_written)
    there = replace(settings, database_url=postgresql_url)
    half = flask("projects", "list", on=there)
    assert half.returncode == 3
    assert "has not arrived" in half.stderr

    finished = flask("move", "--to", postgresql_url)

    assert finished.returncode == 0, finished.stderr
    assert "the same on both sides" in finished.stdout
    assert postgresql_rows(first_written) == before  # not copied twice
    assert postgresql_rows("SELECT count(*), max(id) FROM feedback") == [(60_000, 60_000)]
    sent = send(serve(settings, DATABASE_URL=postgresql_url), project)
    assert (sent.status_code, sent.json()["feedback_id"]) == (202, 60_001)


def hold_after_a_batch(watcher):
    """Stops the move after some batch of feedback; how many rows it had stored by then."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        try:
            row = watcher.execute(
                "SELECT copied FROM move_progress WHERE table_name = 'feedback' FOR UPDATE"
            ).fetchone()
        except psycopg.errors.UndefinedTable:
            row = None
        if row and row[0]:
            return row[0]
        watcher.rollback()
        time.sleep(0.005)
    raise AssertionError("the move copied no feedback")


def test_no_server_starts_while_its_instance_moves(
    fill_feedback, start_move, postgresql_url, refuse_to_start
):
    fill_feedback(20_000)
    start_move()
    with psycopg.connect(postgresql_url) as watcher:
        hold_after_a_batch(watcher)

        assert "wait for the command to end" in refuse_to_start()


def test_a_served_instance_does_not_move(server, flask, postgresql_url):
    refused = flask("move", "--to", postgresql_url)

    assert refused.returncode == 3
    assert "stop the service first" in refused.stderr


def test_on_postgresql_the_commands_that_are_named_back_up_and_restore(
    postgresql, postgresql_url, flask, settings, project, make_feedback, tmp_path, serve
):
    """They are run as printed, but for the path to the tools."""
    make_feedback(message="Kept", name="J\u00f6rg")
    assert flask("move", "--to", postgresql_url).returncode == 0
    here = replace(settings, database_url=postgresql_url)
    postgresql.execute("CREATE DATABASE restored")
    there = replace(settings, database_url=postgresql.url("restored"))

    named = flask("backup", tmp_path / "my copy.dump", on=here)
    run_named(postgresql, named, "pg_dump")
    named = flask("restore", tmp_path / "my copy.dump", on=there)
    run_named(postgresql, named, "pg_restore")

    server = serve(settings, DATABASE_URL=there.database_url)
    sent = send(server, project)
    assert (sent.status_code, sent.json()["feedback_id"]) == (202, 2)
    with psycopg.connect(there.database_url) as connection:
        rows = connection.execute("SELECT message, name FROM feedback ORDER BY id").fetchall()
    assert rows == [("Kept", "J\u00f6rg"), ("Hello", None)]


def run_named(postgresql, refusal, tool):
    assert refusal.returncode == 3
    words = shlex.split(refusal.stderr)
    command = words[words.index(tool) :]
    subprocess.run([postgresql.tool(tool), *command[1:]], check=True)

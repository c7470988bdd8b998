"""Each cause of a failed write, made to happen: posts, /readyz and the log name it, and it ends."""

import json
import os
import shutil
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from app import database_causes as causes
from app.services import accounts, projects
from tests.database.failing_databases import files_limited_to, fill, nobodys, role, small_disk
from tests.fixtures.apps import CHEAP_HASHER, dispose

LONG = "A long word that takes room. " * 60


class Service:
    """An app on some database, as its clients and its operator see it."""

    def __init__(self, app, token, clock, log_lines):
        self.app, self.token, self.clock, self.log_lines = app, token, clock, log_lines
        self.client = app.test_client()
        self._count = 0

    def post(self):
        self._count += 1
        return self.client.post(
            "/feedback",
            json={"message": f"{self._count} {LONG}"[:2000]},
            headers={"X-Pionne-Token": self.token},
            buffered=True,  # with what is done when the answer has left
        )

    def post_until_it_fails(self):
        """For good: SQLite finds a little room in its log once more, when that begins anew."""
        failed = 0
        for _ in range(90):
            answer = self.post()
            failed = failed + 1 if answer.status_code != 202 else 0
            if failed == 5:
                return answer
        raise AssertionError("most of them were stored")

    def ready(self):
        self.clock.advance(seconds=60)
        return self.client.get("/readyz")

    def told(self):
        """What the log says but for the line of each request."""
        lines = [json.loads(line) for line in self.log_lines if line.startswith("{")]
        return [line for line in lines if "level" in line]

    def assert_failing_with(self, cause, answer):
        assert answer.status_code == 503, answer.text
        assert answer.get_json() == {"message": f"{cause.words}. Try again later."}
        assert int(answer.headers["Retry-After"]) == cause.retry_seconds
        ready = self.ready()
        assert ready.status_code == 503, ready.text
        assert cause.words in ready.text
        for _ in range(5):
            assert self.post().status_code == 503
        (told,) = self.told()
        assert told["cause"] == cause.name
        assert "at" not in told
        requests = [json.loads(line) for line in self.log_lines if '"/feedback"' in line]
        assert requests[-1]["cause"] == cause.name

    def assert_working_again(self):
        ready = self.ready()
        assert ready.status_code == 200, ready.text
        assert ready.get_json()["message"] == "All is well."
        answer = self.post()
        assert answer.status_code == 202, answer.text
        began, ended = self.told()
        assert ended["message"].startswith("The database works again, after ")


@pytest.fixture
def serve(settings, make_app, project, clock, log_lines):
    def start(url=settings.database_url, **changes):
        changed = replace(settings, database_url=url, **changes)
        return Service(
            make_app(changed, clock=clock, password_hasher=CHEAP_HASHER),
            project.token,
            clock,
            log_lines,
        )

    return start


@pytest.fixture
def file(settings, app, project):
    """SQLite's, with a project in it and nobody at it."""
    dispose(app)
    return settings.instance_dir / "pionne.db"


on_sqlite = pytest.mark.sqlite_only("it is about its file")
on_postgresql = pytest.mark.postgresql_only("it is about the server")


@on_sqlite
def test_full_disk(serve, file):
    with small_disk(8) as folder:
        service = serve(f"sqlite:///{shutil.copy(file, folder)}")
        assert service.post().status_code == 202
        filler = fill(folder)
        service.assert_failing_with(causes.DISK_FULL, service.post_until_it_fails())
        filler.unlink()
        service.assert_working_again()
        dispose(service.app)


@on_sqlite
def test_full_disk_is_seen_by_who_asks_first(serve, file):
    with small_disk(8) as folder:
        service = serve(f"sqlite:///{shutil.copy(file, folder)}")
        assert service.ready().status_code == 200
        fill(folder)
        assert causes.DISK_FULL.words in service.ready().text
        dispose(service.app)


@on_sqlite
def test_limit_on_the_size_of_files(serve, file):
    service = serve()
    assert service.post().status_code == 202
    with files_limited_to(Path(f"{file}-wal").stat().st_size + 3000):
        answer = service.post_until_it_fails()
        ready = service.ready()
    # The first write that goes past it is short, as on a full disk; the next one is refused.
    assert answer.get_json()["message"].split(".")[0] in {
        causes.DISK_FULL.words,
        causes.IO_ERROR.words,
    }
    assert ready.status_code == 503
    assert any(cause.words in ready.text for cause in (causes.DISK_FULL, causes.IO_ERROR))
    assert service.ready().status_code == 200
    assert service.post().status_code == 202


@on_sqlite
def test_file_that_was_deleted_under_the_service(serve, file, tmp_path):
    service = serve()
    assert service.post().status_code == 202
    file.rename(tmp_path / "elsewhere.db")
    service.assert_failing_with(causes.FILE_GONE, service.post())
    (tmp_path / "elsewhere.db").rename(file)
    service.assert_working_again()


@on_sqlite
def test_file_that_another_one_took_the_place_of(serve, file):
    service = serve()
    assert service.post().status_code == 202
    copy = Path(shutil.copy(file, f"{file}.copy"))
    copy.replace(file)
    service.assert_failing_with(causes.FILE_GONE, service.post())


@on_sqlite
def test_file_that_is_no_database(serve, file):
    file.write_bytes(b"This is no database at all. " * 1000)
    service = serve()
    service.assert_failing_with(causes.DAMAGED, service.post())


@on_sqlite
def test_file_whose_pages_are_overwritten(serve, file):
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (file.stat().st_size - 4096))
    service = serve()
    service.assert_failing_with(causes.DAMAGED, service.post())


@on_sqlite
def test_file_that_may_only_be_read(serve, file):
    with nobodys(file) as copy:
        with closing(sqlite3.connect(copy)):
            copy.chmod(0o444)
            service = serve(f"sqlite:///{copy}")
            service.assert_failing_with(causes.READ_ONLY, service.post())
            for each in copy.parent.iterdir():
                each.chmod(0o644)
            service.assert_working_again()
            dispose(service.app)


@on_sqlite
def test_folder_that_may_only_be_read(serve, file):
    with nobodys(file) as copy:
        copy.parent.chmod(0o555)
        service = serve(f"sqlite:///{copy}")
        service.assert_failing_with(causes.NO_PERMISSION, service.post())
        copy.parent.chmod(0o755)
        service.assert_working_again()
        dispose(service.app)


@on_sqlite
def test_folder_that_is_not_there(serve, file):
    service = serve("sqlite:////nowhere/at/all.db")
    service.assert_failing_with(causes.CANNOT_OPEN, service.post())


def test_database_that_others_keep_locked(serve, database):
    service = serve(sqlite_busy_seconds=0, postgresql_busy_seconds=0)
    with database.another_writer() as other:
        service.assert_failing_with(causes.LOCKED, service.post())
        other.rollback()
        service.assert_working_again()


def test_table_that_is_gone(serve, database):
    database.execute("ALTER TABLE feedback_texts RENAME TO elsewhere")
    service = serve()
    service.assert_failing_with(causes.WRONG_TABLES, service.post())
    database.execute("ALTER TABLE elsewhere RENAME TO feedback_texts")
    service.assert_working_again()


@on_postgresql
def test_server_that_only_reads(serve, settings):
    service = serve(f"{settings.database_url}?options=-cdefault_transaction_read_only%3Don")
    service.assert_failing_with(causes.READ_ONLY, service.post())


@on_postgresql
def test_right_to_write_that_was_taken(serve, settings):
    with role(database_url(settings), f"reader_{os.getpid()}") as url:
        service = serve(with_driver(url))
        service.assert_failing_with(causes.NO_PERMISSION, service.post())
        dispose(service.app)


@on_postgresql
def test_server_that_takes_no_more_connections(serve, settings):
    with role(database_url(settings), f"alone_{os.getpid()}", "CONNECTION LIMIT 0") as url:
        service = serve(with_driver(url))
        service.assert_failing_with(causes.TOO_MANY_CONNECTIONS, service.post())
        dispose(service.app)


@on_postgresql
def test_server_that_is_not_there(serve):
    service = serve("postgresql+psycopg://postgres@127.0.0.1:1/none")
    service.assert_failing_with(causes.AWAY, service.post())


@on_postgresql
def test_database_that_the_server_does_not_have(serve, settings):
    service = serve(settings.database_url.rpartition("/")[0] + "/missing")
    service.assert_failing_with(causes.REFUSED, service.post())


@on_postgresql
def test_user_that_the_server_does_not_know(serve, settings):
    service = serve(settings.database_url.replace("//postgres@", "//nobody@"))
    service.assert_failing_with(causes.REFUSED, service.post())


@on_postgresql
def test_connections_that_the_server_ended_are_replaced(serve, settings):
    service = serve(f"{settings.database_url}?application_name=ended")
    assert service.post().status_code == 202
    with closing(psycopg.connect(database_url(settings), autocommit=True)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'ended'"
        )
    assert service.post().status_code == 202


@on_postgresql
def test_server_that_stops_and_starts(serve, durable_postgresql):
    service = serve(with_driver(durable_postgresql.url("migrated")))
    durable_postgresql.stop()
    service.assert_failing_with(causes.AWAY, service.post())
    durable_postgresql.start()
    assert service.ready().status_code == 200


@on_postgresql
def test_full_disk_of_the_server(serve, postgresql, settings, clock):
    with small_disk(24) as folder, ExitStack() as stack:
        name = f"small_{os.getpid()}"
        place = folder / "data"
        place.mkdir()
        os.chown(place, NOBODY_ID, NOBODY_ID)
        postgresql.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")
        stack.callback(postgresql.execute, f"DROP TABLESPACE {name}")
        postgresql.execute(
            f"CREATE DATABASE {name} TEMPLATE migrated TABLESPACE {name} STRATEGY file_copy"
        )
        stack.callback(postgresql.execute, f"DROP DATABASE {name} WITH (FORCE)")
        service = serve(with_driver(postgresql.url(name)))
        stack.callback(dispose, service.app)
        with service.app.app_context():
            owner = accounts.create("me@example.com", password="unguessable 77", now=clock())
            service.token = projects.create("App", owner_id=owner.id, actor=None, now=clock()).token
        assert service.post().status_code == 202
        filler = fill(folder)
        service.assert_failing_with(causes.DISK_FULL, service.post_until_it_fails())
        filler.unlink()
        service.assert_working_again()


NOBODY_ID = 65534


def database_url(settings):
    return settings.database_url.replace("postgresql+psycopg:", "postgresql:")


def with_driver(url):
    return url.replace("postgresql:", "postgresql+psycopg:")

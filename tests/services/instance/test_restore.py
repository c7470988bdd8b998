"""A backup takes the database's place, and what was there stays beside it."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from app.config import read_settings
from app.database import write_transaction
from app.extensions import db
from app.models import Feedback
from app.services.errors import Refused
from app.services.instance import backup, restore
from app.services.instance.readiness import database_problem
from app.services.instance.serving_lock import nobody_serves_from
from tests.fixtures.apps import APP_KEY

ASIDE = "pionne.db.replaced-20260507T172500Z"

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.sqlite_only("PostgreSQL has its own tools for that"),
]


@pytest.fixture
def saved(tmp_path, clock, make_feedback):
    """A backup with one piece of feedback, by Alice."""
    make_feedback(name="Alice")
    backup.make(tmp_path / "saved.db", now=clock())
    return tmp_path / "saved.db"


@pytest.fixture
def put_back(settings, clock):
    def call(path, **options):
        return restore.restore(path, instance_dir=settings.instance_dir, now=clock(), **options)

    return call


@pytest.fixture
def database(settings):
    return settings.instance_dir / "pionne.db"


@pytest.fixture
def fresh(make_app, tmp_path):
    """An instance that has nothing yet, not even a folder."""
    settings = read_settings({"INSTANCE_DIR": str(tmp_path / "fresh"), "APP_KEY": APP_KEY})
    with make_app(settings).app_context():
        yield settings


def names_of_senders(path):
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM feedback ORDER BY id")]


def test_a_backup_makes_a_new_instance(saved, fresh, clock):
    restored = restore.restore(saved, instance_dir=fresh.instance_dir, now=clock())

    assert restored.path == str(fresh.instance_dir / "pionne.db")
    assert (restored.replaced, restored.is_behind) == (None, False)
    assert database_problem(fresh) is None
    assert names_of_senders(restored.path) == ["Alice"]


def test_what_is_restored_is_its_owners_only(saved, fresh, clock):
    saved.chmod(0o644)
    restored = restore.restore(saved, instance_dir=fresh.instance_dir, now=clock())

    assert stat.S_IMODE(os.stat(restored.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(fresh.instance_dir).st_mode) == 0o700


def test_a_database_that_is_there_is_not_replaced_unless_told(saved, put_back, database):
    with pytest.raises(Refused, match="--replace"):
        put_back(saved)


def test_the_replaced_database_stays_beside_whole(saved, put_back, database, make_feedback):
    """Bob is in the write-ahead log only, which must not be lost, nor taken for the backup's."""
    make_feedback(name="Bob")
    assert os.path.getsize(f"{database}-wal") > 0

    restored = put_back(saved, replace=True)

    assert restored.replaced == str(database.with_name(ASIDE))
    assert names_of_senders(database) == ["Alice"]
    assert names_of_senders(restored.replaced) == ["Alice", "Bob"]


def test_replacing_can_be_taken_back(saved, put_back, database, make_feedback, clock):
    make_feedback(name="Bob")
    replaced = put_back(saved, replace=True).replaced
    clock.advance(minutes=1)

    put_back(Path(replaced), replace=True)

    assert names_of_senders(database) == ["Alice", "Bob"]


def test_the_same_app_reads_what_was_restored(saved, put_back, make_feedback, stored_feedback):
    make_feedback(name="Bob")
    put_back(saved, replace=True)

    assert [row.name for row in stored_feedback()] == ["Alice"]


def test_ids_go_on_after_the_highest_of_the_backup(saved, put_back, make_feedback):
    put_back(saved, replace=True)

    assert make_feedback() == 2


def test_a_damaged_database_is_replaced_and_keeps_its_log(saved, put_back, database):
    db.engine.dispose()
    database.write_bytes(b"no database any more" * 500)
    log = database.with_name("pionne.db-wal")
    log.write_bytes(b"a log of it")

    put_back(saved, replace=True)

    assert names_of_senders(database) == ["Alice"]
    assert database.with_name(ASIDE).read_bytes() == b"no database any more" * 500
    assert database.with_name(f"{ASIDE}-wal").read_bytes() == b"a log of it"


def test_a_log_that_lost_its_database_is_not_taken_for_the_backups(saved, put_back, database):
    db.engine.dispose()
    database.unlink()
    database.with_name("pionne.db-wal").write_bytes(b"a log of nothing")
    with pytest.raises(Refused, match="--replace"):
        put_back(saved)

    put_back(saved, replace=True)

    assert not database.with_name("pionne.db-wal").exists()
    assert names_of_senders(database) == ["Alice"]


def test_an_instance_that_is_served_is_left_alone(saved, put_back, settings, database):
    before = database.read_bytes()

    with nobody_serves_from(settings.instance_dir), pytest.raises(
        Refused, match="is being served from"
    ):
        put_back(saved, replace=True)
    assert database.read_bytes() == before


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_database_that_another_process_has_open_is_left_alone(
    saved, put_back, database, mode, monkeypatch
):
    real_connect = restore.connect

    def impatient(path, options):
        connection = real_connect(path, options)
        connection.execute("PRAGMA busy_timeout = 0")
        return connection

    monkeypatch.setattr(restore, "connect", impatient)
    db.engine.dispose()
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode = {mode}")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM feedback").fetchall()

        with pytest.raises(Refused, match="Another process uses"):
            put_back(saved, replace=True)
    assert names_of_senders(database) == ["Alice"]
    assert not database.with_name(ASIDE).exists()


def damage(path):
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "no file"),
        (lambda path: path.write_text("a letter to grandmother"), "no database"),
        (lambda path: path.write_bytes(path.read_bytes()[:8192]), "saved.db is"),
        (damage, "saved.db is"),
        (lambda path: path.write_bytes(b""), "no database of this service: no such table"),
        (lambda path: path.with_name("saved.db-wal").write_bytes(b"x"), "saved.db-wal beside it"),
    ],
    ids=["gone", "text", "cut short", "damaged", "empty", "with a log"],
)
def test_what_is_no_backup_changes_nothing(saved, put_back, database, spoil, said):
    spoil(saved)
    before = sorted(database.parent.iterdir()), database.read_bytes()

    with pytest.raises(Refused, match=said):
        put_back(saved, replace=True)

    files = [path for path in sorted(database.parent.iterdir()) if path.name != "serving.lock"]
    assert (files, database.read_bytes()) == before


def set_revision(path, revision):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()


def test_a_backup_of_newer_code_is_refused(saved, put_back):
    set_revision(saved, "from the future")

    with pytest.raises(Refused, match=r"newer version of this code \(from the future\)"):
        put_back(saved, replace=True)


def test_a_backup_of_older_code_says_so(saved, put_back):
    set_revision(saved, "5dc5c4052876")

    assert put_back(saved, replace=True).is_behind


def test_the_database_itself_is_no_backup(put_back, database):
    with pytest.raises(Refused, match="the database itself"):
        put_back(database, replace=True)


def test_a_full_disk_changes_nothing(saved, put_back, database, monkeypatch):
    def copyfile(source, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    with pytest.raises(Refused, match="No space left"):
        put_back(saved, replace=True)
    assert not [path for path in database.parent.iterdir() if path.name.endswith(".part")]


def test_two_restores_in_one_second_lose_nothing(saved, put_back, database, make_feedback):
    put_back(saved, replace=True)
    make_feedback(name="Bob")

    with pytest.raises(Refused, match="File exists"):
        put_back(saved, replace=True)
    assert names_of_senders(database) == ["Alice", "Bob"]


def test_a_file_system_without_links_keeps_the_replaced_database_too(
    saved, put_back, database, make_feedback, monkeypatch
):
    def link(*_):
        raise PermissionError

    make_feedback(name="Bob")
    monkeypatch.setattr(os, "link", link)

    replaced = put_back(saved, replace=True).replaced

    assert names_of_senders(replaced) == ["Alice", "Bob"]
    assert names_of_senders(database) == ["Alice"]


def test_a_kill_before_the_last_step_leaves_the_old_database(
    saved, put_back, database, monkeypatch, make_feedback
):
    """At no moment is there none, or one with a log that is not its own."""
    make_feedback(name="Bob")

    def place(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(restore, "place", place)
    with pytest.raises(KeyboardInterrupt):
        put_back(saved, replace=True)

    assert names_of_senders(database) == ["Alice", "Bob"]


def test_the_lock_is_there_for_the_next_server(saved, put_back, settings):
    put_back(saved, replace=True)

    with nobody_serves_from(settings.instance_dir):
        pass


def test_later_writes_of_the_restored_instance_stay(saved, put_back, stored_feedback):
    put_back(saved, replace=True)
    with write_transaction() as connection:
        connection.execute(update(Feedback).values(name="Carol"))
    db.engine.dispose()

    assert [row.name for row in stored_feedback()] == ["Carol"]

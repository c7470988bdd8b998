"""A backup is a whole copy of one moment, or there is none."""

import fcntl
import json
import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from app.database import write_transaction
from app.models import Feedback
from app.services.errors import Refused
from app.services.instance import backup

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.sqlite_only("PostgreSQL has its own tools for that"),
]


@pytest.fixture
def folder(tmp_path):
    """Where backups go, apart from the instance."""
    path = tmp_path / "backups"
    path.mkdir()
    return path


@pytest.fixture
def make(clock):
    def call(path, **options):
        return backup.make(path, now=clock(), **options)

    return call


def rows(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_has_every_row(make, folder, make_feedback, stored_feedback):
    for _ in range(3):
        make_feedback(name="Alice")

    made = make(folder / "copy.db")

    copied = rows(made.path, "SELECT id, message, name FROM feedback ORDER BY id")
    assert copied == [(row.id, row.message, row.name) for row in stored_feedback()]


def test_only_an_ordinary_file_is_replaced(make, folder):
    """`/dev/full` would be a file from then on."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(Refused, match="no ordinary file"):
        make(pipe, overwrite=True)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_backup_tells_its_place_size_time_and_migration(make, folder, database_rows, clock):
    made = make(folder / "copy.db")

    assert made.path == str(folder / "copy.db")
    assert made.bytes == os.path.getsize(folder / "copy.db")
    assert made.at == clock()
    assert [(revision,) for revision in made.revisions] == database_rows(
        "SELECT version_num FROM alembic_version"
    )


def test_a_backup_into_a_folder_is_named_after_its_moment(make, folder):
    make(folder)

    assert names(folder) == ["pionne-20260507T172500Z.db"]


def test_only_its_owner_may_read_a_backup(make, folder):
    old = os.umask(0)
    try:
        made = make(folder)
    finally:
        os.umask(old)

    assert stat.S_IMODE(os.stat(made.path).st_mode) == 0o600


def test_a_backup_is_one_file(make, folder, make_feedback):
    """Its own write-ahead log would be left behind by whoever carries it away."""
    make_feedback()
    make(folder / "copy.db")

    assert names(folder) == ["copy.db"]
    assert (folder / "copy.db").read_bytes()[18:20] == b"\x01\x01"


def test_what_was_deleted_is_not_in_a_backup(make, folder, make_feedback):
    """Free pages of the database may hold it for long; they are not copied."""
    make_feedback(name="Nobody's business")
    with write_transaction() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        connection.execute(delete(Feedback))

    make(folder / "copy.db")

    assert b"Nobody's business" not in (folder / "copy.db").read_bytes()


def test_ids_that_were_given_out_stay_given_out(make, folder, fill_feedback):
    fill_feedback(5)
    with write_transaction() as connection:
        connection.execute(delete(Feedback).where(Feedback.id > 2))

    made = make(folder)

    assert rows(made.path, "SELECT seq FROM sqlite_sequence WHERE name = 'feedback'") == [(5,)]


def test_a_backup_does_not_wait_for_a_writer_and_has_nothing_of_it(make, folder, make_feedback):
    make_feedback()
    with write_transaction() as connection:
        connection.execute(update(Feedback).values(name="half done"))
        made = make(folder)

    assert rows(made.path, "SELECT name FROM feedback") == [(None,)]


def test_writers_do_not_wait_for_a_backup(
    make, folder, monkeypatch, fill_feedback, make_feedback, database_rows
):
    """They write while it reads: the copy is of the moment at which it began."""
    fill_feedback(2000)
    began, written = threading.Event(), threading.Event()
    real_connect = backup.connect

    def connect_and_tell(path, options):
        connection = real_connect(path, options)

        def progress():
            if not began.is_set():
                began.set()
                written.wait(10)
            return 0

        connection.set_progress_handler(progress, 10_000)
        return connection

    def write():
        began.wait(10)
        make_feedback()
        written.set()

    monkeypatch.setattr(backup, "connect", connect_and_tell)
    writer = threading.Thread(target=write)
    writer.start()
    made = make(folder)
    writer.join()

    assert written.is_set()
    assert database_rows("SELECT count(*) FROM feedback") == [(2001,)]
    assert rows(made.path, "SELECT count(*) FROM feedback") == [(2000,)]


def test_no_backup_replaces_a_file_unless_told(make, folder):
    (folder / "copy.db").write_bytes(b"precious")

    with pytest.raises(Refused, match="exists already"):
        make(folder / "copy.db")
    assert (folder / "copy.db").read_bytes() == b"precious"
    make(folder / "copy.db", overwrite=True)
    assert rows(folder / "copy.db", "SELECT count(*) FROM feedback") == [(0,)]


def test_a_file_that_appears_meanwhile_is_not_replaced(make, folder, monkeypatch):
    real_revisions_of = backup.revisions_of

    def revisions_of(path):
        (folder / "copy.db").write_bytes(b"precious")
        return real_revisions_of(path)

    monkeypatch.setattr(backup, "revisions_of", revisions_of)
    with pytest.raises(Refused, match="exists already"):
        make(folder / "copy.db")
    assert (folder / "copy.db").read_bytes() == b"precious"
    assert names(folder) == ["copy.db"]


def test_a_file_system_without_links_takes_backups_too(make, folder, monkeypatch):
    def link(*_):
        raise PermissionError

    monkeypatch.setattr(os, "link", link)
    make(folder / "copy.db")
    assert names(folder) == ["copy.db"]
    with pytest.raises(Refused, match="exists already"):
        make(folder / "copy.db")


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_the_database_is_never_overwritten_with_its_backup(make, settings, suffix):
    with pytest.raises(Refused, match="the database itself"):
        make(settings.instance_dir / f"pionne.db{suffix}", overwrite=True)


def test_a_link_to_the_database_is_the_database(make, settings, folder):
    (folder / "copy.db").symlink_to(settings.instance_dir / "pionne.db")

    with pytest.raises(Refused, match="the database itself"):
        make(folder / "copy.db", overwrite=True)


@pytest.mark.parametrize("name", ["missing/copy.db", "missing/deeper/copy.db"])
def test_a_folder_that_is_not_there_is_made_for_its_owner_only(make, folder, name):
    target = folder / name
    assert make(target).path == str(target)
    made = [path for path in target.parents if folder in path.parents]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700}


@pytest.mark.parametrize("name", ["backups", "backups/", "2026.d/"])
def test_a_missing_place_without_an_ending_or_with_a_slash_is_a_folder(make, folder, name):
    made = Path(make(f"{folder}/{name}").path)
    assert made.parent == folder / name
    assert made.name == "pionne-20260507T172500Z.db"


def test_an_empty_path_is_not_the_folder_that_one_is_in(make, folder, monkeypatch):
    """As of a variable that is not set; `--keep` would delete there."""
    monkeypatch.chdir(folder)
    with pytest.raises(Refused, match="path is empty"):
        make("")
    assert names(folder) == []


@pytest.mark.parametrize(
    ("path", "told"),
    [("file/copy.db", "is no folder"), ("file/deeper/copy.db", "cannot be made: ")],
)
def test_a_folder_that_cannot_be_is_told(make, folder, path, told):
    (folder / "file").write_text("")
    with pytest.raises(Refused, match=told):
        make(folder / path)


def test_a_read_only_place_is_told_before_anything_is_copied(make):
    with pytest.raises(Refused) as refusal:
        make("/proc/copy.db")
    assert "DATABASE_URL" not in str(refusal.value)
    assert "/proc" in str(refusal.value)


def test_a_copy_that_is_damaged_is_no_backup(make, folder, monkeypatch, fill_feedback):
    """What was written is read back: here a disk that loses a page in the middle."""
    fill_feedback(500)
    real_revisions_of = backup.revisions_of

    def revisions_of(path):
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 4096 // 2 * 4096)
            file.write(bytes(4096))
        return real_revisions_of(path)

    monkeypatch.setattr(backup, "revisions_of", revisions_of)
    with pytest.raises(Refused, match="damaged"):
        make(folder / "copy.db")
    assert names(folder) == []


def test_rows_that_point_nowhere_are_told(make, folder, settings, make_feedback):
    make_feedback()
    with closing(sqlite3.connect(settings.instance_dir / "pionne.db")) as connection:
        connection.execute("DELETE FROM feedback_texts")
        connection.execute("UPDATE feedback SET project_id = 99")
        connection.commit()

    with pytest.raises(Refused, match="feedback points to none of projects"):
        make(folder)


def test_a_database_that_was_never_migrated_has_no_backup(make, folder):
    with write_transaction() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")

    with pytest.raises(Refused, match="never migrated"):
        make(folder)


def test_a_database_that_is_not_there_is_not_made(make, settings, folder):
    (settings.instance_dir / "pionne.db").unlink()

    with pytest.raises(Refused, match="no database"):
        make(folder)
    assert not (settings.instance_dir / "pionne.db").exists()


def test_a_folder_that_cannot_be_written_to_is_told(make, folder, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Refused, match="Permission denied"):
        make(folder / "copy.db")


def test_what_a_killed_backup_left_is_used_again(make, folder):
    (folder / ".pionne.db.part").write_bytes(b"half a backup")

    make(folder)

    assert names(folder) == ["pionne-20260507T172500Z.db"]


def test_two_backups_at_once_into_one_folder_are_one_too_many(make, folder):
    with (folder / ".pionne.db.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        with pytest.raises(Refused, match="Another command"):
            make(folder)
    assert names(folder) == [".pionne.db.part"]


def test_the_last_backup_is_on_record(make, folder, settings):
    backup.record(make(folder), settings.instance_dir)

    record = settings.instance_dir / "last-backup.json"
    assert json.loads(record.read_text()) == {
        "at": "2026-05-07T17:25:00Z",
        "path": str(folder / "pionne-20260507T172500Z.db"),
    }
    assert stat.S_IMODE(record.stat().st_mode) == 0o600


def test_the_newest_backups_are_kept_and_what_is_none_is_left_alone(make, folder, clock):
    for _ in range(4):
        make(folder)
        clock.advance(days=1)
    (folder / "pionne-before-upgrade.db").touch()

    gone = backup.forget_older(folder, keep=2)

    assert sorted(path.name[7:15] for path in gone) == ["20260507", "20260508"]
    assert names(folder) == [
        "pionne-20260509T172500Z.db",
        "pionne-20260510T172500Z.db",
        "pionne-before-upgrade.db",
    ]

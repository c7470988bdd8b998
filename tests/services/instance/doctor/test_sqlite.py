"""A real SQLite file in every state that an instance may find its own in."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.services.instance.doctor import Level, sqlite_file

pytestmark = pytest.mark.sqlite_only("it is about SQLite")

DATABASE_CHECKS = ["database", "journal", "lock", "integrity", "migrations", "clock"]


@pytest.fixture
def wal(execute):
    """A database as the service leaves it behind."""
    execute("PRAGMA journal_mode = WAL")


@pytest.fixture
def impatient(settings):
    return replace(settings, sqlite_busy_seconds=0)


def damage(database, *, from_page):
    page_bytes = 4096
    with database.open("r+b") as file:
        file.seek(from_page * page_bytes)
        file.write(b"\xa5" * (database.stat().st_size - from_page * page_bytes))


def test_database_that_is_well_is_well_in_every_respect(diagnose, wal):
    found = diagnose()
    assert [found[check][0].level for check in DATABASE_CHECKS] == [Level.OK] * 6


def test_database_in_use_is_well_in_every_respect(diagnose, wal, held):
    with held("INSERT INTO retention_horizons (name, day) VALUES ('x', '2026-01-01')"):
        found = diagnose()
    assert [found[check][0].level for check in DATABASE_CHECKS] == [Level.OK] * 6
    assert found["lock"][0].message == "Writers get their turn."


def test_what_a_killed_service_left_in_the_log_is_read(fine, settings, database, wal, held):
    """Immutable, it would be overlooked."""
    with held("UPDATE alembic_version SET version_num = 'newer'"):
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{database}{suffix}", f"{database}.copy{suffix}")
    url = f"sqlite:///{database}.copy"
    with pytest.raises(AssertionError, match="newer"):
        fine("migrations", replace(settings, database_url=url))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.unlink(), "There is no database at"),
        (lambda path: path.write_bytes(b""), "is empty: run `pionne-feedback db upgrade`"),
        (lambda path: path.write_text("Notes. " * 1000), "is no SQLite database"),
        (lambda path: path.write_bytes(b"SQLite format 3\0"), "is no SQLite database"),
        (lambda path: (path.unlink(), path.mkdir()), "is no file"),
    ],
    ids=["missing", "empty", "text", "short", "folder"],
)
def test_file_that_is_no_database_is_told_with_what_to_do(diagnose, database, make, message):
    make(database)
    found = diagnose()
    assert message in found["database"][0].message
    assert found["database"][0].level is Level.PROBLEM
    assert [check for check in DATABASE_CHECKS if check in found] == ["database"]


def test_version_that_is_too_old_is_told(problem, monkeypatch):
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 31, 1))
    assert "install 3.35.0 or newer" in problem("database")


def test_database_outside_wal_mode_is_told(warning, execute):
    execute("PRAGMA journal_mode = DELETE")
    assert "is not in WAL mode: start the service" in warning("journal")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p"])
def test_database_on_another_machines_disk_is_told(problem, settings, wal, monkeypatch, kind):
    mounts = settings.instance_dir / "mounts"
    mounts.write_text(
        f"/dev/sda1 / ext4 rw 0 0\nserver:/x {settings.instance_dir} {kind} rw 0 0\n"
        "tmpfs /tmp/else tmpfs rw 0 0\n"
    )
    monkeypatch.setattr(sqlite_file, "_MOUNTS", mounts)
    assert f"is on {kind}, where SQLite's locks do not hold" in problem("journal")


def test_system_that_does_not_tell_its_mounts_is_no_problem(fine, wal, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_file, "_MOUNTS", tmp_path / "nowhere")
    assert fine("journal").startswith("WAL")


def test_writer_that_does_not_end_is_told(problem, impatient, wal, held):
    with held("BEGIN IMMEDIATE"):
        assert "has held the write lock" in problem("lock", impatient)


def test_writer_that_ends_in_time_is_no_problem(fine, settings, wal, held, monkeypatch):
    """The lock is tried again, as the service's writers do."""
    answers = iter([False, False, True])
    monkeypatch.setattr(sqlite_file, "_can_lock", lambda _: next(answers))
    with held("SELECT 1 FROM feedback"):
        fine("lock", settings)


def test_lock_of_another_users_is_left_to_what_is_said_of_the_files(
    diagnose, wal, held, monkeypatch
):
    real = Path.open

    def look(path, *args, **kwargs):
        if path.name.endswith("-shm"):
            raise PermissionError
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", look)
    with held("SELECT 1 FROM feedback"):
        found = diagnose()
    assert [check for check in DATABASE_CHECKS if check not in found] == ["lock"]


def test_writers_are_not_held_up_by_the_look(diagnose, wal, held, execute):
    with held("SELECT 1 FROM feedback"):
        diagnose()
        execute("INSERT INTO retention_horizons (name, day) VALUES ('x', '2026-01-01')")


def test_database_that_is_locked_for_readers_is_told(problem, impatient, execute, held):
    execute("PRAGMA journal_mode = DELETE")
    with held("BEGIN EXCLUSIVE"):
        message = problem("database", impatient)
    assert "cannot be reached: database is locked. Check that " in message


def test_damaged_pages_are_told(diagnose, wal, database):
    damage(database, from_page=8)
    (finding,) = [one for one in diagnose()["integrity"] if one.level is Level.PROBLEM]
    assert finding.message.startswith("The database is damaged (")
    assert "restore a backup" in finding.message
    assert "\n" not in finding.message


def test_damage_of_the_first_page_is_told(diagnose, wal, database):
    with database.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * 3000)
    assert "is damaged (" in diagnose()["integrity"][0].message


def test_database_that_was_cut_short_is_told(diagnose, wal, database):
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size // 2)
    assert "is damaged (" in diagnose()["integrity"][0].message


def test_row_that_points_nowhere_is_found_thoroughly(diagnose, fine, wal, execute):
    execute(
        "PRAGMA foreign_keys = OFF",
        "INSERT INTO release_days"
        " SELECT 999, '2026-01-01', 0, 0, 0, 0, 0, 0, 0, 0, '', '', NULL, NULL, NULL, 0",
    )
    fine("integrity")
    (found,) = diagnose(thoroughly=True)["integrity"]
    assert found.level is Level.PROBLEM
    assert "release_days points to no row of releases" in found.message


def test_index_that_misses_a_row_is_found_thoroughly(diagnose, fine, wal, execute, make_feedback):
    make_feedback()
    execute(
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET sql = replace(sql, '\"id\"', '\"issue_id\"')"
        " WHERE name = 'ix_feedback_inbox'",
        "UPDATE sqlite_schema SET sql = replace(sql, ', id)', ', issue_id)')"
        " WHERE name = 'ix_feedback_inbox'",
    )
    fine("integrity")
    assert "ix_feedback_inbox" in diagnose(thoroughly=True)["integrity"][0].message


def test_thorough_look_at_a_database_that_is_well_finds_nothing(fine, wal):
    assert fine("integrity", thoroughly=True) == "PRAGMA integrity_check finds nothing."


def test_database_that_was_never_migrated_is_told(problem, wal, execute):
    execute("DELETE FROM alembic_version")
    assert "has no tables yet: run `pionne-feedback db upgrade`" in problem("migrations")


def test_database_of_newer_code_is_told(problem, wal, execute):
    execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    assert "newer version of this code (from-the-future)" in problem("migrations")


STATES = {
    "at rest": lambda database: None,
    "missing": lambda database: database.unlink(),
    "empty": lambda database: database.write_bytes(b""),
    "text": lambda database: database.write_text("Notes. " * 1000),
    "damaged": lambda database: damage(database, from_page=8),
}


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_touched(diagnose, wal, database, files_of, state):
    STATES[state](database)
    before = files_of()
    diagnose(thoroughly=True)
    assert files_of() == before


@pytest.mark.parametrize("statement", ["SELECT 1 FROM feedback", "BEGIN IMMEDIATE"])
def test_nothing_of_a_database_in_use_is_touched(
    diagnose, impatient, wal, files_of, held, statement
):
    with held("INSERT INTO retention_horizons (name, day) VALUES ('x', '2026-01-01')", statement):
        before = files_of()
        diagnose(impatient, thoroughly=True)
        assert files_of() == before


def test_nothing_is_touched_outside_wal_mode(diagnose, execute, files_of):
    execute("PRAGMA journal_mode = DELETE")
    before = files_of()
    diagnose(thoroughly=True)
    assert files_of() == before


def test_service_that_starts_meanwhile_is_not_taken_for_damage(diagnose, wal, held, monkeypatch):
    """At rest the file is read without locks; what the writer changes looks like damage then."""
    looks = []

    def look(*_, **__):
        looks.append(len(looks))
        if len(looks) == 1:
            writer = held("SELECT 1 FROM feedback")
            writer.__enter__()
            writers.append(writer)
            yield sqlite_file.damaged("half a page")

    writers = []
    monkeypatch.setattr(sqlite_file, "check_integrity", look)
    found = diagnose()
    writers[0].__exit__(None, None, None)
    assert "integrity" not in found
    assert len(looks) == 2


def test_link_to_the_database_is_followed(fine, settings, database, wal, held, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(database)
    with held(
        "BEGIN", "INSERT INTO retention_horizons (name, day) VALUES ('x', '2026-01-01')", "COMMIT"
    ):
        assert fine("lock", replace(settings, database_url=f"sqlite:///{link}"))

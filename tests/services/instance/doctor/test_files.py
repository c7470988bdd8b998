"""The key, who may read the files, and the room they have."""

import os
import shutil
from collections import namedtuple
from dataclasses import replace

import pytest

from app.services.instance.doctor import files

pytestmark = pytest.mark.sqlite_only("no query is made")

MIB = 1024 * 1024


@pytest.fixture
def open_folder(settings):
    """A folder that everybody may enter."""
    settings.instance_dir.chmod(0o755)


@pytest.fixture
def key_file(settings, tmp_path):
    path = tmp_path / "app.key"
    path.write_text(settings.app_key)
    path.chmod(0o600)
    return path


@pytest.fixture
def free(monkeypatch):
    """A stand-in for a disk with so many bytes free."""

    def leave(count):
        usage = namedtuple("usage", "total used free")(count, 0, count)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    return leave


def test_key_that_is_long_and_varied_is_fine(fine, key_file):
    assert fine("key") == "38 characters, for nobody else to read."


def test_missing_key_is_told_with_where_it_was_looked_for(problem, settings):
    message = problem("key", replace(settings, app_key=""))
    assert f"no key in {settings.instance_dir}/app.key" in message


def test_short_key_is_told_without_being_shown(problem, settings):
    message = problem("key", replace(settings, app_key="qwertz"))
    assert message.startswith("APP_KEY has 6 characters")
    assert "qwertz" not in message


@pytest.mark.parametrize("key", ["a" * 32, "changeme" * 8, "0123456" * 10])
def test_key_that_can_be_guessed_is_told_without_being_shown(problem, settings, key):
    message = problem("key", replace(settings, app_key=key))
    assert "can be guessed" in message
    assert key not in message


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o777])
def test_key_that_others_may_read_is_told_with_what_to_run(problem, key_file, mode):
    key_file.chmod(mode)
    message = problem("key")
    assert f"{mode:04o}" in message
    assert f"`chmod 600 {key_file}`" in message


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_key_for_its_owner_only_is_fine(fine, key_file, mode):
    key_file.chmod(mode)
    fine("key")


def test_files_of_a_closed_folder_are_fine_whatever_their_mode(fine, database):
    database.chmod(0o666)
    assert "for nobody else" in fine("files")


@pytest.mark.usefixtures("open_folder")
def test_files_of_an_open_folder_are_fine_when_they_are_closed(fine, database):
    database.chmod(0o600)
    fine("files")


@pytest.mark.usefixtures("open_folder")
@pytest.mark.parametrize("mode", [0o644, 0o602, 0o606])
def test_database_that_everybody_may_read_or_write_is_told(problem, database, mode):
    database.chmod(mode)
    message = problem("files")
    assert message.startswith(f"{database} has mode {mode:04o}")
    assert f"`chmod o= {database}`" in message


def test_database_elsewhere_is_looked_at_there(problem, settings, database, tmp_path):
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir(mode=0o755)
    moved = elsewhere / "other.db"
    shutil.copy(database, moved)
    moved.chmod(0o644)
    found = problem("files", replace(settings, database_url=f"sqlite:///{moved}"))
    assert found.startswith(f"{moved} has mode 0644")


@pytest.mark.usefixtures("open_folder")
def test_settings_file_that_everybody_may_read_is_told(problem, fine, settings, database):
    database.chmod(0o600)
    path = settings.instance_dir / "settings"
    path.write_text("APP_KEY=secret")
    for mode, find in ((0o640, fine), (0o644, problem)):
        path.chmod(mode)
        message = find("files", replace(settings, settings_file=str(path)))
    assert message.startswith(f"{path} has mode 0644")


@pytest.mark.usefixtures("open_folder")
def test_log_beside_the_database_is_looked_at_too(problem, database, held):
    database.chmod(0o600)
    with held(
        "INSERT INTO alembic_version (version_num) VALUES ('x')", "DELETE FROM alembic_version"
    ):
        for path in (f"{database}-wal", f"{database}-shm"):
            os.chmod(path, 0o600)
        os.chmod(f"{database}-wal", 0o644)
        assert problem("files").startswith(f"{database}-wal has mode 0644")


def test_file_of_another_user_is_told(problem, settings, database, monkeypatch):
    (settings.instance_dir / "serving.lock").touch()
    real = files._have_one_owner
    monkeypatch.setattr(
        files,
        "_have_one_owner",
        lambda one, other: one.name != "serving.lock" and real(one, other),
    )
    message = problem("files")
    assert message.startswith(f"{settings.instance_dir}/serving.lock belongs to another user")
    assert f"chown --reference={database}" in message


def test_file_that_can_not_be_written_is_told(problem, database, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _: path != database)  # root may always
    assert problem("files").startswith(f"{database} cannot be written by this user")


def test_missing_folder_is_told(problem, settings, tmp_path):
    away = tmp_path / "away"
    message = problem(
        "files", replace(settings, instance_dir=away, database_url=f"sqlite:///{away}/x.db")
    )
    assert message.startswith(f"The folder {away} does not exist")


def test_folder_that_is_not_needed_may_be_missing(fine, settings, tmp_path):
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    elsewhere = replace(settings, instance_dir=tmp_path / "away", database_url=url)
    assert "There are none" in fine("files", elsewhere)


def test_room_enough_is_fine(fine, free):
    free(5000 * MIB)
    assert fine("disk").startswith("5000 MiB are free at ")


def test_little_room_is_a_warning(warning, free):
    free(800 * MIB)
    assert "make room" in warning("disk")


def test_no_room_for_a_second_database_is_a_warning(warning, free, database):
    with database.open("r+b") as file:
        file.truncate(3000 * MIB)  # takes no room itself
    free(2000 * MIB)
    assert "the database has 3000 MiB" in warning("disk")


def test_almost_no_room_is_a_problem(problem, free):
    free(50 * MIB)
    assert "before writes fail" in problem("disk")


def test_room_of_another_machine_is_not_looked_at(diagnose, settings, tmp_path):
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    elsewhere = replace(settings, instance_dir=tmp_path / "away", database_url=url)
    assert "disk" not in diagnose(elsewhere)

"""What root makes in a service's folder is the service's."""

import os

import pytest

from app.services.instance import backup, restore
from app.services.instance.serving_lock import nobody_serves_from

SERVICE = (4711, 4712)


@pytest.fixture
def given(monkeypatch, tmp_path):
    """As root, in a folder that is another user's: which files went to whom."""
    gone = {}
    real_stat = os.stat

    def stat(path, *args, **kwargs):
        result = real_stat(path, *args, **kwargs)
        if path != tmp_path:
            return result
        return os.stat_result((*result[:4], *SERVICE, *result[6:10]))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(
        os, "chown", lambda path, user, group: gone.update({path.name: (user, group)})
    )
    return gone


def test_a_lock_that_root_made_does_not_shut_the_service_out(given, tmp_path):
    with nobody_serves_from(tmp_path):
        pass

    assert given == {"serving.lock": SERVICE}


@pytest.mark.sqlite_only("PostgreSQL has its own tools for that")
@pytest.mark.usefixtures("context")
def test_a_restored_database_and_the_note_of_a_backup_are_the_services(
    given, settings, tmp_path, clock
):
    folder = tmp_path / "backups"
    folder.mkdir()
    made = backup.make(folder / "copy.db", now=clock())
    backup.record(made, tmp_path)
    restore.restore(folder / "copy.db", instance_dir=tmp_path, now=clock(), replace=True)

    assert given == {
        ".last-backup.json.part": SERVICE,
        "serving.lock": SERVICE,
        ".pionne.db.part": SERVICE,
    }


def test_whoever_is_not_root_keeps_what_is_theirs(given, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with nobody_serves_from(tmp_path):
        pass

    assert given == {}

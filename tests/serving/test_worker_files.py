"""Where the workers of one gunicorn count: found, kept apart, never in each other's way."""

import os
import subprocess
import sys

import pytest

from app.serving import worker_files
from tests.live.conftest import ROOT


@pytest.fixture
def memory(tmp_path, monkeypatch):
    """A stand-in for /dev/shm."""
    monkeypatch.setattr(worker_files, "_MEMORY", tmp_path)
    worker_files.folder.cache_clear()
    yield tmp_path
    worker_files.folder.cache_clear()


@pytest.mark.parametrize(
    ("taken", "free"), [([], 0), ([0], 1), ([1], 0), ([0, 1, 2], 3), ([2, 0], 1), ([7], 0)]
)
def test_a_worker_gets_the_lowest_free_slot(taken, free):
    assert worker_files.free_slot(taken) == free


def test_the_folder_is_the_same_each_time_and_only_for_its_owner(memory):
    folder = worker_files.folder()
    assert worker_files.folder() == folder
    assert folder.parent == memory
    assert folder.stat().st_mode & 0o777 == 0o700


def test_without_a_place_in_memory_it_is_on_the_disk(memory, tmp_path, monkeypatch):
    disk = tmp_path / "disk"
    disk.mkdir()
    monkeypatch.setattr(worker_files, "_MEMORY", tmp_path / "nowhere")
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    assert worker_files.folder().parent == disk


def test_a_folder_that_nobody_holds_is_removed(memory):
    left = memory / "pionne-metrics-left"
    left.mkdir()
    (left / "counter_0.db").write_bytes(b"x")
    worker_files.folder()
    assert not left.exists()


def test_a_folder_that_another_service_holds_stays(memory):
    code = (
        "import sys, pathlib; from app.serving import worker_files as files;"
        "files._MEMORY = pathlib.Path(sys.argv[1]); print(files.folder(), flush=True); input()"
    )
    command = [sys.executable, "-c", code, str(memory)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as other:
        theirs = other.stdout.readline().strip()
        ours = worker_files.folder()
        assert sorted(map(str, memory.iterdir())) == sorted([theirs, str(ours)])
        other.communicate("\n")


def test_what_only_looks_like_such_a_folder_stays(memory, tmp_path):
    (tmp_path / "precious").mkdir()
    (memory / "pionne-metrics-link").symlink_to(tmp_path / "precious")
    (memory / "pionne-metrics-file").write_text("a file")
    worker_files.folder()
    assert (memory / "pionne-metrics-link").exists()
    assert (memory / "pionne-metrics-file").exists()


def test_another_users_folder_stays(memory, monkeypatch):
    theirs = memory / "pionne-metrics-theirs"
    theirs.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: theirs.stat().st_uid + 1)
    worker_files._remove_unless_held(theirs)
    assert theirs.exists()


def test_the_folder_goes_with_the_service(memory):
    folder = worker_files.folder()
    worker_files.remove_folder()
    assert not folder.exists()


# Sharing changes the process for good, so it happens in one of its own.
IN_A_WORKER = """
import pathlib, sys
from app.serving import worker_files
worker_files.folder = lambda: pathlib.Path(sys.argv[1])
worker_files.share(int(sys.argv[2]))
from app import create_app
from app.config import read_settings
client = create_app(read_settings({"METRICS_TOKEN": "x" * 16})).test_client()
for _ in range(int(sys.argv[3])):
    client.get("/healthz")
print(client.get("/metrics", headers={"Authorization": "Bearer " + "x" * 16}).text)
"""


@pytest.fixture
def worker(tmp_path):
    """Runs a worker in a slot that answers so many probes; returns what it shows as counted."""

    def run(slot, *, probes):
        ended = subprocess.run(
            [sys.executable, "-c", IN_A_WORKER, str(tmp_path), str(slot), str(probes)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        start = 'pionne_request_seconds_count{method="GET",route="/healthz",status="200"}'
        (line,) = [line for line in ended.stdout.splitlines() if line.startswith(start)]
        return float(line.split()[-1])

    return run


def test_workers_add_up_and_the_next_in_a_slot_counts_on(worker, tmp_path):
    assert worker(0, probes=2) == 2
    assert worker(1, probes=3) == 5
    assert worker(0, probes=4) == 9
    assert len(list(tmp_path.glob("*.db"))) == 4


def test_a_worker_without_room_for_its_files_says_so_and_leaves_no_half_file(memory, monkeypatch):
    monkeypatch.setattr(worker_files, "_KINDS", ("no/such/folder",))
    with pytest.raises(OSError):
        worker_files.share(0)
    assert worker_files.shared_folder() is None

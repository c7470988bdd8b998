"""Who may use an instance's folder beside whom."""

import os
import subprocess
import sys

import pytest

from app.services.instance.serving_lock import BeingServed, nobody_serves_from, serve_from

HOLD = """
import sys
from pathlib import Path
from app.services.instance.serving_lock import serve_from
serve_from(Path(sys.argv[1]), alone=sys.argv[2] == "alone")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hold(tmp_path):
    """Another process serves from the folder until it is told to end."""
    started = []

    def start(how):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path), how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, process.stdout.readline()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_servers_with_a_shared_store_share_a_folder(hold):
    assert hold("shared")[1] == "held\n"
    assert hold("shared")[1] == "held\n"


@pytest.mark.parametrize(("first", "second"), [("alone", "shared"), ("shared", "alone")])
def test_a_server_that_counts_in_memory_shares_with_nobody(hold, first, second):
    hold(first)

    _, said = hold(second)

    assert said == ""


@pytest.mark.parametrize("how", ["alone", "shared"])
def test_a_served_folder_is_for_no_command_that_wants_it_alone(hold, tmp_path, how):
    process, _ = hold(how)

    with pytest.raises(BeingServed), nobody_serves_from(tmp_path):
        pass

    process.kill()
    process.wait()
    with nobody_serves_from(tmp_path):
        pass


@pytest.mark.parametrize("how", ["alone", "shared"])
def test_no_server_starts_beside_a_command_that_wants_the_folder_alone(hold, tmp_path, how):
    with nobody_serves_from(tmp_path):
        assert hold(how)[1] == ""
    assert hold(how)[1] == "held\n"


def test_the_file_is_its_owners_only(tmp_path):
    with nobody_serves_from(tmp_path):
        assert os.stat(tmp_path / "serving.lock").st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_needs_no_lock(tmp_path):
    serve_from(tmp_path / "nothing", alone=True)

    assert not (tmp_path / "nothing").exists()

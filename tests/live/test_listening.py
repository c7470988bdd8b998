"""Where it listens, whatever HOST says, and that it says so."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.live.conftest import ROOT, START_SECONDS, environment_of
from tests.servers.forked_gunicorn import GUNICORN
from tests.servers.ports import free_port

pytestmark = pytest.mark.sqlite_only("it is about settings")


@pytest.fixture
def start(settings, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Returns the log of a gunicorn with such a HOST, once it says where it listens."""
    started: list[subprocess.Popen[bytes]] = []

    def run(**environment: str) -> Path:
        log = tmp_path / "gunicorn.log"
        with log.open("wb") as file:
            told = environment_of(settings, **environment)
            started.append(
                subprocess.Popen(
                    [GUNICORN],
                    cwd=ROOT,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                    env=told,
                )
            )
        deadline = time.monotonic() + START_SECONDS
        while "Its data is in" not in log.read_text():
            assert time.monotonic() < deadline and started[-1].poll() is None, log.read_text()
            time.sleep(0.05)
        return log

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def get(path: Path) -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
        return client.get("http://x/healthz")


def test_socket_of_the_file_system_is_listened_on(start, tmp_path):
    path = tmp_path / "web.sock"
    log = start(HOST=f"unix:{path}", TRUSTED_PROXIES="1")

    assert f"listens on unix:{path} (" in log.read_text()
    assert get(path).status_code == 200


def test_socket_that_a_killed_process_left_is_taken(start, tmp_path):
    path = tmp_path / "web.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    start(HOST=f"unix:{path}")

    assert get(path).status_code == 200


@pytest.mark.parametrize("there_is", ["listener", "file", "no folder"])
def test_socket_that_cannot_be_made_is_refused_in_one_line(refuse_to_start, tmp_path, there_is):
    path = tmp_path / "missing" / "web.sock" if there_is == "no folder" else tmp_path / "web.sock"
    expected = {
        "listener": "another process listens there",
        "file": "there is a file that is no socket",
        "no folder": "there is no folder",
    }
    with socket.socket(socket.AF_UNIX) as other:
        if there_is == "listener":
            other.bind(str(path))
            other.listen()
        elif there_is == "file":
            path.write_text("somebody's")
        said = refuse_to_start(HOST=f"unix:{path}").strip()

    assert said.startswith(f"Cannot listen on unix:{path}: {expected[there_is]}")
    assert len(said.splitlines()) == 1


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_address_of_ipv6_is_listened_on_and_said_as_an_address_of_a_browser(start):
    port = free_port()
    log = start(HOST="::1", PORT=str(port))

    assert f"listens on http://[::1]:{port} (" in log.read_text()
    assert httpx.get(f"http://[::1]:{port}/healthz").status_code == 200


def test_start_that_is_open_to_the_network_says_that_it_needs_a_proxy(start):
    port = free_port()
    log = start(HOST="0.0.0.0", PORT=str(port)).read_text()

    assert f"listens on http://0.0.0.0:{port} (" in log
    assert "needs a proxy in front" in log


def test_start_behind_a_proxy_asks_for_none(start):
    log = start(PORT=str(free_port()), HOST="0.0.0.0", TRUSTED_PROXIES="1").read_text()

    assert "needs a proxy" not in log

"""SIGTERM: whoever has connected is answered, whoever has not is refused, and nothing is lost."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from tests.live.conftest import ROOT, Server, environment_of
from tests.live.steady_load import REFUSED, SteadyLoad

pytestmark = pytest.mark.sqlite_only("it is about gunicorn and nginx, not the database")

GRACEFUL_SECONDS = 30
DEADLINE_SECONDS = 20
_AS_SYSTEMD_STARTS = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])
"""
BODY = b'{"message": "Something takes long"}'


@pytest.fixture
def is_forked() -> bool:
    return False


@pytest.fixture
def tokens(make_project) -> list[str]:
    """Of projects enough that no limit is met."""
    return [make_project(f"App {number}").token for number in range(24)]


@pytest.fixture
def stored_sessions(settings) -> Callable[[], set[str]]:
    def read() -> set[str]:
        with closing(sqlite3.connect(settings.instance_dir / "pionne.db")) as connection:
            rows = connection.execute("SELECT session_id FROM sessions").fetchall()
        return {str(uuid.UUID(bytes=session_id)) for (session_id,) in rows}

    return read


@pytest.fixture
def waiting_server(start_server, project, locked_database: sqlite3.Connection) -> Server:
    """One whose every write waits until `locked_database` is rolled back."""
    return start_server(SQLITE_BUSY_SECONDS=str(GRACEFUL_SECONDS))


def test_under_load_every_request_is_answered_or_was_never_connected(
    start_server, tokens, stored_sessions
):
    server = start_server(LOG_LEVEL="WARNING")
    load = SteadyLoad(server.port, tokens)
    with load.running():
        server.process.terminate()
        exit_code = server.process.wait(timeout=GRACEFUL_SECONDS)

    assert exit_code == 0
    assert set(load.outcomes) == {202, REFUSED}, load.outcomes
    assert stored_sessions() == load.acknowledged


def test_request_in_flight_is_finished_while_newcomers_are_refused(
    waiting_server, locked_database, project, database_rows
):
    with connected(waiting_server.port) as client:
        client.sendall(request(project.token, BODY))
        waiting_server.process.terminate()
        wait_until_refused(waiting_server.port)
        locked_database.rollback()
        assert client.recv(65536).startswith(b"HTTP/1.1 202")

    assert waiting_server.process.wait(timeout=GRACEFUL_SECONDS) == 0
    assert database_rows("SELECT count(*) FROM feedback") == [(1,)]


def test_request_of_which_half_has_come_is_waited_for(server, project, database_rows):
    whole = request(project.token, BODY)
    with connected(server.port) as client:
        client.sendall(whole[:-9])
        server.process.terminate()
        wait_until_refused(server.port)
        client.sendall(whole[-9:])
        assert client.recv(65536).startswith(b"HTTP/1.1 202")

    assert server.process.wait(timeout=GRACEFUL_SECONDS) == 0
    assert database_rows("SELECT count(*) FROM feedback") == [(1,)]


def test_clients_that_the_kernel_connected_but_no_worker_saw_yet_are_answered(server, project):
    (worker,) = children(server.process.pid)
    os.kill(worker, signal.SIGSTOP)
    with ExitStack() as opened:
        clients = [opened.enter_context(connected(server.port)) for _ in range(5)]
        for client in clients:
            client.sendall(request(project.token, BODY))
        server.process.terminate()
        os.kill(worker, signal.SIGCONT)
        for client in clients:
            assert client.recv(65536).startswith(b"HTTP/1.1 202")


def test_idle_connection_does_not_hold_up_the_end(server):
    with httpx.Client() as client:
        client.get(f"{server.url}/nowhere")
        server.process.terminate()
        assert server.process.wait(timeout=GRACEFUL_SECONDS) == 0


def test_restart_behind_a_socket_that_somebody_else_holds_refuses_nobody(
    held_socket, start_on_socket, tokens, stored_sessions
):
    """As systemd holds it: who comes between two processes waits for the next one."""
    first = start_on_socket()
    load = SteadyLoad(held_socket.getsockname()[1], tokens)
    with load.running():
        first.terminate()
        assert first.wait(timeout=GRACEFUL_SECONDS) == 0
        start_on_socket()
        load.go_on(200)

    assert set(load.outcomes) == {202}, load.outcomes
    assert stored_sessions() == load.acknowledged


@pytest.fixture
def held_socket() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield listener


@pytest.fixture
def start_on_socket(
    settings, held_socket: socket.socket, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts gunicorn as systemd does with a socket unit: the socket is descriptor 3."""
    started: list[subprocess.Popen[bytes]] = []
    descriptor = held_socket.fileno()

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "gunicorn.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-c", _AS_SYSTEMD_STARTS, str(descriptor)],
                    cwd=ROOT,
                    env=environment_of(settings, LOG_LEVEL="WARNING"),
                    pass_fds=[descriptor],
                    stdout=log,
                    stderr=log,
                )
            )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=GRACEFUL_SECONDS)


@pytest.mark.parametrize(
    ("told", "how"),
    [
        (signal.SIGTERM, "answering who has connected, for 30 seconds at most"),
        (signal.SIGINT, "at once"),
        (signal.SIGQUIT, "at once"),
    ],
)
def test_stop_is_told_once_for_all_workers_with_why_and_how(start_server, valkey_url, told, how):
    server = start_server(WEB_CONCURRENCY="2", RATELIMIT_STORAGE_URI=valkey_url)
    os.kill(server.process.pid, told)
    assert server.process.wait(timeout=GRACEFUL_SECONDS) == 0
    told_lines = [line for line in server.log().splitlines() if line.startswith("Stop")]
    assert told_lines == [f"Stopping, because of {told.name}: {how}.", "Stopped."]
    assert server.log().endswith("Stopped.\n")


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def request(token: str, body: bytes) -> bytes:
    head = (
        f"POST /feedback HTTP/1.1\r\nHost: x\r\nX-Pionne-Token: {token}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_until_refused(port: int) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        try:
            connected(port).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError("somebody still listens")

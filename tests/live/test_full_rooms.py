"""What is said when too many large requests are there at once, and what they take of the memory."""

import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.live.conftest import Server
from tests.live.test_slow_clients import connect, read_all, request

pytestmark = pytest.mark.sqlite_only("it is about memory and connections, and stores little")

MIB = 1024 * 1024
EVENT_BYTES = 8 * MIB - 10_000  # so that all fit in the end, with their heads
SENDERS = 8
_READ_SECONDS = 8  # who sends nothing for ten is given up


def post(server: Server, path: str, token: str, body: bytes) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("POST", path, body=body, headers={"X-Pionne-Token": token})
        answer = connection.getresponse()
        return answer.status, answer.headers["Retry-After"], answer.read()
    finally:
        connection.close()


def feedback_of(size: int) -> bytes:
    return json.dumps({"message": "Large", "log": "x" * size}).encode()


@contextmanager
def nearly_whole_events(server: Server, token: str) -> Iterator[None]:
    """So many that nothing else fits; in the end their last bytes come."""
    head = request(
        "/ingest", f"X-Pionne-Token: {token}", f"Content-Length: {EVENT_BYTES}", "Connection: close"
    )
    start, end = b'{"exception_type": "E", "log": "', b'"}'
    filling = b"x" * (EVENT_BYTES - len(start) - len(end))
    with ExitStack() as opened, ThreadPoolExecutor(SENDERS) as senders:
        clients = [opened.enter_context(connect(server)) for _ in range(SENDERS)]
        list(senders.map(lambda client: client.sendall(head + start + filling[:-1000]), clients))
        wait_until_all_is_read(server)
        yield
        list(senders.map(lambda client: client.sendall(filling[-1000:] + end), clients))
        for client in clients:
            assert read_all(client, piece=65536).startswith(b"HTTP/1.1 202")


def wait_until_all_is_read(server: Server) -> None:
    """Until nothing of what was sent to the server waits in the system, by Linux' own account."""
    deadline = time.monotonic() + _READ_SECONDS
    while waiting_bytes(server.port):
        assert time.monotonic() < deadline, "the server reads nothing"
        time.sleep(0.05)


def waiting_bytes(port: int) -> int:
    total = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if f":{port:04X}" in (local[-5:], remote[-5:]):
            total += sum(int(queue, 16) for queue in queues.split(":"))
    return total


def test_who_finds_no_room_is_told_to_try_again_and_loses_it_by_our_fault(server, project):
    large = feedback_of(200_000)
    with nearly_whole_events(server, project.token):
        status, retry_after, body = post(server, "/feedback", project.token, large)
        assert (status, retry_after) == (503, "5")
        assert "too many large requests" in json.loads(body)["message"]
        assert post(server, "/feedback", project.token, feedback_of(1000))[0] == 202
        assert post(server, "/feedback", "pio_live_" + "0" * 40, large)[0] == 401

    assert post(server, "/feedback", project.token, large)[0] == 202
    server.stop()  # which writes what was counted
    lost = server.rows("SELECT kind, reason, quantity FROM losses")
    assert lost == [("feedback", "unavailable", 1)]


BODIES = {
    "letters": lambda size: b"x" * size,
    "letters beside an emoji": lambda size: "\U0001f605".encode() + b"x" * (size - 4),
    "escapes beside an emoji": lambda size: "\U0001f605".encode() + b"\\n" * (size // 2 - 2),
}
# The room; two threads that read 8 MiB; one that decodes them, with three texts of 32 MiB; and what
# is left in pieces.
_MOST_MIB = 64 + 2 * 24 + 3 * 32 + 32


@pytest.mark.parametrize("is_forked", [False])
@pytest.mark.parametrize("kind", BODIES)
def test_large_events_at_once_take_so_much_memory_and_no_more(server, project, kind):
    start, end = b'{"exception_type": "E", "log": "', b'"}'
    body = start + BODIES[kind](EVENT_BYTES - len(start) - len(end)) + end
    (worker,) = psutil.Process(server.process.pid).children()
    before = worker.memory_info().rss
    with ThreadPoolExecutor(24) as senders:
        answers = [senders.submit(post, server, "/ingest", project.token, body) for _ in range(24)]
        statuses = {each.result()[0] for each in answers}

    assert 202 in statuses <= {202, 503}
    assert (peak_bytes(worker) - before) / MIB < _MOST_MIB


def peak_bytes(process: psutil.Process) -> int:
    """The most that it ever had resident."""
    with open(f"/proc/{process.pid}/status") as status:
        (line,) = [line for line in status if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024

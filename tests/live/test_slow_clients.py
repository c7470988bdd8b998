"""Clients that send half a request, or read none of an answer, hold up nobody.

Without a proxy in front, and over raw sockets: more of them than there are threads.
"""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from tests.live.conftest import Server

pytestmark = pytest.mark.sqlite_only("it is about connections, and stores next to nothing")

THREADS = 4
MANY = 3 * THREADS
MIB = 1024 * 1024
BODY = b'{"message": "Sent over a very slow network"}'
# A client who takes this little at once leaves nearly all of an answer to the server.
_TINY_WINDOW_BYTES = 1024
# The most that Linux keeps for a client by default (tcp_wmem).
_MAX_SYSTEM_BYTES = 4 * MIB


@pytest.fixture
def server(start_server, app) -> Server:
    return start_server(THREADS=str(THREADS))


def request(path: str, *headers: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def feedback(token: str, *headers: str) -> bytes:
    length = f"Content-Length: {len(BODY)}"
    return request("/feedback", f"X-Pionne-Token: {token}", length, *headers) + BODY


def connect(server: Server, *, window: int | None = None) -> socket.socket:
    client = socket.socket()
    client.settimeout(30)
    if window:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    client.connect(("127.0.0.1", server.port))
    return client


@contextmanager
def many(
    server: Server, sent: bytes, *, window: int | None = None, count: int = MANY
) -> Iterator[list[socket.socket]]:
    with ExitStack() as opened:
        clients = [opened.enter_context(connect(server, window=window)) for _ in range(count)]
        for client in clients:
            client.sendall(sent)
        yield clients


def assert_others_are_served(server: Server, token: str) -> None:
    """At once: no slow client is given up before the first five seconds are over."""
    asked = request("/healthz", "Connection: close", method="GET")
    for sent, status in ((asked, 200), (feedback(token, "Connection: close"), 202)):
        with connect(server) as client:
            client.settimeout(4)
            client.sendall(sent)
            assert read_all(client, piece=65536).startswith(f"HTTP/1.1 {status}".encode())


def halves(token: str) -> dict[str, bytes]:
    """What somebody may send of a request and then stop."""
    authenticated = f"X-Pionne-Token: {token}"
    whole = feedback(token)
    return {
        "nothing": b"",
        "a first line": b"POST /feedback HTT",
        "a head": request("/feedback", authenticated, "Content-Length: 9")[:-2],
        "a body": whole[:-9],
        "no byte of a body": whole[: -len(BODY)],
        "a large body": request("/ingest", authenticated, f"Content-Length: {8 * MIB}")
        + b"x" * 100_000,
        "a body that nobody takes": request("/ingest", authenticated, f"Content-Length: {9 * MIB}"),
        "a chunk": request("/feedback", authenticated, "Transfer-Encoding: chunked") + b"9\r\nabc",
        "no chunk": request("/feedback", authenticated, "Transfer-Encoding: chunked"),
        "nothing after 100": request(
            "/feedback", authenticated, "Expect: 100-continue", "Content-Length: 9"
        ),
        "a second request": whole + whole[:-9],
        "a refused body": request("/nowhere", "Content-Length: 151000") + b"x" * 70_000,
        "the end of no answer": request("/healthz", "Connection: close", method="GET"),
    }


@pytest.mark.parametrize("half", halves(""))
def test_who_stops_in_the_middle_holds_up_nobody(server, project, half):
    with many(server, halves(project.token)[half]):
        assert_others_are_served(server, project.token)


def test_who_sends_byte_by_byte_holds_up_nobody_and_is_answered(server, project):
    whole = feedback(project.token)
    with many(server, b"") as clients:
        for at in range(len(whole)):
            for client in clients:
                client.sendall(whole[at : at + 1])
            if at in (20, len(whole) - 2):
                assert_others_are_served(server, project.token)
        for client in clients:
            assert client.recv(65536).startswith(b"HTTP/1.1 202")


@pytest.mark.parametrize("is_chunked", [False, True])
def test_large_bodies_at_once_hold_up_nobody_and_are_all_taken(server, project, is_chunked):
    event = b'{"exception_type": "E", "extra": {"l": ["%s"]}}' % (b'a%40b.co ","' * 40_000)
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(event)}"
    head = request("/ingest", f"X-Pionne-Token: {project.token}", length, "Connection: close")
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(event), event) if is_chunked else event
    with ThreadPoolExecutor(MANY) as senders, ExitStack() as opened:
        clients = [opened.enter_context(connect(server)) for _ in range(MANY)]
        answers = [senders.submit(ask, client, head + body) for client in clients]
        assert_others_are_served(server, project.token)
        assert [each.result()[:12] for each in answers] == [b"HTTP/1.1 202"] * MANY


def ask(client: socket.socket, sent: bytes) -> bytes:
    client.sendall(sent)
    return read_all(client, piece=65536)


def test_who_reads_no_answer_holds_up_nobody(server, project):
    """Of answers that are more together than the system keeps of a connection."""
    with connect(server) as client:
        client.sendall(request("/api/openapi.json", "Connection: close", method="GET"))
        size = len(read_all(client, piece=65536))
    count = 2 * _MAX_SYSTEM_BYTES // size
    asked = request("/api/openapi.json", method="GET") * count
    with many(server, asked, window=_TINY_WINDOW_BYTES, count=THREADS + 1):
        wait_until_nothing_more_is_answered(server, count)
        assert_others_are_served(server, project.token)


def wait_until_nothing_more_is_answered(server: Server, asked: int) -> None:
    """Each client gets fewer answers than it asked for, and reads none."""
    answered = -1
    while answered < (now := server.log().count("/api/openapi.json")):
        answered = now
        time.sleep(0.5)
    assert answered < asked * (THREADS + 1)


def test_who_reads_slowly_gets_all_of_every_answer(server):
    with connect(server, window=_TINY_WINDOW_BYTES) as client, connect(server) as quick:
        for each in (client, quick):
            last = request("/api/openapi.json", "Connection: close", method="GET")
            each.sendall(request("/api/openapi.json", method="GET") * 5 + last)
        slowly, quickly = read_all(client, piece=700), read_all(quick, piece=65536)

    assert slowly.count(b"HTTP/1.1 200") == 6
    assert [len(part) for part in slowly.split(b"HTTP/1.1")] == [
        len(part) for part in quickly.split(b"HTTP/1.1")
    ]


def test_requests_sent_at_once_are_answered_one_after_the_other(server, project):
    asked = feedback(project.token) + request("/nowhere", "Content-Length: 5") + b"12345"
    with connect(server) as client:
        client.sendall(asked * 3 + request("/healthz", "Connection: close", method="GET"))
        answers = read_all(client, piece=65536)

    statuses = [part[1:4] for part in answers.split(b"HTTP/1.1")[1:]]
    assert statuses == [b"202", b"404"] * 3 + [b"200"]


def read_all(client: socket.socket, *, piece: int) -> bytes:
    received = b""
    while part := client.recv(piece):
        received += part
    return received

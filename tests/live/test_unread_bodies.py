"""Answers that leave before the body was read: the connection goes on, or the answer says `close`.

Over raw sockets, because HTTP clients mend broken connections behind one's back.
"""

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from app import create_app
from app.config import read_settings
from app.domain.times import utc_now
from app.services import accounts, projects
from tests.databases import SqliteDatabase
from tests.fixtures.apps import APP_KEY, CHEAP_HASHER, dispose
from tests.live.conftest import Server

pytestmark = pytest.mark.sqlite_only("it is about connections, and stores next to nothing")

KIB, MIB = 1024, 1024 * 1024
SIZES = [0, 64 * KIB, 64 * KIB + 1, 151_000, MIB, 3 * MIB]
ABOVE_ALL = 17 * MIB
UNKNOWN = "pio_live_" + "0" * 40
# Another client, so that the limit on guessing which it has used up is its own.
GUESSER = "127.0.0.77"
IN_THE_WAY = """
from app.serving import client_socket
client_socket.BODY_PAUSE_SECONDS = client_socket.IN_THREAD_PAUSE_SECONDS = 1.0
from flask import Blueprint, request
blueprint = Blueprint("in_the_way", __name__)
@blueprint.post("/fails")
def fail():
    raise LookupError("this is on purpose")
@blueprint.post("/careless")
def answer_without_looking():
    return {"ok": True}
@blueprint.post("/half")
def read_the_beginning():
    return {"read": len(request.stream.read(10))}
@blueprint.post("/streams")
def stream():
    return (part for part in ["in ", "parts"])
"""


class Answer(NamedTuple):
    status: int
    closes: bool
    body: bytes


class Connection:
    """One client; `answer` reads exactly one answer, `ends` waits for the server to close."""

    def __init__(self, server: Server, *, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(
            ("127.0.0.1", server.port), timeout=20, source_address=(source, 0)
        )
        self._file = self.socket.makefile("rb")

    def send(self, method: str, path: str, *headers: str, body: bytes = b"") -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: x", *headers]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def answer(self, *, to: str = "POST") -> Answer:
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip().lower()
        has_none = to == "HEAD" or status in (100, 204)
        body = b"" if has_none else self._read(headers)
        return Answer(status, headers.get("connection") == "close", body)

    def _read(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return self._file.read(int(headers["content-length"]))
        body = b""
        while size := int(self._file.readline(), 16):
            body += self._file.read(size)
            self._file.readline()
        self._file.readline()
        return body

    def ends(self) -> bool:
        return self._file.read() == b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self.socket.close()


class Site(NamedTuple):
    server: Server
    token: str

    def connect(self, *, source: str = "127.0.0.1") -> Connection:
        return Connection(self.server, source=source)


@pytest.fixture(scope="module")
def site(migrated_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all cases, with a plugin that answers early in ways that ours do not."""
    folder = tmp_path_factory.mktemp("unread-bodies")
    shutil.copy(migrated_database, folder / "pionne.db")
    metadata = folder / "in_the_way-1.0.dist-info"
    metadata.mkdir()
    (folder / "in_the_way.py").write_text(IN_THE_WAY)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: in_the_way\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[pionne_feedback.blueprints]\nin_the_way = in_the_way\n"
    )
    settings = read_settings({"INSTANCE_DIR": str(folder), "APP_KEY": APP_KEY})
    app = create_app(settings, password_hasher=CHEAP_HASHER)
    with app.app_context():
        owner = accounts.create("o@example.com", password="correct horse", now=utc_now())
        project = projects.create("App", owner_id=owner.id, actor=None, now=utc_now())
    dispose(app)
    server = Server(
        settings,
        SqliteDatabase(folder / "pionne.db"),
        BLUEPRINTS=",".join([*settings.blueprints, "in_the_way"]),
        PYTHONPATH=str(folder),
        THREADS="4",
    )
    yield Site(server, project.token)
    server.stop()


class Way(NamedTuple):
    """One way out; it is another, 413, for a longer body than `limit`, if that is looked at."""

    status: int
    method: str
    path: str
    headers: tuple[str, ...] = ()
    limit: int | None = None

    def __str__(self) -> str:
        return f"{self.status} {self.method} {self.path}"


WAYS = [
    Way(401, "POST", "/feedback", limit=MIB),
    Way(401, "POST", "/ingest", limit=8 * MIB),
    Way(401, "POST", "/api/auth/logout", limit=MIB),
    Way(404, "POST", "/nowhere"),
    Way(404, "PUT", "/api/nowhere"),
    Way(405, "PUT", "/feedback"),
    Way(405, "POST", "/healthz"),
    Way(204, "OPTIONS", "/feedback", ("Origin: https://a.example",)),
    Way(302, "GET", "/projects", limit=MIB),
    Way(200, "GET", "/healthz"),
    Way(200, "HEAD", "/healthz"),
    Way(500, "POST", "/fails"),
    Way(200, "POST", "/careless"),
    Way(200, "POST", "/half", limit=MIB),
    Way(200, "POST", "/streams"),
]


def with_length(body: bytes) -> tuple[str, bytes]:
    return f"Content-Length: {len(body)}", body


def in_chunks(body: bytes, *, size: int = 100_000) -> tuple[str, bytes]:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return "Transfer-Encoding: chunked", chunks + b"0\r\n\r\n"


framings = pytest.mark.parametrize("framed", [with_length, in_chunks])


@framings
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_connection_is_kept_whatever_is_answered_early(site, way, framed):
    """On one connection for all sizes: each answer is the answer to its own request."""
    with site.connect() as connection:
        for size in SIZES:
            framing, body = framed(b"x" * size)
            connection.send(way.method, way.path, *way.headers, framing, body=body)
            answer = connection.answer(to=way.method)
            is_refused = way.limit is not None and size > way.limit and framed is with_length
            assert answer[:2] == (413 if is_refused else way.status, False), size
            connection.send("GET", "/healthz")
            assert connection.answer().status == 200, size


@framings
def test_connection_is_kept_after_429(site, framed):
    with site.connect(source=GUESSER) as connection:
        for size in SIZES:
            framing, body = framed(b"x" * size)
            for _ in range(62):
                connection.send(
                    "POST", "/feedback", f"X-Pionne-Token: {UNKNOWN}", framing, body=body
                )
                answer = connection.answer()
                assert not answer.closes
                if answer.status != 401:
                    break
            assert answer.status == (413 if size > MIB and framed is with_length else 429)
            connection.send("GET", "/healthz")
            assert connection.answer().status == 200


@framings
def test_connection_is_kept_after_413_with_a_token(site, framed):
    with site.connect() as connection:
        for path, size in (("/feedback", MIB + 1), ("/sessions", 3 * MIB), ("/ingest", 9 * MIB)):
            framing, body = framed(b"x" * size)
            connection.send("POST", path, f"X-Pionne-Token: {site.token}", framing, body=body)
            assert connection.answer()[:2] == (413, False)


@framings
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_answer_closes_the_connection_where_more_is_sent_than_anybody_takes(site, way, framed):
    framing, body = framed(b"x" * ABOVE_ALL)
    with site.connect() as connection:
        connection.send(way.method, way.path, *way.headers, framing, body=body)
        assert connection.answer(to=way.method).closes
        assert connection.ends()


def test_request_behind_a_refused_body_is_answered_too(site):
    """Sent at once, so that both were read in one piece."""
    for framed in (with_length, in_chunks):
        with site.connect() as connection:
            framing, body = framed(b"x" * 151_000)
            second = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
            connection.send("POST", "/nowhere", framing, body=body + second)
            assert [connection.answer().status for _ in "ab"] == [404, 200]


def test_client_of_http_1_0_keeps_its_connection_if_it_asked_for_that(site):
    head = "POST /nowhere HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 151000\r\n\r\n"
    with site.connect() as connection:
        for _ in range(2):
            connection.socket.sendall(head.encode() + b"x" * 151_000)
            assert connection.answer()[:2] == (404, False)


def test_client_that_closes_reads_the_answer_to_a_body_that_nobody_read(site):
    with site.connect() as connection:
        body = b"x" * 3 * MIB
        connection.send(
            "POST", "/nowhere", "Connection: close", f"Content-Length: {len(body)}", body=body
        )
        assert connection.answer()[:2] == (404, True)
        assert connection.ends()


@pytest.mark.parametrize("framing", [f"Content-Length: {8 * MIB}", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("way", [way for way in WAYS if way.path != "/half"], ids=str)
def test_client_that_waits_for_100_is_answered_at_once_and_sends_nothing(site, way, framing):
    with site.connect() as connection:
        connection.send(way.method, way.path, *way.headers, "Expect: 100-continue", framing)
        answer = connection.answer(to=way.method)
        assert answer.status in (way.status, 413)
        assert answer.closes
        assert connection.ends()


def test_client_that_waits_for_100_is_told_to_send_what_is_wanted(site):
    body = b'{"message": "Worth waiting for"}'
    with site.connect() as connection:
        for framed in (with_length, in_chunks):
            framing, sent = framed(body)
            token = f"X-Pionne-Token: {site.token}"
            connection.send("POST", "/feedback", token, "Expect: 100-continue", framing)
            assert connection.answer().status == 100
            connection.socket.sendall(sent)
            assert connection.answer()[:2] == (202, False)


def test_client_that_waits_for_100_with_nothing_to_send_keeps_its_connection(site):
    with site.connect() as connection:
        for _ in range(2):
            connection.send("POST", "/nowhere", "Expect: 100-continue", "Content-Length: 0")
            assert connection.answer()[:2] == (404, False)


@pytest.mark.parametrize(
    "half",
    [
        ("Content-Length: 151000", b"x" * 70_000),
        ("Transfer-Encoding: chunked", b"24ddc\r\n" + b"x" * 70_000),
    ],
)
def test_client_that_stops_sending_is_answered_all_the_same(site, half):
    framing, body = half
    with site.connect() as connection:
        connection.send("POST", "/nowhere", framing, body=body)
        assert connection.answer()[:2] == (404, True)
        assert connection.ends()


@pytest.mark.parametrize("broken", [b"zz\r\n", b"5\r\nhelloXX"])
@pytest.mark.parametrize("path", ["/feedback", "/nowhere"])
def test_answer_to_a_broken_chunk_closes_the_connection(site, path, broken):
    with site.connect() as connection:
        headers = (f"X-Pionne-Token: {site.token}", "Transfer-Encoding: chunked")
        connection.send("POST", path, *headers, body=broken)
        answer = connection.answer()
        assert answer.status == (422 if path == "/feedback" else 404)
        assert answer.closes
        assert connection.ends()


@pytest.mark.parametrize(("path", "status"), [("/feedback", 422), ("/nowhere", 404)])
def test_body_of_more_chunks_than_anybody_needs_is_not_read_to_its_end(site, path, status):
    """Each costs time, however little is in it."""
    framing, body = in_chunks(b"x" * 10_000, size=1)
    with site.connect() as connection:
        connection.send("POST", path, f"X-Pionne-Token: {site.token}", framing, body=body)
        assert connection.answer()[:2] == (status, True)
        assert connection.ends()


@pytest.mark.parametrize(("length", "size"), [(4_000, 1), (MIB - 20, 500)])
def test_body_of_small_chunks_is_taken(site, length, size):
    start = b'{"status": "ok", "session_id": "123e4567-e89b-12d3-a456-426614174000", "x": "'
    end = b'"}'
    framing, body = in_chunks(start + b"x" * (length - len(start) - len(end)) + end, size=size)
    with site.connect() as connection:
        connection.send("POST", "/sessions", f"X-Pionne-Token: {site.token}", framing, body=body)
        assert connection.answer()[:2] == (202, False)


def test_clients_that_never_close_keep_nobody_from_being_served(site):
    """The server has said `close`; whoever waits for them must not be the thread that accepts."""
    with ExitStack() as opened:
        for _ in range(12):
            connection = opened.enter_context(site.connect())
            connection.send("GET", "/healthz", "Connection: close")
        with site.connect() as other:
            other.send("GET", "/healthz")
            assert other.answer().status == 200

"""What depends on the server in front of the app: bodies, broken HTTP, the log."""

import json
import socket

import httpx
import pytest

from tests.live.conftest import Server

pytestmark = pytest.mark.sqlite_only("it is about HTTP, and stores next to nothing")


def send_raw(server: Server, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_a_client_that_sends_3_mib_reads_the_413(server, project):
    answer = httpx.post(
        f"{server.url}/feedback",
        content=b'{"message": "' + b"x" * 3 * 1024 * 1024 + b'"}',
        headers={"X-Pionne-Token": project.token},
    )

    assert answer.status_code == 413
    assert "too large" in answer.json()["message"]


def test_a_chunked_body_without_a_length_is_measured_too(server, project):
    answer = httpx.post(
        f"{server.url}/feedback",
        content=(b"x" * 65536 for _ in range(48)),
        headers={"X-Pionne-Token": project.token},
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("broken", [b"zz\r\n", b"5\r\nhelloXX", b"100000\r\nshort"])
def test_a_broken_chunk_is_the_clients_mistake(server, project, broken):
    head = (
        "POST /feedback HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"X-Pionne-Token: {project.token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + broken)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65536).startswith(b"HTTP/1.1 422")


def test_what_is_not_http_is_answered_in_json(server):
    answer = send_raw(server, b"GET /feedback HTTP/9.9\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/json" in head
    assert "message" in json.loads(body)


def test_no_log_line_holds_an_address_a_token_a_query_or_a_text(server, project):
    secret_text = "Nobody may read this in a log"
    httpx.post(f"{server.url}/feedback?token={project.token}", json={"message": secret_text})
    httpx.post(f"{server.url}/feedback?token=pio_live_wrong", json={"message": secret_text})
    httpx.post(f"{server.url}/feedback?token={project.token}", content=secret_text)
    send_raw(server, f"BROKEN /feedback?token={project.token}\r\n\r\n".encode())
    server.stop()

    log = server.log()
    requests = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert [line["status"] for line in requests if line["method"] == "POST"] == [202, 401, 422]
    said_by_requests = log.replace(server.url, "")  # the line that says where it listens
    for private in ("127.0.0.1", "token=", "pio_live_", secret_text):
        assert private not in said_by_requests


def test_gunicorns_own_access_log_is_json_without_address_path_or_query(start_server, project):
    server = start_server(GUNICORN_CMD_ARGS="--access-logfile -")
    httpx.post(f"{server.url}/feedback?token={project.token}", json={"message": "Hello"})
    server.stop()

    log = server.log().replace(server.url, "")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    from_gunicorn = [line for line in lines if "route" not in line]
    assert {frozenset(line) for line in from_gunicorn} == {
        frozenset(("time", "method", "status", "milliseconds", "request_id"))
    }
    assert "127.0.0.1" not in log and "token=" not in log

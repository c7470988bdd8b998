"""Counts of losses outlive a clean stop, and reach the table by themselves."""

import http.client
import socket
import time

import httpx
import pytest

COUNT = "SELECT coalesce(sum(quantity), 0) FROM losses"


def refuse(server, project, times):
    headers = {"X-Pionne-Token": project.token}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        for _ in range(times):
            assert client.post("/feedback", json={}).status_code in (422, 429)


@pytest.mark.parametrize("is_forked", [True, False])  # which is started as users do
def test_a_clean_stop_writes_every_count(server, project):
    refuse(server, project, 150)

    server.stop()

    assert server.rows(COUNT) == [(150,)]
    assert server.rows("SELECT reason, quantity FROM losses ORDER BY reason") == [
        ("invalid", 100),
        ("limited", 50),
    ]


def test_counts_are_written_while_it_serves(server, project):
    refuse(server, project, 3)

    deadline = time.monotonic() + 20
    while server.rows(COUNT) != [(3,)]:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.1)


def test_near_misses_are_counted_as_they_come_over_the_wire(server, project):
    paths = [
        *("/events//feedback", "/events/1%2F2/feedback", "/api/events/%2E%2E/feedback"),
        *("/feedback/../x", "/feedback/%00", "/sessions/%ff", "/ingest/./x", "/api//Feedback"),
    ]
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        for path in paths:
            request = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Pionne-Token: {project.token}\r\n"
            connection.sendall(f"{request}Content-Length: 2\r\n\r\n{{}}".encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert (path, answer.status) == (path, 404)
            answer.read()

    server.stop()

    assert server.rows(COUNT) == [(len(paths),)]

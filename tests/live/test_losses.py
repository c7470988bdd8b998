"""Counts of losses outlive a clean stop, and reach the table by themselves."""

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

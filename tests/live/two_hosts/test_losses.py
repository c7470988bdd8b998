"""Counts of losses wait a second in each process: what outlives a stop, an outage, a kill."""

import signal
import time
from collections.abc import Callable

import pytest

from tests.databases import Rows
from tests.live.two_hosts.hosts import TwoHosts
from tests.servers.postgresql import PostgreSQL

WAIT_SECONDS = 30


@pytest.fixture
def refuse(two_hosts: TwoHosts, make_project) -> Callable[[int], None]:
    """Has so many posts refused, by all processes of both hosts."""
    token = make_project("Refused").token

    def post(times: int) -> None:
        answers = two_hosts.post(token, [{}] * times)
        assert {answer.status_code for answer in answers} <= {422, 429}

    return post


@pytest.fixture
def counted(database_rows: Callable[[str], Rows]) -> Callable[[], int]:
    def read() -> int:
        [[quantity]] = database_rows("SELECT coalesce(sum(quantity), 0) FROM losses")
        return int(quantity)

    return read


@pytest.fixture
def await_count(counted: Callable[[], int], two_hosts: TwoHosts) -> Callable[[int], None]:
    def wait(quantity: int) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while counted() != quantity:
            assert time.monotonic() < deadline, (counted(), [h.log() for h in two_hosts.hosts])
            time.sleep(0.1)

    return wait


def test_a_clean_stop_of_all_processes_writes_every_count(two_hosts, refuse, counted):
    refuse(200)

    for host in two_hosts.hosts:
        host.stop()

    assert counted() == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_counts_wait_while_postgresql_is_away(
    refuse, await_count, durable_postgresql: PostgreSQL, how
):
    refuse(200)
    durable_postgresql.stop(how)
    durable_postgresql.start()

    await_count(200)


def test_a_killed_host_loses_no_more_than_what_it_had_not_written(
    two_hosts, refuse, counted, await_count
):
    killed, other = two_hosts.hosts
    refuse(100)
    await_count(100)
    already = two_hosts.answered_by(killed)
    refuse(100)
    killed.kill()
    other.stop()

    assert 200 - (two_hosts.answered_by(killed) - already) <= counted() <= 200

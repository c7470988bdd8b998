"""While a host restarts, or is lost, or a worker dies, nobody else notices.

nginx must keep every host in use, whatever breaks on its connections, and must never send a post
again that may have been stored.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import Rows
from tests.live.conftest import Server
from tests.live.steady_load import SteadyLoad, event, message_of
from tests.live.test_reloading import workers
from tests.live.two_hosts.hosts import TwoHosts


@pytest.fixture
def load(two_hosts: TwoHosts, make_project) -> SteadyLoad:
    """Events, which are stored as often as they arrive; of projects enough to meet no limit."""
    tokens = [make_project(f"App {number}").token for number in range(24)]
    port, trust = two_hosts.front.https_port, two_hosts.front.trust
    return SteadyLoad(port, tokens, trust=trust, path="/ingest", body=event)


@pytest.fixture
def stored(database_rows: Callable[[str], Rows]) -> Callable[[], Counter[str]]:
    """How often each event is stored."""
    return lambda: Counter(message for (message,) in database_rows("SELECT message FROM events"))


def test_hosts_that_restart_one_by_one_lose_nothing(two_hosts, load, stored):
    with load.running():
        for host in two_hosts.hosts:
            host.stop()
            load.go_on(50)
            host.start()
            load.go_on(50)

    assert set(load.outcomes) == {202}, load.outcomes
    assert stored() == acknowledged(load)


def test_killed_worker_costs_nothing_but_what_it_was_at_work_on(two_hosts, load, stored):
    with load.running():
        for host in two_hosts.hosts:
            dead_at = kill_worker(two_hosts, host)
            load.go_on(100)
            assert later_outcomes(load, dead_at) == {202}, load.outcomes

    assert acknowledged(load) <= stored()
    assert set(stored().values()) == {1}


def test_lost_host_costs_nothing_but_what_it_was_at_work_on(two_hosts, load, stored):
    lost, _ = two_hosts.hosts
    with load.running():
        processes = [lost.process.pid, *workers(lost)]
        lost.kill()
        dead_at = wait_until_known(two_hosts, *processes)
        load.go_on(200)
        assert later_outcomes(load, dead_at) == {202}, load.outcomes
        lost.start()
        answered = answers_of(two_hosts, lost)
        load.go_on_until(lambda: answers_of(two_hosts, lost) > answered)

    assert later_outcomes(load, dead_at) == {202}, load.outcomes
    assert acknowledged(load) <= stored()
    assert set(stored().values()) == {1}


def acknowledged(load: SteadyLoad) -> Counter[str]:
    return Counter(map(message_of, load.acknowledged))


def later_outcomes(load: SteadyLoad, moment: float) -> set[int | str]:
    """What became of the requests that began after that moment."""
    return {sent.outcome for sent in list(load.sent) if sent.began > moment}


def answers_of(two_hosts: TwoHosts, host: Server) -> int:
    """How many answers nginx has had of it."""
    return two_hosts.front.access_log().count(f'"upstream":"127.0.0.1:{host.port}"')


def kill_worker(two_hosts: TwoHosts, host: Server) -> float:
    """The moment since when nginx knows that all of its connections are gone."""
    worker = min(workers(host))
    os.kill(worker, signal.SIGKILL)
    return wait_until_known(two_hosts, worker)


def wait_until_known(two_hosts: TwoHosts, *process_ids: int) -> float:
    """Until they are gone, and nginx has heard of it: that is before it hears of this request."""
    while any(Path(f"/proc/{process_id}").exists() for process_id in process_ids):
        time.sleep(0.01)
    two_hosts.front.post("/nowhere", token="")
    return time.monotonic()

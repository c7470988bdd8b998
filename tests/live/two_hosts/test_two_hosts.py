"""Two hosts, one truth: whatever either of them is told, both of them know.

Two instances of two workers behind a real nginx, sharing one PostgreSQL and one Valkey.
"""

import signal
import uuid
from collections import Counter
from collections.abc import Callable

import httpx
import pytest

from app.services.sessions import ledger as session_ledger
from tests.databases import Rows
from tests.live.conftest import Server
from tests.live.steady_load import BROKEN, REFUSED, SteadyLoad
from tests.live.two_hosts.hosts import WORKERS_EACH, TwoHosts, metric

ALLOWED = 100
SERVER_ERRORS = {500, 502, 503, 504}


@pytest.fixture
def load(two_hosts: TwoHosts, make_project) -> SteadyLoad:
    """Session reports, of projects enough that no limit is met."""
    tokens = [make_project(f"App {number}").token for number in range(24)]
    return SteadyLoad(two_hosts.front.https_port, tokens, trust=two_hosts.front.trust)


@pytest.fixture
def stored_sessions(database_rows: Callable[[str], Rows]) -> Callable[[], set[str]]:
    def read() -> set[str]:
        rows = database_rows("SELECT session_id FROM sessions")
        return {str(uuid.UUID(bytes=session_id)) for (session_id,) in rows}

    return read


def test_of_400_posts_at_once_exactly_100_are_accepted(two_hosts, project, database_rows):
    answers = two_hosts.post_feedback(project.token, [f"Message {n}" for n in range(400)])

    assert Counter(answer.status_code for answer in answers) == {202: ALLOWED, 429: 300}
    assert database_rows("SELECT count(*) FROM feedback") == [(ALLOWED,)]
    assert two_hosts.hosts_that_answered() == {host.port for host in two_hosts.hosts}


def test_50_identical_posts_are_one_row(two_hosts, project, database_rows):
    answers = two_hosts.post_feedback(project.token, ["The Pay button stays grayed out"] * 50)

    assert [answer.status_code for answer in answers] == [202] * 50
    assert len({answer.text for answer in answers}) == 1
    assert database_rows("SELECT count(*) FROM feedback") == [(1,)]
    assert two_hosts.hosts_that_answered() == {host.port for host in two_hosts.hosts}


def test_25_identical_posts_each_of_two_people_are_two_rows(two_hosts, project, database_rows):
    """They stand behind one address, and name themselves."""
    said = [{"message": "It does not work", "name": name} for name in ("Alice", "Bob")] * 25
    answers = two_hosts.post(project.token, said)

    assert [answer.status_code for answer in answers] == [202] * 50
    assert database_rows("SELECT name FROM feedback ORDER BY name") == [("Alice",), ("Bob",)]
    assert two_hosts.hosts_that_answered() == {host.port for host in two_hosts.hosts}


def test_token_rotated_through_one_host_is_refused_by_the_other_at_once(
    two_hosts, project, as_owner
):
    one, other = two_hosts.hosts

    def status(host: Server, token: str) -> int:
        headers = {"X-Pionne-Token": token}
        return httpx.post(
            f"{host.url}/feedback", json={"message": "x"}, headers=headers
        ).status_code

    assert status(other, project.token) == 202
    address = f"{one.url}/api/projects/{project.id}/regenerate"
    rotated = httpx.post(address, headers=as_owner).json()["token"]

    assert status(other, project.token) == 401
    assert status(other, rotated) == 202


def test_host_killed_under_load_loses_nothing_that_was_acknowledged(
    two_hosts, load, stored_sessions, app
):
    killed, _ = two_hosts.hosts
    with load.running():
        killed.kill()
        load.go_on(200)  # the other one serves on

    assert set(load.outcomes) <= {202, *SERVER_ERRORS, REFUSED, BROKEN}, load.outcomes
    assert load.acknowledged <= stored_sessions()
    with app.app_context():
        assert list(session_ledger.verify()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_while_postgresql_restarts_the_answer_is_503_and_then_all_goes_on_by_itself(
    two_hosts, load, stored_sessions, durable_postgresql, app, how
):
    with load.running():
        durable_postgresql.stop(how)
        refused = load.outcomes[503]
        load.go_on_until(lambda: load.outcomes[503] > refused + 50)
        durable_postgresql.start()
        load.go_on(200)

    assert set(load.outcomes) == {202, 503}, load.outcomes
    assert load.acknowledged <= stored_sessions()
    # Of each process when it began and when it was over, whatever many requests met it.
    processes = WORKERS_EACH * len(two_hosts.hosts)
    assert two_hosts.lines('"exception"') == two_hosts.lines("Traceback") == 0
    assert two_hosts.lines('"message"') <= 3 * processes, two_hosts.lines('"message"')
    with app.app_context():
        assert list(session_ledger.verify()) == []


def test_without_valkey_feedback_is_taken_and_each_process_counts_for_itself(
    two_hosts, own_valkey, make_project, database_rows
):
    own_valkey.stop()
    project = make_project()
    answers = two_hosts.post_feedback(project.token, [f"Message {n}" for n in range(600)])

    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {202, 429}
    assert ALLOWED < statuses[202] <= ALLOWED * WORKERS_EACH * len(two_hosts.hosts)
    assert database_rows("SELECT count(*) FROM feedback") == [(statuses[202],)]
    for host in two_hosts.hosts:
        ready = httpx.get(f"{host.url}/readyz").json()
        assert ready["ready"] and ready["degraded"] == ["limiter"]
        assert not ready["checks"]["limiter"]["ok"]
        assert metric(host, "pionne_limiter_store_up") == 0
    # Each process says it once, not with every request.
    assert 1 <= two_hosts.lines("The store of limits is away") <= WORKERS_EACH * 2


def test_when_valkey_is_back_all_processes_count_together_again(
    two_hosts, own_valkey, make_project, load
):
    own_valkey.stop()
    with load.running():
        load.go_on_until(lambda: two_hosts.lines("limits is away") == WORKERS_EACH * 2)
        own_valkey.start()
        load.go_on_until(lambda: two_hosts.lines("limits is back") == WORKERS_EACH * 2)
    assert set(load.outcomes) == {202}, load.outcomes

    fresh = make_project("Fresh")
    answers = two_hosts.post_feedback(fresh.token, [f"Message {n}" for n in range(400)])
    assert Counter(answer.status_code for answer in answers) == {202: ALLOWED, 429: 300}
    assert [metric(host, "pionne_limiter_store_up") for host in two_hosts.hosts] == [1, 1]

"""Both load generators send what a plan says, and tell when it was refused."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.ladder import load
from bench.ladder.plan import DIGITS, NUMBER, PERSON, PROJECT, TOKEN, UUID, Plan
from tests.servers.system_programs import system_program


class Recorder(ThreadingHTTPServer):
    """Keeps what it was sent and answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 202
        self.received: list[tuple[str, str, str]] = []
        self.ports_of_clients: set[int] = set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.ports_of_clients.add(self.client_address[1])
        self.server.received.append((self.path, self.headers["X-Pionne-Token"], body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        if self.headers["Connection"] == "close":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(params=[load.ASYNCIO, load.WRK])
def client(request: pytest.FixtureRequest) -> str:
    if request.param == load.WRK:
        system_program("wrk", package="wrk")
    return request.param


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def plan(recorder: Recorder) -> Plan:
    """Two bodies a round, three projects, for a second or 20 requests."""
    return Plan(
        port=recorder.server_port,
        method="POST",
        path=f"/somewhere/{PROJECT}",
        first_project_id=5,
        headers={"X-Pionne-Token": TOKEN},
        bodies=(
            f'{{"a": "{NUMBER} {UUID} {DIGITS}"}}',
            f'{{"b": "{PERSON} \\" alice@example.com"}}',
        ),
        tokens=["one", "two", "three"],
        first=7,
        connections=1,
        seconds=1,
        requests=20,
    )


def planned(plan: Plan, count: int) -> list[tuple[str, str, str]]:
    requests = [(plan.path_of(number), *plan.request(number)) for number in range(count)]
    return [(path, headers["X-Pionne-Token"], body.decode()) for path, headers, body in requests]


def run(plan: Plan, client: str) -> load.Load:
    """wrk is only ever given seconds."""
    if client == load.WRK:
        plan = Plan(**{**vars(plan), "requests": 0})
    return load.run(plan, client=client)


def test_requests_are_those_of_the_plan_in_its_order(recorder, plan, client):
    seen = run(plan, client)

    assert recorder.received[:20] == planned(plan, 20)
    assert len(recorder.received) >= seen.requests >= 20


def test_second_body_comes_rounds_after_the_first(recorder, plan, client):
    run(replace(plan, rounds_apart=2), client)

    assert recorder.received[:20] == planned(replace(plan, rounds_apart=2), 20)
    assert [token for _, token, _ in recorder.received[:4]] == ["two", "three", "three", "one"]


def test_client_says_how_long_answers_took_and_how_busy_it_was_itself(plan, client):
    seen = run(plan, client)

    assert 0 < seen.p50 <= seen.p95 <= seen.p99 < seen.seconds
    assert 0 < seen.client_share


def test_client_keeps_its_connection_or_opens_one_for_each_request(recorder, plan, client):
    run(plan, client)
    assert len(recorder.ports_of_clients) == 1

    run(plan.on_new_connections(), client)
    assert len(recorder.ports_of_clients) >= 20


def test_refused_requests_are_no_measurement(recorder, plan, client):
    recorder.status = 429

    with pytest.raises(load.LoadFailed, match="--projects"):
        run(plan, client)


def test_each_round_of_bodies_goes_to_the_next_project_with_the_next_number(plan):
    first, second = plan.request(0), plan.request(1)
    third, _ = plan.request(2), plan.request(3)

    assert first[0] == second[0] == {"X-Pionne-Token": "two"}  # 7 % 3
    assert first[1] == b'{"a": "7 00000000-0000-4000-8000-000000000007 000000000007"}'
    assert third[0] == {"X-Pionne-Token": "three"}
    assert third[1].startswith(b'{"a": "8 ')
    assert [plan.path_of(number) for number in (0, 1, 2)] == [
        "/somewhere/6",
        "/somewhere/6",
        "/somewhere/7",
    ]


def test_somebody_comes_back_to_a_project_a_few_times(plan):
    visits_of_one_project = [plan.request(number * 6 + 1)[1] for number in range(12)]

    assert 1 < len(set(visits_of_one_project)) < len(visits_of_one_project)

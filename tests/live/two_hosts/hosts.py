"""Two hosts of the service behind one nginx, with one PostgreSQL and one Valkey between them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.live.behind_nginx import Nginx
from tests.live.conftest import Server
from tests.live.load import post_all

METRICS_TOKEN = "a token for Prometheus"
WORKERS_EACH = 2


@dataclass(frozen=True)
class TwoHosts:
    """`front` is where clients come; `hosts` are the instances themselves."""

    front: Nginx
    hosts: tuple[Server, Server]

    def post_feedback(self, token: str, messages: list[str]) -> list[httpx.Response]:
        return self.post(token, [{"message": message} for message in messages])

    def post(self, token: str, bodies: list[dict]) -> list[httpx.Response]:
        return post_all(self.front.url, token, "/feedback", bodies, trust=self.front.trust)

    def hosts_that_answered(self) -> set[int]:
        """Their ports, by nginx's log."""
        return {host.port for host in self.hosts if self.answered_by(host)}

    def answered_by(self, host: Server) -> int:
        """How many requests, by nginx's log."""
        return self.front.access_log().count(f'"upstream":"127.0.0.1:{host.port}"')

    def lines(self, words: str) -> int:
        """In how many lines of the hosts' logs the words are."""
        return sum(host.log().count(words) for host in self.hosts)


def start_both(start: Callable[[str], Server]) -> tuple[Server, Server]:
    """At once, because each takes seconds to be ready."""
    started: dict[str, Server] = {}

    def run(name: str) -> None:
        started[name] = start(name)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return started["one"], started["two"]


def metric(host: Server, name: str) -> float:
    answer = httpx.get(f"{host.url}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    (value,) = (
        sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == name
    )
    return value

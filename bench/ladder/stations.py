"""The servers under load, and one measurement of one of them."""

import time
from dataclasses import dataclass

import click

from bench.instance import Instance, Server
from bench.ladder import load
from bench.ladder.rungs import Rung
from bench.population import Population
from bench.postgresql import MeasuredPostgreSQL

_MAX_CRASHES = 3
_IDLE_SECONDS = 0.1  # ten times what the system's account can tell
_FURTHER_THAN_ANY_RUN = 1_000_000
SQLITE, POSTGRESQL, NO_DATABASE = "SQLite", "PostgreSQL", "–"


@dataclass(frozen=True)
class Site:
    """A filled instance; `server_process` is where the CPU time of its database shows, if any."""

    database: str
    instance: Instance
    population: Population
    server_process: MeasuredPostgreSQL | None = None


@dataclass(frozen=True)
class Sample:
    """One measurement; times in seconds, CPU times for each request."""

    requests_per_second: float
    p50: float
    p95: float
    p99: float
    cpu: float
    database_cpu: float | None
    client_share: float


@dataclass(frozen=True)
class Effort:
    """How one measurement is made: for so many seconds, or so many requests."""

    connections: int
    client: str
    seconds: float = 0
    requests: int = 0
    keeps_connections: bool = True


@dataclass
class Station:
    """A rung at a server of its database. Its requests are numbered on from run to run."""

    rung: Rung
    database: str
    server: Server
    tokens: list[str]
    server_process: MeasuredPostgreSQL | None = None
    next_first: int = 0

    def measure(self, effort: Effort) -> Sample:
        """Raises load.LoadFailed unless all went well.

        What a client did that crashed is forgotten, and measured again.
        """
        for _ in range(_MAX_CRASHES):
            try:
                return self._measure(effort)
            except load.ClientCrashed as crash:
                click.echo(f"once more: {crash}", err=True)
                self.next_first += _FURTHER_THAN_ANY_RUN
        raise load.LoadFailed(f"The client crashed {_MAX_CRASHES} times.")

    def _measure(self, effort: Effort) -> Sample:
        plan = self.rung.plan(
            tokens=self.tokens,
            first=self.next_first,
            port=self.server.port,
            connections=effort.connections,
            seconds=effort.seconds,
            requests=effort.requests,
        )
        self._wait_until_idle()
        before, database_before = self.server.cpu_seconds(), self._database_cpu_seconds()
        seen = load.run(
            plan if effort.keeps_connections else plan.on_new_connections(), client=effort.client
        )
        cpu = self.server.cpu_seconds() - before
        database_cpu = self._database_cpu_seconds() - database_before
        # wrk hangs up in the middle of a request on each connection.
        self.next_first += (seen.requests + effort.connections) // len(self.rung.bodies) + 1
        return Sample(
            requests_per_second=seen.requests / seen.seconds,
            p50=seen.p50,
            p95=seen.p95,
            p99=seen.p99,
            cpu=cpu / seen.requests,
            database_cpu=database_cpu / seen.requests if self.server_process else None,
            client_share=seen.client_share,
        )

    def _wait_until_idle(self) -> None:
        """The server still answers what the client before did not wait for."""
        used = -1.0
        while used != (used := self.server.cpu_seconds()):
            time.sleep(_IDLE_SECONDS)

    def _database_cpu_seconds(self) -> float:
        return self.server_process.cpu_seconds() if self.server_process else 0.0

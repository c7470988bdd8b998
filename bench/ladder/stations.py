"""The servers under load, and one measurement of one of them."""

from dataclasses import dataclass

from bench.instance import Instance, Server
from bench.ladder import load
from bench.ladder.rungs import Rung
from bench.population import Population
from bench.postgresql import MeasuredPostgreSQL

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


@dataclass
class Station:
    """A rung at a server of its database. Its requests are numbered on from run to run."""

    rung: Rung
    database: str
    server: Server
    tokens: list[str]
    server_process: MeasuredPostgreSQL | None = None
    next_first: int = 0

    def measure(
        self,
        *,
        connections: int,
        client: str,
        seconds: float = 0,
        requests: int = 0,
        keeps_connections: bool = True,
    ) -> Sample:
        """Raises load.LoadFailed unless all went well."""
        plan = self.rung.plan(
            tokens=self.tokens,
            first=self.next_first,
            port=self.server.port,
            connections=connections,
            seconds=seconds,
            requests=requests,
        )
        plan = plan if keeps_connections else plan.on_new_connections()
        before, database_before = self.server.cpu_seconds(), self._database_cpu_seconds()
        seen = load.run(plan, client=client)
        cpu = self.server.cpu_seconds() - before
        database_cpu = self._database_cpu_seconds() - database_before
        # wrk hangs up in the middle of a request on each connection.
        self.next_first += (seen.requests + connections) // len(self.rung.bodies) + 1
        return Sample(
            requests_per_second=seen.requests / seen.seconds,
            p50=seen.p50,
            p95=seen.p95,
            p99=seen.p99,
            cpu=cpu / seen.requests,
            database_cpu=database_cpu / seen.requests if self.server_process else None,
            client_share=seen.client_share,
        )

    def _database_cpu_seconds(self) -> float:
        return self.server_process.cpu_seconds() if self.server_process else 0.0

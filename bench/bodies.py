"""What the worst bodies within the limits cost beside plain text of their size.

`python -m bench.bodies` posts each of `bench.worst_bodies` in the process itself and prints CPU
time, the least of some runs, as a factor over plain text, and how it was answered. `--growth` shows
n, 2n and 4n of the worst. `python -m bench.neighbours` tells what another project notices of them.
"""

import argparse
import itertools
import logging
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
from flask.testing import FlaskClient

from app.config import read_settings
from app.domain.times import utc_now
from app.services import accounts, projects
from bench.figures import table
from bench.instance import Instance
from bench.worst_bodies import bodies, plain

ALLOWED_FACTOR = 10
SIZES = (140_000, 1_048_000, 8_388_000)
_PROJECTS = 400  # the limits of each take turns


class Meter:
    """Posts bodies as one project after the other, and tells the CPU time."""

    def __init__(self, client: FlaskClient, tokens: Sequence[str]) -> None:
        self._client, self._tokens = client, itertools.cycle(tokens)

    def milliseconds(self, path: str, body: bytes, *, runs: int) -> tuple[float, int]:
        """And the status of the answer."""
        least, status = float("inf"), 0
        for _ in range(runs):
            headers = {"X-Pionne-Token": next(self._tokens)}
            began = time.process_time()
            answer = self._client.post(path, data=body, headers=headers)
            least = min(least, time.process_time() - began)
            status = answer.status_code
            assert status in (202, 413, 422), answer.status
        return least * 1000, status


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--runs", type=int, default=3, help="of each body")
    parser.add_argument("--show", type=int, default=12, help="so many of the worst")
    parser.add_argument("--growth", action="store_true", help="of the worst: n, 2n, 4n")
    parser.add_argument("--only", default="", help="bodies with this in their names")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        with Instance(Path(folder) / "instance").migrate().app_context() as app:
            logging.getLogger("pionne.requests").disabled = True
            owner = accounts.create("owner@example.com", password="not a secret", now=utc_now())
            tokens = [
                projects.create(f"App {n}", owner_id=owner.id, actor=None, now=utc_now()).token
                for n in range(_PROJECTS)
            ]
            meter = Meter(app.test_client(), tokens)
            limits = read_settings({})
            for path, most_bytes in (
                ("/ingest", limits.max_event_body_bytes),
                ("/feedback", limits.max_body_bytes),
            ):
                for size in options.sizes:
                    if size <= most_bytes:
                        _print(meter, path, size, options)


def _print(meter: Meter, path: str, size: int, options: argparse.Namespace) -> None:
    of_plain, _ = meter.milliseconds(path, plain(path).of_size(size), runs=options.runs + 2)
    measured = [
        (*meter.milliseconds(path, body.of_size(size), runs=options.runs), body)
        for body in bodies()
        if body.path == path and options.only in body.name
    ]
    if not measured:
        return
    measured.sort(key=lambda found: found[0], reverse=True)
    rows = []
    for cost, status, body in measured[: options.show]:
        factor = cost / of_plain
        row = [f"`{body.name}`", str(status), f"{cost:.1f}", f"{factor:.1f}"]
        if options.growth:
            smaller = [
                meter.milliseconds(path, body.of_size(n), runs=options.runs)[0]
                for n in (size // 4, size // 2)
            ]
            row += [" → ".join(f"{figure:.1f}" for figure in (*smaller, cost))]
        rows.append([*row, "over" if factor > ALLOWED_FACTOR else ""])
    heads = ["body", "answer", "CPU, ms", "÷ plain"]
    heads += ["n → 2n → 4n"] if options.growth else []
    click.echo(f"## {path}, {size:,} bytes; plain text {of_plain:.1f} ms\n")
    click.echo(table([*heads, f"of {ALLOWED_FACTOR}"], rows) + "\n")


if __name__ == "__main__":
    main()

"""What each page of the console costs in a project with 100,000 rows: `python -m bench.console`.

In the process itself, past the socket. CPU time is the service's, in which SQLite runs and
PostgreSQL does not: there, the time on the clock tells more. Once with messages of some 100
characters and once with longer ones, because a search reads them all.
"""

import argparse
import logging
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import click
from flask.testing import FlaskClient

from app.domain.times import utc_now
from bench import machine
from bench.figures import table
from bench.instance import Instance
from bench.population import ABSENT_WORD, EMAIL, PASSWORD, RARE_WORD, Size, populate
from bench.postgresql import MeasuredPostgreSQL

_WHOLE = Size(
    projects=3,
    feedback=102_000,
    feedback_in_large=100_000,
    sessions=102_000,
    sessions_in_large=100_000,
    users_in_large=20_000,
)
_MESSAGE_WORDS = (18, 98)
_TARGET_MILLISECONDS = 100


def _pages(feedback_in_large: int) -> list[str]:
    """Of the large project, which is the first one."""
    month = (utc_now() - timedelta(days=200)).date(), (utc_now() - timedelta(days=170)).date()
    in_month = f"since={month[0]}&until={month[1]}"
    middle = feedback_in_large // 2
    inbox = (
        "",
        "?tab=all",
        "?q=payment",
        "?q=page+stays",
        f"?q={RARE_WORD}",
        f"?q={ABSENT_WORD}",
        "?q=über",
        "?q=مرحبا",
        f"?q={RARE_WORD}+{ABSENT_WORD}+blank+payment+cart&tab=all",
        "?version=1.3.0",
        "?email=1",
        "?event=1",
        f"?{in_month}",
        f"?{in_month}&tab=all",
        f"?{in_month}&q=über",
        "/arrivals?after=50&q=über",
    )
    return [
        "/projects",
        *(f"/projects/1/inbox{query}" for query in inbox),
        f"/projects/1/feedback/{middle}",
        f"/projects/1/feedback/{middle}?q={ABSENT_WORD}",
        "/projects/1/releases",
        "/projects/1/releases?days=90",
        "/projects/1/release?name=1.3.0",
        "/projects/1/release?name=1.3.0&against=1.4.0&days=90",
        "/projects/1/issues",
        *(f"/projects/1/{page}" for page in ("settings", "members", "tokens", "audit", "start")),
        "/account",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    size = _WHOLE.divided_by(options.divide)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        if "postgresql" in options.databases:
            server = stack.enter_context(MeasuredPostgreSQL())
        version = server.version() if server else None
        click.echo(f"# The console\n\n{machine.describe(folder, postgresql=version)}\n")
        for database in options.databases:
            for words in _MESSAGE_WORDS:
                name = f"{database}_{words}"
                url = server.new_database(name) if server and database == "postgresql" else ""
                with _client(Instance(folder / name, url), size, words, label=name) as client:
                    times = [
                        (page, *_measure(client, page, rounds=options.rounds))
                        for page in _pages(size.feedback_in_large)
                    ]
                click.echo(f"## {database}, messages of {words} words\n\n{_table(times)}\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.console",
        description="Read each page of the console in a large project; print Markdown tables.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a short run, to see that all works")
    add("--databases", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite"])
    add("--divide", type=int, default=1, help="divides all numbers of rows")
    add("--rounds", type=int, default=9, help="how often each page is read")
    if parser.parse_known_args(arguments)[0].quick:
        parser.set_defaults(divide=100, rounds=2)
    return parser.parse_args(arguments)


@contextmanager
def _client(instance: Instance, size: Size, words: int, *, label: str) -> Iterator[FlaskClient]:
    """Logged in as the owner of all projects."""
    instance.migrate()
    with instance.app_context() as app:
        populate(size, label=label, message_words=words)
        # Each page is logged otherwise, between the tables.
        logging.getLogger("pionne.requests").disabled = True
        client = app.test_client()
        form = client.get("/login").text
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form)
        fields = {"csrf_token": found[1] if found else "", "email": EMAIL, "password": PASSWORD}
        answer = client.post("/login", data=fields)
        if answer.status_code != 302:
            sys.exit(f"The console did not take the login: {answer.status}")
        yield client


def _measure(client: FlaskClient, page: str, *, rounds: int) -> tuple[float, float]:
    """Median milliseconds of CPU time and on the clock, after one reading to warm up."""
    cpu, wall = [], []
    for _ in range(rounds + 1):
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        answer = client.get(page)
        wall.append(time.perf_counter() - wall_before)
        cpu.append(time.process_time() - cpu_before)
        if answer.status_code != 200:
            sys.exit(f"{page} answered {answer.status}")
    return statistics.median(cpu[1:]) * 1000, statistics.median(wall[1:]) * 1000


def _table(times: list[tuple[str, float, float]]) -> str:
    rows = [
        [f"`{page}`", f"{cpu:.0f}", f"{wall:.0f}", "over" if cpu > _TARGET_MILLISECONDS else ""]
        for page, cpu, wall in times
    ]
    return table(["page", "CPU, ms", "clock, ms", f"of {_TARGET_MILLISECONDS} ms"], rows)


if __name__ == "__main__":
    main()

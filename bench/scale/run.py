"""The run: builds both sizes, asks both in turn, deletes the large projects, and prints tables."""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from bench import machine
from bench.figures import Spread, table
from bench.population import Size
from bench.postgresql import MeasuredPostgreSQL
from bench.scale.deletion import delete_large_project
from bench.scale.kept_figures import cpu_seconds_of_report
from bench.scale.town import HEALTH_OVER_HTTP, NEWEST_IN_DATABASE, Town, town

_SQLITE, _POSTGRESQL = "SQLite", "PostgreSQL"
_DATABASES = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
_WHOLE = Size(
    projects=200,
    feedback=1_000_000,
    feedback_in_large=300_000,
    sessions=3_000_000,
    sessions_in_large=500_000,
    users_in_large=200_000,
)
_DIVISOR = 10
_QUICK_DIVISOR = 100
_USUAL_ROUNDS, _QUICK_ROUNDS = 30, 3
# By question: at most so many milliseconds, and so much growth.
_TARGETS = {
    NEWEST_IN_DATABASE: (1.0, 1.2),
    HEALTH_OVER_HTTP: (10.0, 1.2),
}

Times = dict[str, tuple[list[float], list[float]]]  # in seconds, at a tenth and whole


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    whole = _WHOLE.divided_by(options.divide)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgresql = (
            stack.enter_context(MeasuredPostgreSQL()) if _POSTGRESQL in options.databases else None
        )
        version = postgresql.version() if postgresql else None
        click.echo(
            f"# Scale\n\n{machine.describe(folder, postgresql=version)}\n\n{_sizes(whole)}\n"
        )
        targets: list[list[str]] = []
        for database in options.databases:
            server = postgresql if database == _POSTGRESQL else None
            targets += _measure(folder, database, server, whole, rounds=options.rounds)
        heads = ["what", "database", "at most", "measured", ""]
        click.echo(f"## Targets\n\n{table(heads, targets, texts=2)}")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scale",
        description="Ask the same of a tenth of the rows and of all; print Markdown tables."
        " The databases lie where temporary files do (TMPDIR); they take some gigabytes.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a short run, to see that all works")
    add("--databases", type=_databases, default=list(_DATABASES.values()), help="some of them")
    add("--divide", type=int, default=1, help="divides all numbers of rows")
    add("--rounds", type=int, default=_USUAL_ROUNDS, help="how often each question is asked")
    if parser.parse_known_args(arguments)[0].quick:
        parser.set_defaults(divide=_QUICK_DIVISOR, rounds=_QUICK_ROUNDS)
    return parser.parse_args(arguments)


def _databases(text: str) -> list[str]:
    try:
        return [_DATABASES[name] for name in text.split(",")]
    except KeyError as error:
        raise argparse.ArgumentTypeError(f"{error} is none of {', '.join(_DATABASES)}") from None


def _measure(
    folder: Path, database: str, postgresql: MeasuredPostgreSQL | None, whole: Size, *, rounds: int
) -> list[list[str]]:
    """Prints the tables of one database; returns the rows of its targets."""
    names = ("tenth", "whole")
    urls = [postgresql.new_database(name) if postgresql else "" for name in names]
    with ExitStack() as stack:
        small, large = (
            stack.enter_context(
                town(
                    size,
                    folder / f"{database}-{name}",
                    label=f"{database}, {name}",
                    database_url=url,
                )
            )
            for name, size, url in zip(
                names, (whole.divided_by(_DIVISOR), whole), urls, strict=True
            )
        )
        times = _ask(small, large, rounds=rounds)
        click.echo(f"## {database}\n\n{_table(times)}\n")
        click.echo(_upserts(small, large, rounds=rounds) + "\n")
        click.echo(_deletions(small, large) + "\n")
    if postgresql:
        for name in names:
            postgresql.drop_database(name)
    return _targets(database, times)


def _ask(small: Town, large: Town, *, rounds: int) -> Times:
    times: Times = defaultdict(lambda: ([], []))
    asked = [each.questions() for each in (small, large)]
    for question in asked[0]:  # warm caches
        for questions in asked:
            questions[question]()
    for number in range(rounds):
        click.echo(f"round {number + 1} of {rounds}", err=True)
        for question in asked[0]:
            # Now the one first, now the other.
            for which in (0, 1) if number % 2 else (1, 0):
                times[question][which].append(asked[which][question]())
    return times


def _table(times: Times) -> str:
    rows = []
    for question, (small, large) in times.items():
        at_tenth, at_whole = (
            Spread.of(seconds * 1000 for seconds in measured) for measured in (small, large)
        )
        rows.append([question, at_tenth.show(2), at_whole.show(2), f"{_growth(small, large):.2f}"])
    return table(["question", "a tenth, ms", "whole, ms", "growth"], rows)


def _upserts(small: Town, large: Town, *, rounds: int) -> str:
    """CPU time of the service's use case, without the way over HTTP."""
    found: dict[bool, tuple[list[float], list[float]]] = {True: ([], []), False: ([], [])}
    for _ in range(rounds):
        for which, each in enumerate((small, large)):
            for with_figures in (True, False):
                seconds = cpu_seconds_of_report(each, with_figures=with_figures)
                found[with_figures][which].append(seconds)
    rows = [
        [
            "as it is" if with_figures else "kept figures left alone",
            *(Spread.of(value * 1e6 for value in measured).show() for measured in (small_, large_)),
            f"{_growth(small_, large_):.2f}",
        ]
        for with_figures, (small_, large_) in found.items()
    ]
    heads = ["CPU of a session report, in process", "a tenth, µs", "whole, µs", "growth"]
    return table(heads, rows)


def _deletions(small: Town, large: Town) -> str:
    click.echo("deleting the large projects", err=True)
    one, other = delete_large_project(small), delete_large_project(large)
    rows = [
        [text, f"{of_small:.3f}", f"{of_large:.3f}", f"{of_large / of_small:.2f}"]
        for text, of_small, of_large in (
            ("until the answer", one.answer, other.answer),
            ("until the last row is gone", one.purge, other.purge),
            (
                "slowest write of another project meanwhile",
                one.slowest_write,
                other.slowest_write,
            ),
        )
    ]
    return table(["deleting the large project", "a tenth, s", "whole, s", "growth"], rows)


def _targets(database: str, times: Times) -> list[list[str]]:
    rows = []
    for question, (most_milliseconds, most_growth) in _TARGETS.items():
        small, large = times[question]
        milliseconds = Spread.of(seconds * 1000 for seconds in large)
        for text, most, measured, shown in (
            ("ms", most_milliseconds, milliseconds.median, milliseconds.show(2)),
            ("growth", most_growth, _growth(small, large), f"{_growth(small, large):.2f}"),
        ):
            missed = f"missed by {measured / most - 1:.0%}"
            verdict = "reached" if measured <= most else missed
            rows.append([f"{question}, {text}", database, f"{most:g}", shown, verdict])
    return rows


def _growth(small: list[float], large: list[float]) -> float:
    return Spread.of(large).median / Spread.of(small).median


def _sizes(whole: Size) -> str:
    return (
        f"Whole: {whole.projects:,} projects with {whole.feedback:,} rows of feedback and"
        f" {whole.sessions:,} sessions; in the large project {whole.feedback_in_large:,} rows,"
        f" {whole.sessions_in_large:,} sessions of {whole.users_in_large:,} users in 20 releases."
        " A tenth: as many projects with a tenth of the rows. The deep page begins after two thirds"
        " of the rows (page 2,000 of 300,000 rows)."
    )

"""The tables of a run, and what they say about the targets.

A target is reached or missed by the median; nothing fails because of it.
"""

from collections.abc import Iterator

from bench.figures import Spread, table
from bench.ladder import load, rungs
from bench.ladder.footprint import Memory, Start
from bench.ladder.profiles import Profile
from bench.ladder.profiles import show as profile_table
from bench.ladder.stations import NO_DATABASE, POSTGRESQL, SQLITE, Sample

# By rung, database and connections; of each round one.
Samples = dict[tuple[str, str, int], list[Sample]]

# What it is, one rung and the other on their databases, and how many times as much it may take.
_Compared = tuple[str, tuple[str, str], tuple[str, str], float]

_MEBIBYTE = 2**20
_ECHO = (rungs.ECHO, NO_DATABASE)


def loads(samples: Samples) -> str:
    """One table for each number of connections."""
    return "\n".join(
        f"## {_connections(connections)}\n\n" f"{_load_table(samples, connections)}\n"
        for connections in sorted({connections for _, _, connections in samples})
    )


def _load_table(samples: Samples, connections: int) -> str:
    rows = []
    for (name, database, at), measured in sorted(samples.items(), key=_order):
        if at != connections:
            continue
        share = Spread.of(sample.client_share for sample in measured)
        of_echo = _cpu_ratio(samples, (name, database), (rungs.ECHO, NO_DATABASE), connections)
        database_cpu = [
            sample.database_cpu for sample in measured if sample.database_cpu is not None
        ]
        rows.append(
            [
                name,
                database,
                Spread.of(sample.requests_per_second for sample in measured).show(),
                *(
                    Spread.of(getattr(sample, percent) * 1000 for sample in measured).show(1)
                    for percent in ("p50", "p95", "p99")
                ),
                Spread.of(sample.cpu * 1e6 for sample in measured).show(),
                of_echo.show(2) if of_echo else "",
                Spread.of(seconds * 1e6 for seconds in database_cpu).show() if database_cpu else "",
                f"{share.median:.0%}{' †' if share.median >= load.SATURATED_SHARE else ''}",
            ]
        )
    heads = ["what", "database", "requests/s", "p50 ms", "p95 ms", "p99 ms", "CPU µs a request"]
    heads += ["÷ echo", "database CPU µs", "client's core"]
    marked = any("†" in row[-1] for row in rows)
    note = "\n\n† The client had no CPU time left: it measured itself." if marked else ""
    return table(heads, rows, texts=2) + note


def _order(item: tuple[tuple[str, str, int], object]) -> tuple[int, int]:
    (name, database, _), _ = item
    return rungs.NAMES.index(name), (NO_DATABASE, SQLITE, POSTGRESQL).index(database)


def _connections(count: int) -> str:
    return f"{count} connection{'s' if count > 1 else ''}"


def profiles(found: list[Profile], samples: Samples) -> str:
    connections = min((connections for _, _, connections in samples), default=0)
    wire = {
        (name, database): Spread.of(sample.cpu for sample in measured)
        for (name, database, at), measured in samples.items()
        if at == connections
    }
    return (
        "## Where the CPU time of one request goes, in µs\n\n"
        "In one process, one request after the other, without gunicorn and sockets.\n\n"
        f"{profile_table(found, wire)}\n"
    )


def memory(measured: list[Memory]) -> str:
    rows = [
        [f"{each.requests:,}", _mebibytes(each.busy_bytes), _mebibytes(each.idle_bytes)]
        for each in measured
    ]
    heads = ["requests", "at once, MiB", "after a rest, MiB"]
    return f"## Resident memory of the worker\n\n{table(heads, rows)}\n"


def start(measured: Start) -> str:
    row = [measured.seconds.show(2), measured.cpu_seconds.show(2)]
    shown = table(["seconds", "CPU seconds"], [row], texts=0)
    return f"## From the start to the first accepted feedback\n\n{shown}\n"


def targets(samples: Samples, memory: list[Memory], start: Start | None) -> str:
    """Of what was measured; the ratios of CPU time at each number of connections."""
    feedback, sessions = (rungs.FEEDBACK, SQLITE), (rungs.SESSIONS, SQLITE)
    echo = _ECHO
    rows = []
    for text, one, other, most in (
        ("CPU of `POST /feedback` on SQLite ÷ echo", feedback, echo, 2.2),
        ("CPU of `POST /feedback` on PostgreSQL ÷ echo", (rungs.FEEDBACK, POSTGRESQL), echo, 2.8),
        ("CPU of `POST /sessions` ÷ `POST /feedback`, SQLite", sessions, feedback, 1.2),
        (
            "CPU of `POST /sessions` ÷ `POST /feedback`, PostgreSQL",
            (rungs.SESSIONS, POSTGRESQL),
            (rungs.FEEDBACK, POSTGRESQL),
            1.2,
        ),
        *_of_events_and_envelopes(),
    ):
        for connections in sorted({connections for _, _, connections in samples}):
            if ratio := _cpu_ratio(samples, one, other, connections):
                rows.append(_target(f"{text}, {_connections(connections)}", ratio, most, digits=2))
    for database in (SQLITE, POSTGRESQL):
        for connections in sorted({connections for _, _, connections in samples}):
            if of_sums := samples.get((rungs.AGGREGATE, database, connections)):
                cpu = Spread.of(sample.cpu * 1000 for sample in of_sums)
                text = f"ms of CPU of 100 buckets, {database}, {_connections(connections)}"
                rows.append(_target(text, cpu, 5, digits=1))
    if measured := samples.get((*feedback, 16)):
        ratio = Spread.of(sample.p99 / sample.p50 for sample in measured)
        rows.append(
            _target("p99 ÷ p50 of `POST /feedback`, SQLite, 16 connections", ratio, 4, digits=1)
        )
    if memory:
        first, last = memory[0], memory[-1]
        idle = Spread.of([first.idle_bytes / _MEBIBYTE])
        growth = Spread.of([(last.idle_bytes / first.idle_bytes - 1) * 100])
        text = f"MiB of one worker, idle, after {first.requests:,} requests"
        rows.append(_target(text, idle, 90, digits=0))
        text = f"% of growth from {first.requests:,} to {last.requests:,} requests"
        rows.append(_target(text, growth, 2, digits=1))
    if start:
        rows.append(_target("seconds from start to first answer", start.seconds, 1.5, digits=2))
    return f"## Targets\n\n{table(['what', 'at most', 'measured', ''], rows)}"


def _of_events_and_envelopes() -> Iterator[_Compared]:
    for database, most in ((SQLITE, 3.5), (POSTGRESQL, 4.5)):
        for name in (rungs.INGEST, rungs.EVENT_ENVELOPE):
            yield f"CPU of {name} on {database} ÷ echo", (name, database), _ECHO, most
    for name, other in (
        (rungs.FEEDBACK_ENVELOPE, rungs.FEEDBACK),
        (rungs.SESSION_ENVELOPE, rungs.SESSIONS),
    ):
        for database in (SQLITE, POSTGRESQL):
            text = f"CPU of {name} ÷ {other}, {database}"
            yield text, (name, database), (other, database), 1.25


def _target(text: str, measured: Spread, most: float, *, digits: int) -> list[str]:
    over = measured.median / most - 1
    verdict = "reached" if measured.median <= most else f"missed by {over:.0%}"
    return [text, f"{most:g}", measured.show(digits), verdict]


def _cpu_ratio(
    samples: Samples, one: tuple[str, str], other: tuple[str, str], connections: int
) -> Spread | None:
    """None where one was not measured, or so shortly that the system's account says nothing."""
    measured, base = samples.get((*one, connections)), samples.get((*other, connections))
    if not measured or not base or not all(sample.cpu for sample in base):
        return None
    return Spread.of_ratios((sample.cpu for sample in measured), (sample.cpu for sample in base))


def _mebibytes(count: int) -> str:
    return f"{count / _MEBIBYTE:.1f}"

"""The run: everything in order, each table printed as soon as it is known."""

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from bench import machine
from bench.instance import Instance
from bench.ladder import footprint, load, report, rungs, sites
from bench.ladder.options import parse
from bench.ladder.profiles import Profile, profile
from bench.ladder.report import Samples
from bench.ladder.stations import NO_DATABASE, POSTGRESQL, Effort, Site
from bench.postgresql import MeasuredPostgreSQL

_PROFILED = (rungs.FEEDBACK, rungs.SESSIONS)
_FIRST_PROFILED_NUMBER = 2 * 10**9  # past all that was sent before


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            postgresql = (
                stack.enter_context(MeasuredPostgreSQL())
                if POSTGRESQL in options.databases
                else None
            )
            _run(folder, postgresql, options)
    except load.LoadFailed as failure:
        sys.exit(f"No figures: {failure}")


def _run(folder: Path, postgresql: MeasuredPostgreSQL | None, options: argparse.Namespace) -> None:
    version = postgresql.version() if postgresql else None
    each = "a connection for each request" if options.new_connections else "connections kept open"
    click.echo(f"# The ladder, {each}\n")
    click.echo(machine.describe(folder, postgresql=version, client=options.client) + "\n")
    filled = sites.fill(
        folder,
        options.databases,
        projects=options.projects,
        rows=options.rows,
        postgresql=postgresql,
    )
    samples: Samples = {}
    memory: list[footprint.Memory] = []
    start = None
    if "load" in options.parts:
        samples = _measure_load(folder, filled, options)
        click.echo(report.loads(samples))
    if "profile" in options.parts:
        click.echo(report.profiles(_profile(folder, filled, options), samples))
    if "memory" in options.parts:
        memory = footprint.measure_memory(
            filled[0], options.memory, rest_seconds=options.rest, say=_say
        )
        click.echo(report.memory(memory))
    if "start" in options.parts:
        start = footprint.measure_start(filled[0], starts=options.starts, say=_say)
        click.echo(report.start(start))
    click.echo(report.targets(samples, memory, start))


def _measure_load(folder: Path, filled: list[Site], options: argparse.Namespace) -> Samples:
    samples: Samples = defaultdict(list)
    with sites.serve(folder, filled, options.rungs) as stations:
        for station in stations:
            _say(f"warming up: {station.rung.name}, {station.database}")
            if before := station.rung.requests_before(len(station.tokens)):
                station.measure(Effort(max(options.connections), load.ASYNCIO, requests=before))
            station.measure(_effort(options, max(options.connections)))
        for number in range(1, options.rounds + 1):
            for connections in options.connections:
                _say(f"round {number} of {options.rounds}, {connections} connections")
                # Another order each time: what one leaves behind may disturb the next.
                for station in random.sample(stations, len(stations)):
                    key = (station.rung.name, station.database, connections)
                    samples[key].append(station.measure(_effort(options, connections)))
    return samples


def _effort(options: argparse.Namespace, connections: int) -> Effort:
    return Effort(
        connections=connections,
        client=options.client,
        seconds=options.seconds,
        requests=options.requests,
        keeps_connections=not options.new_connections,
    )


def _profile(folder: Path, filled: list[Site], options: argparse.Namespace) -> list[Profile]:
    found = []
    for site in filled:
        tokens = site.population.project_tokens
        for rung in rungs.of_service(site.population):
            if rung.name in _PROFILED:
                _say(f"profile: {rung.name}, {site.database}")
                plan = rung.plan(
                    tokens=tokens, first=_FIRST_PROFILED_NUMBER, requests=options.profiled
                )
                found.append(profile(rung.name, site.database, plan, site.instance))
    _say(f"profile: {rungs.ECHO}")
    (echo,) = (rung for rung in rungs.yardsticks() if rung.name == rungs.ECHO)
    plan = echo.plan(tokens=[""], first=0, requests=options.profiled)
    instance = Instance(folder / "echo")
    instance.folder.mkdir(exist_ok=True)
    return [*found, profile(rungs.ECHO, NO_DATABASE, plan, instance, is_echo=True)]


def _say(text: str) -> None:
    """Progress, which is no part of what is printed."""
    click.echo(text, err=True)

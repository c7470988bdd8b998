"""Runs `bench.ladder.in_process` for a rung, and shows where its CPU time goes."""

import dataclasses
import json
import subprocess
import sys
from dataclasses import dataclass

from bench.figures import Spread, table
from bench.instance import ROOT, Instance
from bench.ladder.plan import Plan
from bench.ladder.stations import NO_DATABASE

_LEAST_SHOWN_SECONDS = 2e-6


@dataclass(frozen=True)
class Profile:
    """CPU seconds of one request: of its thread, in all and by room, and of threads beside it."""

    rung: str
    database: str
    own: Spread
    beside: Spread
    rooms: dict[str, float]


def profile(
    rung: str, database: str, plan: Plan, instance: Instance, *, is_echo: bool = False
) -> Profile:
    log = instance.folder / "requests.log"
    asked = {"plan": dataclasses.asdict(plan), "log": str(log), "is_echo": is_echo}
    ended = subprocess.run(
        [sys.executable, "-m", "bench.ladder.in_process"],
        input=json.dumps(asked),
        cwd=ROOT,
        env=instance.environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(ended.stdout)
    own, beside = Spread.of(found["seconds"]), Spread.of(found["beside"])
    return Profile(rung, database, own, beside, found["rooms"])


def show(profiles: list[Profile], wire: dict[tuple[str, str], Spread]) -> str:
    """A column for each, in CPU microseconds a request; the dearest rooms of the first one first.

    `wire` is what the worker took for the same request from a socket, where that was measured.
    """
    rooms = {room for each in profiles for room in each.rooms}
    by_cost = sorted(rooms, key=lambda room: [-each.rooms.get(room, 0.0) for each in profiles])
    rows = [
        [room, *(_microseconds(each.rooms.get(room, 0.0)) for each in profiles)]
        for room in by_cost
        if any(each.rooms.get(room, 0.0) >= _LEAST_SHOWN_SECONDS for each in profiles)
    ]
    rows.append(["**the thread of the request**", *(_spread(each.own) for each in profiles)])
    rows.append(["threads beside it", *(_spread(each.beside) for each in profiles)])
    if wire:
        measured = [wire.get((each.rung, each.database)) for each in profiles]
        rows.append(["**over the wire**", *(_spread(found) if found else "" for found in measured)])
        rest = (
            _microseconds(found.median - each.own.median - each.beside.median) if found else ""
            for each, found in zip(profiles, measured, strict=True)
        )
        rows.append(["of which gunicorn, sockets, threads in turn", *rest])
    heads = [f"{each.rung}, {each.database}".removesuffix(f", {NO_DATABASE}") for each in profiles]
    return table(["room", *heads], rows)


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f}"


def _spread(spread: Spread) -> str:
    return Spread(*(value * 1e6 for value in dataclasses.astuple(spread))).show()

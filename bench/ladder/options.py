"""What can be asked of a run, and how much of it `--quick` does."""

import argparse
from collections.abc import Callable, Sequence

from bench.ladder import load, rungs
from bench.ladder.stations import POSTGRESQL, SQLITE

PARTS = ("load", "profile", "memory", "start")
_DATABASES = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
# Enough to see that all works; its figures mean nothing.
_QUICK = {
    "seconds": 1,
    "rounds": 2,
    "projects": 1000,
    "rows": 1000,
    "profiled": 100,
    "memory": [500, 2000],
    "rest": 1.0,
    "starts": 2,
}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.ladder",
        description="Measure the service's routes beside bare answers; print Markdown tables."
        " The databases lie where temporary files do (TMPDIR).",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a short run, to see that all works")
    add("--parts", type=_words(PARTS), default=list(PARTS), help=f"some of {','.join(PARTS)}")
    add(
        "--databases",
        type=_words(_DATABASES),
        default=list(_DATABASES),
        help=f"some of {','.join(_DATABASES)}",
    )
    add("--connections", type=_numbers, default=[1, 16, 64], help="at a time, comma-separated")
    add("--rungs", type=_words(rungs.NAMES), default=list(rungs.NAMES), help="some of the names")
    add("--rounds", type=int, default=7, help="how often each is measured")
    add("--seconds", type=int, default=3, help="of each measurement")
    add("--requests", type=int, default=0, help="of each measurement, instead of seconds")
    add("--new-connections", action="store_true", help="one for each request, as without nginx")
    add("--projects", type=int, default=2000, help="whose tokens take turns: each has its limits")
    add("--rows", type=int, default=20_000, help="of feedback, and of sessions, at the start")
    add("--profiled", type=int, default=600, help="requests in each round of the profile")
    add("--memory", type=_numbers, default=[10_000, 100_000], help="after how many requests")
    add("--rest", type=float, default=65.0, help="seconds of idling before memory is read")
    add("--starts", type=int, default=9, help="how often the service is started")
    add(
        "--client",
        choices=(load.WRK, load.ASYNCIO),
        default=load.installed_client(),
        help="what makes the load",
    )
    if parser.parse_known_args(arguments)[0].quick:
        parser.set_defaults(**_QUICK)
    options = parser.parse_args(arguments)
    options.databases = [_DATABASES[name] for name in options.databases]
    return options


def _words(known: Sequence[str] | dict[str, str]) -> Callable[[str], list[str]]:
    """Parses comma-separated words; of a known name, a part that no other has is enough."""

    def parse(text: str) -> list[str]:
        found = []
        for word in text.split(","):
            meant = [name for name in known if name == word] or [n for n in known if word in n]
            if len(meant) != 1:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(known)}")
            found += meant
        return found

    return parse


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]

"""What scrubbing 2,000 characters costs at worst (`python -m bench.scrubbing`).

Units of text are repeated: those that hold, nearly hold, or are made of what the scrubber looks
for. CPU time, the least of many runs; the last table shows how it grows.
"""

import argparse
import time
from collections.abc import Sequence

import click

from app.domain.scrubber import scrub
from bench.figures import table

CHARS = 2000
TARGET_MICROSECONDS = 300
PLAIN = "These are the plain words of a text. "
UNITS = (
    *("@", "a@", "a@a.a.", "a@1.1 ", "@a.b_-", "'@a.bc'", "a@b.co ", "a@b.co,", "x=a@b.co&"),
    *("'a@b.co'", '"@a.b', '\\"@a.b', "://a=@b.co/", "é@é.co ", "用户@例え.jp ", "a@b.co\u4f60"),
    *("请联系jo@example.com谢谢", "a%40b.co ", "a%2540b.co ", "a&#64;b.co ", "a\\u0040b.co "),
    *("a\uff20b.co ", "\uff20", "%40", "%D0%B8", "&#64;", "&lt;", "&eacute;", "\\u0040", "%25"),
    *("eyJ", "eyJ..", "eyJhbGciOiIifQ", "eyJhbGciOiIifQ.", "eyJhbGciOiIifQ.a.b "),
    *("eyJhbGciOiIifQeyJ.", "eyJaaaaaaaaaaa.b.c ", "eyJ4IjoiImFsZyI6In0.b.c "),
    *("4", "4-", "1 ", "3400 ", "4242 ", "1234 5678 ", "4222222222222 ", "4222222222223 "),
    *("4111111111111111", "4242424242424242 ", "4242-4242-4242-4242,", "4111 1111 1111 1111 "),
    *("3782 822463 10005 ", "4242%20", "4222222222222%20", "DE12 4222222222222 "),
    *("a@b.co4222222222222 ", "\u0661" * 13 + " ", "\u0664" + "\u0661" * 15 + " "),
)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=50, help="of each text")
    parser.add_argument("--show", type=int, default=15, help="so many of the worst")
    options = parser.parse_args(arguments)
    costs = {unit: _microseconds(unit, CHARS, options.runs) for unit in (PLAIN, *UNITS)}
    worst = sorted(costs, key=lambda unit: costs[unit], reverse=True)
    rows = []
    for unit in [*worst[: options.show], PLAIN]:
        growth = [_microseconds(unit, CHARS * times, options.runs // 5) for times in (4, 16)]
        over = "over" if costs[unit] > TARGET_MICROSECONDS else ""
        figures = [f"{figure:,.0f}" for figure in (costs[unit], *growth)]
        rows.append([f"`{unit!a}`", *figures, f"{costs[unit] / costs[PLAIN]:.1f}", over])
    heads = ["repeated", f"µs of {CHARS} characters", "of 4 times as many", "of 16 times"]
    click.echo(table([*heads, "÷ plain", f"of {TARGET_MICROSECONDS} µs"], rows))


def _microseconds(unit: str, chars: int, runs: int) -> float:
    text = (unit * chars)[:chars]
    least = float("inf")
    for _ in range(max(3, runs)):
        began = time.process_time()
        scrub(text)
        least = min(least, time.process_time() - began)
    return least * 1e6


if __name__ == "__main__":
    main()

"""Print how often the release gate says a wrong word, and how soon a right one.

With 1,000 histories a cell it takes more than an hour of one core; `--quick` takes a minute and
sees only what is far off. Exits 1 where a cell misses what it should reach.
"""

import argparse
import sys
from collections.abc import Sequence

import click

from bench.figures import table
from bench.gate.table import Row, measure, rows

_SEED = 20_261_130
_QUICK_HISTORIES, _QUICK_CELLS = 200, 4


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.gate",
        description="Make up releases, and ask the gate about them.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a few cells of each row, in a minute")
    add("--histories", type=int, default=1000, help="how many are made up for each cell")
    add("--cells", type=int, default=0, help="so many of each row at most, evenly spread; 0: all")
    add("--seed", type=int, default=_SEED)
    if parser.parse_known_args(arguments)[0].quick:
        parser.set_defaults(histories=_QUICK_HISTORIES, cells=_QUICK_CELLS)
    options = parser.parse_args(arguments)
    shown, missed = [], []
    for number, row in enumerate(rows()):
        line, misses = _measure(row, number, options)
        shown.append(line)
        missed += misses
        click.echo(f"{row.history}: {line[-2]} {line[-1]}", err=True)
    heads = ["history", "wanted", "cells", "histories", "worst cell", "mean", "reached"]
    click.echo(f"# The release gate, seed {options.seed}\n\n{table(heads, shown)}\n")
    for miss in missed:
        click.echo(f"- missed: {miss}")
    sys.exit(1 if missed else 0)


def _measure(row: Row, number: int, options: argparse.Namespace) -> tuple[list[str], list[str]]:
    step = max(1, len(row.cells) // options.cells) if options.cells else 1
    reached = {}
    # A cell has its own seed, so that it is the same however many others are measured.
    for place in range(0, len(row.cells), step):
        cell = row.cells[place]
        reached[f"{row.history}: {cell.name}"] = measure(
            cell,
            seed=(options.seed, number, place),
            count=options.histories,
            is_median=row.is_median,
        )
    worst = (min if row.is_at_least else max)(reached.values())
    mean = sum(reached.values()) / len(reached)
    misses = [
        f"{name}: {_show(row, value)}, wanted {row.wanted}"
        for name, value in reached.items()
        if row.misses(value, options.histories)
    ]
    if not (row.is_median or row.is_at_least) and row.misses(
        mean, options.histories * len(reached)
    ):
        misses.append(f"{row.history}: {_show(row, mean)} over all cells, wanted {row.wanted}")
    return [
        row.history,
        row.wanted,
        str(len(reached)),
        f"{options.histories * len(reached):,}",
        _show(row, worst),
        _show(row, mean),
        "missed" if misses else "yes",
    ], misses


def _show(row: Row, value: float) -> str:
    return f"{value:,.0f}" if row.is_median else f"{value:.1%}"


if __name__ == "__main__":
    main()

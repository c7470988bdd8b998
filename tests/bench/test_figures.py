"""Medians, spreads and tables; and what may be said about the machine."""

import socket

from bench import machine
from bench.figures import Spread, table


def test_spread_shows_the_median_and_how_far_rounds_lie_apart():
    assert Spread.of([3.0, 1.0, 1200.0]).show() == "3 (1–1,200)"


def test_spread_of_equal_rounds_is_one_figure():
    assert Spread.of([1.501, 1.502]).show(2) == "1.50"


def test_ratio_is_taken_round_by_round():
    """The second round was slow for both."""
    assert Spread.of_ratios([2.0, 20.0, 4.0], [1.0, 10.0, 2.0]) == Spread(2.0, 2.0, 2.0)


def test_table_is_markdown_with_figures_to_the_right():
    assert table(["what", "µs"], [["one", "1"]]) == "| what | µs |\n| --- | ---: |\n| one | 1 |"


def test_description_of_the_machine_names_neither_the_host_nor_a_folder(tmp_path):
    described = machine.describe(tmp_path, postgresql="18.4", client="wrk")

    assert "PostgreSQL 18.4" in described and "load by wrk" in described
    assert socket.gethostname() not in described
    assert "/" not in described

"""The shapes of charts, as numbers in and paths out; no app, no page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blueprints.console.releases import charts

RATES = st.none() | st.floats(0, 1)


class TestLine:
    def test_nothing_draws_nothing(self):
        assert charts.line_path([]) == ""
        assert charts.line_path([None, None]) == ""

    def test_one_point_is_a_dot_in_the_middle(self):
        assert charts.line_path([0.25]) == "M0.5 75h0"

    def test_neighbours_are_joined(self):
        assert charts.line_path([0, 0.5, 1]) == "M0.5 100L1.5 50L2.5 0"

    def test_gap_breaks_the_line(self):
        assert charts.line_path([0, 0.5, None, 1, 0]) == "M0.5 100L1.5 50M3.5 0L4.5 100"

    def test_point_between_gaps_is_a_dot(self):
        assert charts.line_path([0, 1, None, 0.5, None]) == "M0.5 100L1.5 0M3.5 50h0"

    def test_point_beyond_the_axis_lies_on_its_end(self):
        assert charts.line_path([0.2, 0.95], floor=0.9) == "M0.5 100L1.5 50"

    @given(st.lists(RATES, max_size=100))
    def test_each_value_is_one_point_and_no_line_leads_over_a_gap(self, values):
        points = re.findall(r"([ML])([\d.]+) ([\d.]+)", charts.line_path(values))
        assert [float(x) - 0.5 for _, x, _ in points] == [
            number for number, value in enumerate(values) if value is not None
        ]
        for command, x, _ in points:
            number = int(float(x))
            has_neighbour = number > 0 and values[number - 1] is not None
            assert (command == "L") == has_neighbour

    @given(st.lists(RATES, max_size=30), st.sampled_from([0, 0.5, 0.9]))
    def test_nothing_is_drawn_outside_the_box(self, values, floor):
        downs = re.findall(r"[ML][\d.]+ ([-\d.]+)", charts.line_path(values, floor=floor))
        assert all(0 <= float(down) <= charts.HEIGHT for down in downs)


class TestDotsAndBoxes:
    def test_dots_are_lines_of_no_length(self):
        assert charts.dots_path([1, None, 0]) == "M0.5 0h0M2.5 100h0"

    def test_intervals_of_neighbours_are_one_band(self):
        band = charts.band_path([(0.5, 0.75), (0.25, 1), None], floor=0)
        assert band == "M0.5 25L1.5 0L1.5 75L0.5 50z"

    def test_interval_without_neighbours_is_a_box(self):
        assert charts.band_path([None, (0.5, 0.75), None], floor=0) == "M1.3 25h0.4V50h-0.4z"

    def test_band_is_cut_where_the_axis_begins(self):
        assert charts.band_path([(0.1, 0.95)], floor=0.9) == "M0.3 50h0.4V100h-0.4z"

    @given(st.lists(st.none() | st.tuples(st.floats(0, 0.5), st.floats(0.5, 1)), max_size=30))
    def test_band_has_each_interval_and_leads_over_no_gap(self, intervals):
        path = charts.band_path(intervals, floor=0)
        shapes = [shape for shape in path.split("z") if shape]
        runs = "".join("-" if each is None else "x" for each in intervals).split("-")
        assert len(shapes) == len([run for run in runs if run])

    def test_bar_of_nothing_is_not_drawn(self):
        assert charts.bars_path([0, 5], top=10) == "M1.12 50h0.76V100h-0.76z"


class TestAxes:
    @given(st.lists(RATES, max_size=30))
    def test_each_rate_is_on_the_axis_and_the_ends_of_the_axis_have_lines(self, rates):
        axis = charts.rate_axis(rates)
        assert all(rate >= axis.floor for rate in rates if rate is not None)
        (top, top_down), *_, (bottom, bottom_down) = axis.lines
        assert (top, top_down, bottom, bottom_down) == (1, 0, axis.floor, charts.HEIGHT)
        assert all(round(axis.down(rate), 6) == round(down, 6) for rate, down in axis.lines)

    @pytest.mark.parametrize(
        ("rates", "floor"),
        [
            ([], 0.99),
            ([None], 0.99),
            ([1.0, 0.995], 0.99),
            ([0.99], 0.98),
            ([0.95], 0.9),
            ([0.49, 1.0], 0),
            ([0], 0),
        ],
    )
    def test_axis_is_the_closest_one_with_room_below(self, rates, floor):
        assert charts.rate_axis(rates).floor == floor

    def test_axis_has_room_for_half_of_the_intervals(self):
        intervals = [(0.2, 1), (0.97, 1), (0.96, 1), (0.98, 1), None]
        assert charts.rate_axis([1.0], intervals).floor == 0.95

    @given(st.integers(1, 90))
    def test_some_days_have_names_the_last_one_among_them(self, count):
        places = charts.named_places(count)
        assert places[-1] == count - 1
        assert 1 <= len(places) <= 5
        assert len({after - before for before, after in zip(places, places[1:])}) <= 1
        assert places[0] >= 0

    @pytest.mark.parametrize(
        ("counts", "top"), [([], 1), ([0], 1), ([1], 1), ([2, 3], 5), ([6], 10), ([1240], 2000)]
    )
    def test_counts_end_at_a_round_number(self, counts, top):
        assert charts.count_top(counts) == top


class TestWhisker:
    def test_rate_and_interval_stand_where_they_are_on_the_axis(self):
        axis = charts.rate_axis([0.93])
        drawn = charts.whisker(0.95, (0.92, 0.98), axis)
        assert (axis.floor, drawn.low, drawn.rate, drawn.high) == (0.9, 40, 100, 160)
        assert drawn.ticks[0] == (0.9, 0)
        assert drawn.ticks[-1] == (1, 200)
        assert not drawn.goes_on

    def test_interval_that_goes_on_below_the_axis_says_so(self):
        drawn = charts.whisker(0.95, (0.2, 0.98), charts.rate_axis([0.95]))
        assert (drawn.low, drawn.goes_on) == (0, True)

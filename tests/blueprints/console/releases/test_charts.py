"""The shapes of charts, as numbers in and paths out; no app, no page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blueprints.console.releases import charts
from app.domain.rates import GOOD_FROM, WARNING_FROM

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

    def test_interval_is_a_box_from_end_to_end(self):
        assert charts.intervals_path([None, (0.5, 0.75)], floor=0) == "M1.3 25h0.4V50h-0.4z"

    def test_interval_is_cut_where_the_axis_begins(self):
        assert charts.intervals_path([(0.1, 0.95)], floor=0.9) == "M0.3 50h0.4V100h-0.4z"

    def test_bar_of_nothing_is_not_drawn(self):
        assert charts.bars_path([0, 5], top=10) == "M1.12 50h0.76V100h-0.76z"


class TestAxes:
    @pytest.mark.parametrize(
        ("rates", "floor"),
        [([], 0.9), ([None], 0.9), ([1.0, 0.9], 0.9), ([0.8999], 0.5), ([0.49, 1.0], 0), ([0], 0)],
    )
    def test_rates_begin_at_the_highest_floor_that_shows_them_all(self, rates, floor):
        assert charts.rate_floor(rates) == floor

    @pytest.mark.parametrize(
        ("counts", "top"), [([], 1), ([0], 1), ([1], 1), ([2, 3], 5), ([6], 10), ([1240], 2000)]
    )
    def test_counts_end_at_a_round_number(self, counts, top):
        assert charts.count_top(counts) == top

    def test_lines_stand_at_the_limits(self):
        lines = charts.rate_lines(0.9)
        assert [(rate, round(down, 6)) for rate, down in lines] == [
            (1, 0),
            (GOOD_FROM, 10),
            (WARNING_FROM, 50),
            (0.9, 100),
        ]

    def test_label_that_would_touch_another_is_left_out(self):
        assert [rate for rate, _ in charts.rate_labels(0.9)] == [1, GOOD_FROM, WARNING_FROM, 0.9]
        assert [rate for rate, _ in charts.rate_labels(0.5)] == [1, WARNING_FROM, 0.5]
        assert [rate for rate, _ in charts.rate_labels(0.0)] == [1, 0]


class TestStrip:
    def test_scale_goes_from_90_to_100_percent(self):
        strip = charts.strip(0.95, (0.92, 0.98))
        assert (strip.left, strip.width, strip.rate, strip.lines) == (40, 120, 100, (100, 180))

    def test_what_is_lower_is_at_the_left_end(self):
        strip = charts.strip(0.5, (0.2, 0.95))
        assert (strip.left, strip.width, strip.rate) == (0, 100, 0)

    @pytest.mark.parametrize("interval", [(1.0, 1.0), (0.99999, 1.0), (0.1, 0.2)])
    def test_interval_can_always_be_seen_inside_the_strip(self, interval):
        strip = charts.strip(interval[0], interval)
        assert strip.width >= 3
        assert 0 <= strip.left <= strip.left + strip.width <= charts.STRIP_WIDTH

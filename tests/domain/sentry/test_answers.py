"""Answers in the words that SDKs read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry import categories
from app.domain.sentry.answers import (
    QUIET,
    error_body,
    error_header,
    over_allowance,
    rate_limits_header,
    stored_body,
)

LIMIT = re.compile(r"\d+:[a-z_]+(?:;[a-z_]+)*:[a-z]+:[a-z_]+")
KEPT = (categories.ERROR, categories.FEEDBACK, categories.SESSION, categories.ATTACHMENT)


@given(kinds=st.lists(st.sampled_from(KEPT), min_size=1), seconds=st.floats(0, 1e6))
def test_limits_are_whole_seconds_and_never_of_all_categories(kinds, seconds):
    header = rate_limits_header([*(over_allowance(kind, seconds=seconds) for kind in kinds), QUIET])
    limits = header.split(", ")
    assert all(LIMIT.fullmatch(limit) for limit in limits)
    assert all(int(limit.split(":")[0]) >= seconds for limit in limits[:-1])


@pytest.mark.parametrize("seconds", [-1, 0, 0.2, 1])
def test_seconds_are_rounded_up(seconds):
    limit = over_allowance(categories.FEEDBACK, seconds=seconds)
    assert str(limit) == f"{1 if seconds > 0 else 0}:feedback;default:project:over_allowance"


def test_what_is_kept_is_never_turned_off():
    assert not {*KEPT, "default", "internal"} & set(QUIET.categories)
    assert str(QUIET).startswith("3600:transaction;")
    assert str(QUIET).endswith(":organization:unsupported")


def test_kinds_that_are_not_kept_have_names_that_turn_them_off():
    skipped = (
        "transaction span profile profile_chunk replay_event replay_recording replay_video check_in"
        " log otel_log trace_metric statsd"
    ).split()
    assert {categories.category_of(each) for each in skipped} <= set(categories.UNSUPPORTED)
    assert categories.category_of("from the future") == "default"


def test_id_is_told_as_32_digits():
    assert stored_body(bytes(range(16))) == {"id": "000102030405060708090a0b0c0d0e0f"}
    assert stored_body(None) == {}


@given(detail=st.text(st.characters()))
def test_error_is_one_line_of_ascii_in_the_header(detail):
    header = error_header(detail)
    assert header.isascii() and "\n" not in header and "\r" not in header
    assert len(header) <= 200


def test_error_has_all_three_names_that_are_read():
    told = {"detail": "No.", "causes": ["because"], "message": "No."}
    assert error_body("No.", ["because"]) == told

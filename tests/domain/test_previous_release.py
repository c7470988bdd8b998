"""Which release was there before: by version where both have one, else by first appearance."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.previous_release import SeenRelease, newest_before, newest_of

START = datetime(2026, 5, 1, tzinfo=UTC)


def seen(*names):
    """In the order of their first appearance."""
    return [SeenRelease(name, START + timedelta(hours=hour)) for hour, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "release", "before"),
    [
        (["1.0.0", "1.1.0", "2.0.0"], "2.0.0", "1.1.0"),
        (["2.0.0", "1.1.0", "1.0.0"], "2.0.0", "1.1.0"),
        (["1.0.0", "2.0.0", "1.0.1"], "1.0.1", "1.0.0"),
        (["blue", "green", "red"], "red", "green"),
        (["blue", "1.0.0", "2.0.0"], "2.0.0", "1.0.0"),
        (["1.0.0+1", "1.0.0+2"], "1.0.0+2", "1.0.0+1"),
        (["1.0.0", "2.0.0"], "1.0.0", None),
    ],
)
def test_newest_before_a_release_is(names, release, before):
    known = {each.name: each for each in seen(*names)}
    one = known.pop(release)
    found = newest_before(one, known.values())
    assert (found and found.name) == before


@given(st.lists(st.sampled_from(["1.0.0", "1.0.1-a", "1.0.1", "2.0", "blue", "red"]), unique=True))
def test_what_is_found_is_before_it(names):
    known = seen(*names)
    for release in known:
        found = newest_before(release, [each for each in known if each is not release])
        assert found is None or (found.is_before(release) and not release.is_before(found))


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        (["2.0.0", "1.1.0"], "2.0.0"),
        (["blue", "green"], "green"),
        (["1.0.0", "blue"], "blue"),
        (["1.0.0"], "1.0.0"),
    ],
)
def test_newest_is_that_by_version_else_the_one_that_appeared_last(names, newest):
    assert newest_of(seen(*names)).name == newest


def test_nothing_has_no_newest():
    assert newest_of([]) is None

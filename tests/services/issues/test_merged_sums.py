"""`sessions verify` looks whether what merged issues count is the sum of its parts."""

from datetime import timedelta

import pytest

from app.services import issues
from app.services.instance import future_repair, kept_figures


@pytest.fixture
def tree(project, ingest, clock):
    """Ids of three issues: the third is merged into the second, and this one into the first."""
    ids = []
    for bug in "abc":
        ids.append(ingest(bug).issue_id)
        clock.advance(hours=1)
    for into, merged in ((ids[1], ids[2]), (ids[0], ids[1])):
        issues.merge(project.id, into, [merged], actor=None, now=clock())
    return ids


@pytest.mark.parametrize("hours", [5, -9])
def test_they_add_up_whenever_an_event_comes(tree, ingest, clock, hours):
    clock.advance(hours=hours)
    for bug in "abc":
        ingest(bug)
    assert list(kept_figures.verify()) == []


@pytest.mark.parametrize("days", [2, 400])
def test_they_add_up_after_a_clock_that_was_ahead(tree, ingest, clock, days):
    clock.advance(days=days)
    ingest("c")
    ingest("b")
    clock.advance(days=-days)
    list(future_repair.repair(now=clock()))
    assert list(kept_figures.verify()) == []


def test_they_add_up_when_events_have_gone_by_age(tree, purge, ingest, clock):
    clock.advance(days=200)
    ingest("b")
    purge()
    assert list(kept_figures.verify()) == []


@pytest.mark.parametrize(
    ("number", "change", "named"),
    [
        (0, "events_count = 9", "events_count: kept 9, recomputed 3"),
        (1, "events_count = 9", "events_count: kept 9, recomputed 2"),
        (0, "own_events_count = NULL", "events_count: kept 3, recomputed None"),
        (2, "own_events_count = 5", "events_count: kept 1, recomputed 5"),
        (2, "shown_in_id = 77", "shown_in_id: kept 77, recomputed {first}"),
        (2, "shown_in_id = NULL", "shown_in_id: kept None, recomputed {first}"),
    ],
)
def test_a_figure_that_is_wrong_is_named(tree, sql, number, change, named):
    sql(f"UPDATE issues SET {change} WHERE id = {tree[number]}")
    expected = f"issue {tree[number]}, {named.format(first=tree[0])}"
    assert expected in list(kept_figures.verify())


def test_a_moment_that_is_wrong_is_named(tree, project, ingest, clock, sql):
    clock.time -= timedelta(days=30)
    sql(f"UPDATE issues SET first_seen_at = last_seen_at WHERE id = {tree[0]}")
    (line,) = kept_figures.verify()
    assert line.startswith(f"issue {tree[0]}, first_seen_at: kept ")

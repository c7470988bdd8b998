"""How the triage list is narrowed: status, archived, since, limit, before, and bad values."""

import pytest


@pytest.fixture
def by_status(make_feedback):
    """One id for each status."""
    return {status: make_feedback(status=status) for status in ("open", "handled", "archived")}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["handled", "open"]),
        ({"include": ""}, ["handled", "open"]),
        ({"include": "all"}, ["archived", "handled", "open"]),
        ({"status": "open"}, ["open"]),
        ({"status": "handled"}, ["handled"]),
        ({"status": "archived"}, ["archived"]),
        ({"status": "open", "include": "all"}, ["open"]),
        ({"status": ""}, ["handled", "open"]),
    ],
)
def test_archived_feedback_is_hidden_unless_asked_for(listed, by_status, query, shown):
    assert listed(**query) == [by_status[status] for status in shown]


@pytest.mark.parametrize(
    ("since", "shown"),
    [
        ("2026-05-07T17:25:00Z", 2),
        ("2026-05-07T17:25:01Z", 1),
        ("2026-05-07T18:25:00Z", 1),
        ("2026-05-07T18:25:01Z", 0),
        ("2026-05-07", 2),
        ("2026-05-08", 0),
        ("2026-05-07T20:25:00+02:00", 1),
        ("2026-05-07T20:25:01+02:00", 0),
        ("0001-01-01", 2),
        ("9999-12-31", 0),
        ("", 2),
    ],
)
def test_since_shows_what_came_then_or_later(listed, make_feedback, clock, since, shown):
    ids = [make_feedback()]
    clock.advance(hours=1)
    ids.append(make_feedback())
    assert listed(since=since) == ids[::-1][:shown]


def test_times_that_were_shown_can_be_asked_for_again(list_feedback, listed, make_feedback, clock):
    clock.advance(microseconds=999_999)
    newest = make_feedback()
    shown = list_feedback().get_json()["feedback"][0]["created_at"]
    assert listed(since=shown) == [newest]


@pytest.mark.parametrize(("limit", "count"), [("1", 1), ("2", 2), ("3", 3), ("100", 3), ("", 3)])
def test_limit_shows_so_many_of_the_newest(listed, make_feedback, limit, count):
    ids = [make_feedback() for _ in range(3)]
    assert listed(limit=limit) == ids[::-1][:count]


def test_before_shows_what_is_older(listed, make_feedback):
    first, second, third = (make_feedback() for _ in range(3))
    assert listed(before=third) == [second, first]
    assert listed(before=first) == []
    assert listed(before=2**63 - 1) == [third, second, first]


def test_filters_are_joined(listed, make_feedback):
    wanted = make_feedback(message="needle", status="handled")
    make_feedback(message="needle")
    make_feedback(message="hay", status="handled")
    assert listed(q="needle", status="handled", since="2026-05-07", limit="5") == [wanted]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "closed"),
        ("status", "OPEN"),
        ("include", "archived"),
        ("include", "1"),
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", "1.5"),
        ("limit", "9" * 5000),
        ("before", "0"),
        ("before", "-1"),
        ("before", "abc"),
        ("before", str(2**63)),
        ("since", "yesterday"),
        ("since", "2026-13-01"),
        ("since", "2026-05-07T20:25:00 02:00"),
        ("q", "é" * 201),
        ("q", "\x00"),
    ],
)
def test_value_that_makes_no_sense_is_refused_by_name(list_feedback, name, value):
    response = list_feedback(**{name: value})
    assert response.status_code == 422
    (messages,) = response.get_json()["errors"].values()
    assert list(response.get_json()["errors"]) == [name]
    assert response.get_json()["message"] == messages[0]


def test_every_wrong_value_is_named_at_once(list_feedback):
    response = list_feedback(limit="0", before="x", status="y")
    assert set(response.get_json()["errors"]) == {"limit", "before", "status"}


def test_unknown_names_are_refused(list_feedback, feedback_path, make_feedback):
    make_feedback()
    response = list_feedback(f"{feedback_path}?page=7&sort=-id")
    assert response.status_code == 422
    assert set(response.get_json()["errors"]) == {"page", "sort"}

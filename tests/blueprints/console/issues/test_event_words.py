"""Events of any shape become something to read, in part or whole, and never fail a page."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.blueprints.console.issues.event_words import Crumb, event_in_words
from app.services.issues import EventRow

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
PARTS = (
    "stack",
    "breadcrumbs",
    "context",
    "mechanism",
    "tags",
    "contexts",
    "extra",
    "user_id_anon",
    "native_crash",
    "_meta",
)


def words(*, is_whole=False, release="1.0", platform="web", **content):
    row = EventRow(
        id=1,
        issue_id=1,
        exception_type="TypeError",
        message=None,
        level="error",
        release=release,
        environment="production",
        platform=platform,
        content=content,
        created_at=datetime(2026, 5, 7, tzinfo=UTC),
    )
    return event_in_words(row, is_whole=is_whole)


def test_event_without_anything_tells_where_it_came_from():
    shown = words(release=None, platform=None)
    assert shown.facts == [
        ("Release", "not told"),
        ("Environment", "production"),
        ("User", "not told"),
    ]
    assert (shown.stack, shown.crumbs, shown.groups, shown.hidden_count) == ([], [], [], 0)


def test_device_is_told_in_words_and_what_is_not_known_by_its_own_name():
    shown = words(context={"shoe_size": 43, "os_name": "iOS", "device_model": "iPhone"})
    assert shown.facts[-3:] == [("System", "iOS"), ("Device", "iPhone"), ("shoe_size", "43")]


def test_objects_in_objects_get_one_line_a_value():
    shown = words(contexts={"device": {"memory": 4096, "empty": {}}, "list": [1, "é"]})
    assert shown.groups == [
        ("Contexts", [("device.memory", "4096"), ("device.empty", "{}"), ("list", '[1, "é"]')])
    ]


@pytest.mark.parametrize(
    ("crumb", "shown"),
    [
        ("just text", Crumb("", "", "just text")),
        (7, Crumb("", "", "7")),
        (
            {"timestamp": "10:01", "category": "http", "level": "info", "message": "GET /"},
            Crumb("10:01", "http · info", "GET /"),
        ),
        ({"type": "http", "category": "http"}, Crumb("", "http", "")),
        ({"ts": 1778174700123, "message": "pay"}, Crumb("2026-05-07 17:25:00 UTC", "", "pay")),
        ({"timestamp": 1778174700.5}, Crumb("2026-05-07 17:25:00 UTC", "", "")),
        ({"ts": "10:01"}, Crumb("10:01", "", "")),
        ({"ts": 10**30}, Crumb(str(10**30), "", "")),
        ({"ts": True}, Crumb("true", "", "")),
        ({"message": "pay", "data": {"status": 500}}, Crumb("", "", "pay · data.status: 500")),
    ],
)
def test_breadcrumb_of_any_shape_is_told(crumb, shown):
    assert words(breadcrumbs=[crumb]).crumbs == [shown]


def test_what_was_cut_when_it_came_is_told():
    assert words(_meta={"cut": {"stack_lines": 40}}).cut_when_it_came == ["40 stack lines"]


def test_fields_that_were_left_out_are_named():
    shown = words(_meta={"cut": {}, "left_out": {"os_version": 1, "level": 1}})
    assert "in these fields was left out: level, os_version." in str(shown)


def test_what_was_left_out_or_replaced_is_not_called_too_much():
    shown = words(_meta={"cut": {"dropped": 1, "unstorable": 2}, "left_out": {"pictures": 1}})
    assert shown.cut_when_it_came == []
    assert len(shown.otherwise_changed) == 3
    assert "picture" in shown.otherwise_changed[0]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, []),
        ({"release": "9.9"}, ["It told the release “9.9” and is counted in “other”"]),
        (
            {"release": "9.9", "environment": "pr-7"},
            ["It told the release “9.9”", "It told the environment “pr-7”"],
        ),
    ],
)
def test_names_that_are_counted_in_other_are_told(told, said):
    sentences = words(_meta={"cut": {}, "other": told}).otherwise_changed
    assert [each in sentence for each, sentence in zip(said, sentences, strict=True)] == [
        True for _ in said
    ]


@pytest.mark.parametrize("other", [None, [], "x", {"release": None}, {"release": ["a" * 5000]}])
def test_other_of_any_shape_is_no_failure(other):
    assert len(str(words(_meta={"other": other}).otherwise_changed)) < 500


def test_a_component_stack_keeps_its_lines():
    stack = "\n    at Cart\n    at Shop"
    assert words(extra={"componentStack": stack}).groups == [("Extra", [("componentStack", stack)])]


def test_large_event_is_shown_in_part_with_the_newest_breadcrumbs():
    shown = words(stack=["x" * 301, *["at f"] * 99], breadcrumbs=[str(n) for n in range(50)])
    assert shown.stack[0] == "x" * 300 + "…"
    assert len(shown.stack) == 40
    assert [crumb.text for crumb in shown.crumbs] == [str(n) for n in range(20, 50)]
    assert shown.hidden_count == 60 + 1 + 20


def test_large_event_is_shown_whole_when_it_is_asked_for():
    stack, tags = ["x" * 500] * 200, {str(n): "y" * 1000 for n in range(100)}
    shown = words(is_whole=True, stack=stack, tags=tags)
    assert shown.stack == stack
    assert shown.groups == [("Tags", list(tags.items()))]
    assert shown.hidden_count == 0


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(PARTS), JSON), st.booleans())
def test_no_content_fails(content, is_whole):
    words(is_whole=is_whole, **content)

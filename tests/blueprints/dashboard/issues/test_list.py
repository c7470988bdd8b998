"""GET …/issues: which issues, in which order, page by page (contract section 4.5)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

LINK = re.compile(r'<([^>]+)>; rel="next"')


def next_url(response):
    """The address of the next page, None on the last one."""
    link = response.headers.get("Link")
    return None if link is None else LINK.fullmatch(link)[1]


@pytest.fixture
def walk(ask, client, as_owner):
    """The ids of all pages; `between` is called before each page but the first."""

    def pages(between=lambda: None, **query):
        response = ask(query_string=query)
        while True:
            assert response.status_code == 200
            yield [row["id"] for row in response.get_json()["issues"]]
            if (url := next_url(response)) is None:
                return
            between()
            response = client.get(url, headers=as_owner)

    return pages


def test_row_has_exactly_these_fields(post_event, listed, clock):
    post_event(level="fatal", release="2.0")
    clock.advance(minutes=5)
    event = post_event(release="1.0", level="warning")
    assert listed() == [
        {
            "id": event["issue_id"],
            "exception_type": "TypeError",
            "message": "It broke",
            "level": "warning",
            "status": "open",
            "events_count": 2,
            "first_seen_at": "2026-05-07T17:25:00Z",
            "last_seen_at": "2026-05-07T17:30:00Z",
            "reopened_at": None,
            "releases": ["1.0", "2.0"],
            "releases_count": 2,
            "merged_count": 0,
        }
    ]


def test_project_without_events_has_no_issues(ask):
    response = ask()
    assert response.get_json() == {"issues": []}
    assert "Link" not in response.headers


def test_issue_seen_last_comes_first(post_event, listed, clock):
    for bug in ("one", "two", "three", "one"):
        post_event(bug)
        clock.advance(seconds=1)
    assert [row["message"] for row in listed()] == ["one", "three", "two"]


def test_of_the_same_moment_the_newest_issue_comes_first(post_event, listed):
    for bug in ("one", "two", "three"):
        post_event(bug)
    assert [row["message"] for row in listed()] == ["three", "two", "one"]


def test_reopened_issue_says_so(post_event, listed, patch, clock):
    patch(post_event()["issue_id"], {"status": "resolved"})
    clock.advance(days=1)
    post_event()
    (row,) = listed()
    assert (row["status"], row["reopened_at"]) == ("open", "2026-05-08T17:25:00Z")


def test_ignored_issue_stays_ignored_and_counts_on(post_event, listed, patch):
    patch(post_event()["issue_id"], {"status": "ignored"})
    post_event()
    (row,) = listed()
    assert (row["status"], row["reopened_at"], row["events_count"]) == ("ignored", None, 2)


class TestPaging:
    @pytest.fixture
    def bugs(self, post_event, clock):
        """25 issues, some of them of the same moment; newest first."""
        ids = []
        for number in range(25):
            ids.append(post_event("bug " + chr(ord("a") + number))["issue_id"])
            clock.advance(microseconds=number % 3)
        return ids[::-1]

    @pytest.mark.parametrize("limit", [1, 7, 24, 25])
    def test_walk_meets_every_issue_once(self, bugs, walk, limit):
        pages = list(walk(limit=limit))
        assert sum(pages, []) == bugs
        assert {len(page) for page in pages[:-1]} <= {limit}

    def test_walk_is_not_disturbed_by_new_issues(self, bugs, walk, post_event, clock):
        def new_issue():
            clock.advance(seconds=1)
            post_event(f"new at {clock()}")

        assert sum(walk(between=new_issue, limit=10), []) == bugs

    def test_walk_is_not_disturbed_when_what_was_seen_is_deleted(self, bugs, walk, ask):
        newest = iter(bugs)

        def delete_the_newest():
            ask(f"/{next(newest)}", method="DELETE")

        assert sum(walk(between=delete_the_newest, limit=1), []) == bugs

    def test_walk_keeps_its_status(self, bugs, walk, patch):
        for issue_id in bugs[::2]:
            patch(issue_id, {"status": "resolved"})
        assert sum(walk(status="resolved", limit=5), []) == bugs[::2]
        assert sum(walk(status="open", limit=5), []) == bugs[1::2]

    def test_last_page_has_no_link(self, bugs, ask):
        assert next_url(ask(query_string={"limit": 25})) is None

    def test_link_is_absolute_and_keeps_what_was_asked(self, bugs, ask):
        url = urlsplit(next_url(ask(query_string={"limit": 5, "status": "open"})))
        assert (url.scheme, url.netloc) == ("http", "localhost")
        query = parse_qs(url.query)
        assert set(query) == {"limit", "status", "before"}
        assert (query["limit"], query["status"]) == (["5"], ["open"])


def test_100_are_shown_when_not_said(ask, post_event):
    for number in range(101):
        letters = chr(ord("a") + number // 26) + chr(ord("a") + number % 26)
        post_event(f"bug {letters}")
    response = ask()
    assert len(response.get_json()["issues"]) == 100
    assert next_url(response) is not None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"status": "handled"}, "status"),
        ({"status": "OPEN"}, "status"),
        ({"before": "x"}, "before"),
        ({"before": "17"}, "before"),
        ({"before": "-1-1"}, "before"),
        ({"before": "1-"}, "before"),
        ({"before": "1-1-1"}, "before"),
        ({"before": "١-١"}, "before"),
        ({"before": "1" * 18 + "-1"}, "before"),
        ({"before": "1-" + "1" * 19}, "before"),
    ],
)
def test_query_that_cannot_be_is_refused(ask, query, field):
    response = ask(query_string=query)
    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == [field]


@pytest.mark.parametrize("before", ["0-0", "9" * 17 + "-" + "9" * 18])
def test_far_cursors_are_harmless(ask, post_event, before):
    post_event()
    assert ask(query_string={"before": before}).status_code == 200


@pytest.mark.parametrize("name", ["limit", "status", "before"])
def test_empty_value_narrows_nothing(post_event, listed, name):
    post_event()
    assert len(listed(**{name: ""})) == 1

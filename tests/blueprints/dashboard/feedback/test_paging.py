"""`Link: <…>; rel="next"` walks over everything once, while new feedback arrives."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

LINK = re.compile(r'<([^>]+)>; rel="next"')


def next_url(response):
    """The address of the next page, None on the last one."""
    link = response.headers.get("Link")
    return None if link is None else LINK.fullmatch(link)[1]


@pytest.fixture
def walk(list_feedback):
    """All pages' ids; `between` is called before each page but the first."""

    def pages(between=lambda: None, **query):
        response = list_feedback(**query)
        while True:
            assert response.status_code == 200
            yield [row["id"] for row in response.get_json()["feedback"]]
            if (url := next_url(response)) is None:
                return
            between()
            response = list_feedback(url)

    return pages


def test_walk_meets_everything_once_newest_first(walk, fill_feedback):
    fill_feedback(250)
    pages = list(walk())
    assert [len(page) for page in pages] == [100, 100, 50]
    assert sum(pages, []) == list(range(250, 0, -1))


def test_walk_is_not_disturbed_by_new_feedback(walk, fill_feedback):
    fill_feedback(25)
    pages = walk(between=lambda: fill_feedback(7), limit="10")
    assert sum(pages, []) == list(range(25, 0, -1))


def test_walk_is_not_disturbed_when_what_was_seen_is_deleted(
    walk, fill_feedback, client, feedback_path, as_owner
):
    fill_feedback(25)
    newest = iter(range(25, 0, -1))

    def delete_the_10_newest():
        for _ in range(10):
            client.delete(f"{feedback_path}/{next(newest)}", headers=as_owner)

    assert sum(walk(between=delete_the_10_newest, limit="10"), []) == list(range(25, 0, -1))


@pytest.mark.parametrize("count", [1, 9, 10])
def test_last_page_has_no_link(list_feedback, fill_feedback, count):
    fill_feedback(count)
    assert "Link" not in list_feedback(limit="10").headers


def test_link_appears_when_one_more_is_there(list_feedback, fill_feedback):
    fill_feedback(11)
    url = next_url(list_feedback(limit="10"))
    assert parse_qs(urlsplit(url).query)["before"] == ["2"]


def test_link_is_absolute_and_on_the_host_that_was_asked(client, project, fill_feedback, as_owner):
    fill_feedback(2)
    path = f"/api/projects/{project.id}/feedback?limit=1"
    response = client.get(path, base_url="https://feedback.example.com", headers=as_owner)
    assert next_url(response).startswith(
        f"https://feedback.example.com/api/projects/{project.id}/feedback?"
    )


FILTERS = {
    "status": "open",
    "include": "all",
    "q": 'Feed & "b=ä%2B" #x <é>',
    "since": "2026-05-07T19:25:00+02:00",
    "limit": "1",
}


def test_filters_are_kept_in_the_link(list_feedback, make_feedback):
    for count in range(3):
        make_feedback(message=f"<é> {count}", name="feedback", url='& "b=ä%2B" #x')
    url = next_url(list_feedback(**FILTERS))
    assert parse_qs(urlsplit(url).query) == {
        **{name: [value] for name, value in FILTERS.items()},
        "before": ["3"],
    }


def test_walk_with_filters_meets_only_what_fits(walk, fill_feedback):
    for status in ("open", "archived", "handled", "open"):
        fill_feedback(15, status=status)
    pages = walk(status="open", limit="10", q="feedback")
    assert sum(pages, []) == [*range(60, 45, -1), *range(15, 0, -1)]


def test_walk_with_include_all_meets_archived_ones_too(walk, fill_feedback):
    fill_feedback(15, status="archived")
    assert sum(walk(include="all", limit="10"), []) == list(range(15, 0, -1))


HOSTILE = [
    "_external=0",
    "_external=",
    "_anchor=x",
    "_scheme=javascript",
    "_method=POST",
    "project=5",
    "endpoint=x",
    "self=x",
    "values=x",
    "before=3&before=1",
    "limit=1&limit=50",
    "%3E%3B=%3E",
    "=x",
]


@pytest.mark.parametrize("hostile", [*HOSTILE, "&".join(HOSTILE[:-3])])
def test_names_that_mean_something_elsewhere_are_refused(
    list_feedback, fill_feedback, feedback_path, hostile
):
    fill_feedback(3)
    response = list_feedback(f"{feedback_path}?limit=1&{hostile}")
    assert response.status_code == 422
    assert "Link" not in response.headers

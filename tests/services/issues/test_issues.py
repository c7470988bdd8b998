"""Which issues a list shows, page by page, and which a release shows."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.issue_status import IssueStatus
from app.services import issues
from app.services.errors import NotFound


@pytest.fixture
def walk(context, project):
    """All pages of the project's issues."""

    def pages(limit, *, project_id=project.id, **narrowed):
        before = None
        while True:
            page = issues.list_page(project_id, limit=limit, before=before, **narrowed)
            yield [row.id for row in page.rows]
            before = page.next_before
            if before is None:
                return

    return pages


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seen=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(-1, 1)), max_size=20),
    limit=st.integers(1, 4),
)
def test_walk_meets_every_issue_once_the_one_seen_last_first(
    make_project, ingest, walk, clock, seen, limit
):
    """Several are seen in the same moment, and some in a moment that was before."""
    project_id = make_project().id
    last_seen = {}
    for bug, seconds_later in seen:
        clock.advance(seconds=seconds_later)
        issue_id = ingest(bug, project_id=project_id).issue_id
        last_seen[issue_id] = max(clock(), last_seen.get(issue_id, clock()))
    pages = list(walk(limit, project_id=project_id))
    expected = sorted(last_seen, key=lambda issue_id: (last_seen[issue_id], issue_id), reverse=True)
    assert sum(pages, []) == expected
    assert all(len(page) == limit for page in pages[:-1])


def test_microseconds_tell_issues_apart(ingest, walk, clock):
    ids = []
    for bug in "abc":
        ids.append(ingest(bug).issue_id)
        clock.advance(microseconds=1)
    assert sum(walk(1), []) == ids[::-1]


def test_walk_with_a_status_meets_only_its_issues(ingest, walk, project, clock):
    ids = [ingest(bug).issue_id for bug in "abcdef"]
    for issue_id in ids[::2]:
        issues.set_status(project.id, issue_id, status=IssueStatus.IGNORED, actor=None, now=clock())
    assert sum(walk(2, status=IssueStatus.IGNORED), []) == ids[::2][::-1]
    assert sum(walk(2, status=IssueStatus.OPEN), []) == ids[1::2][::-1]
    assert sum(walk(2, status=IssueStatus.RESOLVED), []) == []


def test_deleting_an_issue_deletes_its_events_and_keeps_its_feedback(
    ingest, make_feedback, stored_feedback, project, sql, clock
):
    gone, kept = ingest("a", release="1.0"), ingest("b", release="1.0")
    make_feedback(event_id=gone.id)
    make_feedback(event_id=kept.id)
    issues.remove(project.id, gone.issue_id, actor=None, now=clock())
    assert sql("SELECT id FROM events") == [(kept.id,)]
    assert sql("SELECT issue_id FROM issue_releases") == [(kept.issue_id,)]
    assert [(row.event_id, row.issue_id, row.event_release) for row in stored_feedback()] == [
        (None, None, "1.0"),
        (kept.id, kept.issue_id, "1.0"),
    ]


def test_issue_shows_its_20_newest_events(ingest, project):
    ids = [ingest("a").id for _ in range(21)]
    ingest("b")
    detail = issues.read(project.id, 1)
    assert [row.id for row in detail.events] == ids[:0:-1]


def test_issue_shows_its_feedback_newest_first_archived_included(ingest, make_feedback, project):
    event, other = ingest("a"), ingest("b")
    first = make_feedback(event_id=event.id, status="archived")
    make_feedback(event_id=other.id)
    make_feedback()
    second = make_feedback(event_id=event.id)
    detail = issues.read(project.id, event.issue_id)
    assert [row.id for row in detail.feedback] == [second, first]


class TestForeignIssue:
    @pytest.fixture
    def foreign(self, ingest, make_project):
        return ingest("a", project_id=make_project("Another").id).issue_id

    @pytest.mark.parametrize(
        "use",
        [
            lambda *ids, now: issues.read(*ids),
            lambda *ids, now: issues.remove(*ids, actor=None, now=now),
            lambda *ids, now: issues.set_status(*ids, status="ignored", actor=None, now=now),
        ],
        ids=["read", "remove", "set_status"],
    )
    def test_issue_of_another_project_is_not_found_and_stays(
        self, foreign, project, sql, use, clock
    ):
        with pytest.raises(NotFound, match="There is no such issue in this project."):
            use(project.id, foreign, now=clock())
        assert sql("SELECT id, status FROM issues") == [(foreign, "open")]


class TestTopOfRelease:
    def test_five_with_most_events_of_the_release_come_first(self, ingest, project):
        wanted = {}
        for bug, count in zip("abcdefg", (2, 7, 1, 5, 6, 3, 4)):
            for _ in range(count):
                wanted[count] = ingest(bug, release="1.0").issue_id
        top = issues.top_of_release(project.id, "1.0")
        assert [row.id for row in top] == [wanted[count] for count in (7, 6, 5, 4, 3)]

    def test_events_of_other_releases_do_not_lift_an_issue(self, ingest, project):
        ingest("a", release="1.0")
        for _ in range(3):
            ingest("a", release="2.0")
        for _ in range(2):
            ingest("b", release="1.0")
        top = issues.top_of_release(project.id, "1.0")
        assert [(row.id, row.events_count) for row in top] == [(2, 2), (1, 4)]

    def test_other_projects_do_not_count(self, ingest, project, make_project):
        ingest("a", release="1.0", project_id=make_project("Another").id)
        assert issues.top_of_release(project.id, "1.0") == []


def test_counts_of_each_status_are_told_with_0_where_there_is_none(
    ingest, project, make_project, clock
):
    ids = [ingest(bug).issue_id for bug in "abc"]
    ingest("d", project_id=make_project("Another").id)
    issues.set_status(project.id, ids[0], status=IssueStatus.RESOLVED, actor=None, now=clock())
    assert issues.count_by_status(project.id) == {"open": 2, "resolved": 1, "ignored": 0}


def test_releases_of_an_issue_are_counted_most_events_first(ingest, project):
    for release in ("1.0", "1.1", "1.1", "0.9", None):
        issue_id = ingest(release=release).issue_id
    ingest("b", release="1.0")
    counts = issues.read(project.id, issue_id).release_counts
    assert [(each.release, each.events_count) for each in counts] == [
        ("1.1", 2),
        ("0.9", 1),
        ("1.0", 1),
    ]


def test_history_of_an_issue_is_what_was_done_to_it_newest_first(
    ingest, project, make_feedback, clock
):
    first, second = ingest("a").issue_id, ingest("b").issue_id
    make_feedback(status="handled")  # has the first issue's id
    for issue_id, status in ((first, "resolved"), (second, "ignored"), (first, "open")):
        moved = IssueStatus(status)
        issues.set_status(project.id, issue_id, status=moved, actor="jo@example.com", now=clock())
    history = issues.read(project.id, first).history
    assert [row.action for row in history] == ["issue.opened", "issue.resolved"]
    assert {row.actor for row in history} == {"jo@example.com"}

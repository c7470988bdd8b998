"""Merging issues and taking them apart: every event is in exactly one issue, and none is lost."""

from collections import Counter, defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database import read_transaction
from app.domain.issue_status import IssueStatus
from app.services import audit, issues
from app.services.errors import Invalid, NotFound
from app.services.feedback import inbox, triage
from app.services.issues import merged_sums
from app.services.issues.merges import MOST_MERGED

BUGS = "abcde"


@pytest.fixture
def merge(context, project, clock):
    def into(issue_id, *ids, project_id=project.id):
        return issues.merge(project_id, issue_id, ids, actor="jo@example.com", now=clock())

    return into


@pytest.fixture
def take_apart(context, project, clock):
    """Takes out all that was merged into the issue itself, unless told which."""

    def out_of(issue_id, *ids, project_id=project.id):
        return issues.take_apart(
            project_id, issue_id, ids or None, actor="jo@example.com", now=clock()
        )

    return out_of


@pytest.fixture
def shown(context, project):
    """The issues that a list shows, by id."""

    def rows(project_id=project.id, **narrowed):
        page = issues.list_page(project_id, limit=100, **narrowed)
        return {row.id: row for row in page.rows}

    return rows


@pytest.fixture
def read(context, project):
    return lambda issue_id: issues.read(project.id, issue_id)


@pytest.fixture
def move(context, project, clock):
    def to(issue_id, status):
        return issues.set_status(project.id, issue_id, status=status, actor=None, now=clock())

    return to


class TestMerging:
    def test_one_issue_is_left_with_what_both_counted(self, ingest, merge, shown, clock):
        a = ingest("a", release="1.0").issue_id
        clock.advance(hours=1)
        b = ingest("b", release="2.0").issue_id
        clock.advance(hours=1)
        ingest("b", release="1.0")
        row = merge(a, b)
        assert shown() == {a: row}
        assert (row.events_count, row.merged_count) == (3, 1)
        assert (row.releases, row.releases_count) == (["1.0", "2.0"], 2)
        assert (row.last_seen_at - row.first_seen_at).total_seconds() == 7200

    def test_its_page_has_the_newest_events_and_feedback_of_both(
        self, ingest, merge, read, make_feedback
    ):
        events = [ingest(bug) for bug in "ababbaab" * 4]
        said = [make_feedback(event_id=event.id) for event in events[:2]]
        a, b = events[0].issue_id, events[1].issue_id
        merge(a, b)
        detail = read(a)
        assert [event.id for event in detail.events] == [event.id for event in events[:11:-1]]
        assert {event.issue_id for event in detail.events} == {a}
        assert [(row.id, row.issue_id) for row in detail.feedback] == [(said[1], a), (said[0], a)]
        assert [(each.id, each.merged_into_id) for each in detail.merged] == [(b, a)]

    def test_its_page_adds_up_the_events_by_release(self, ingest, merge, read):
        a = ingest("a", release="1.0").issue_id
        ingest("a", release="2.0")
        b = ingest("b", release="2.0").issue_id
        merge(a, b)
        counts = [(each.release, each.events_count) for each in read(a).release_counts]
        assert counts == [("2.0", 2), ("1.0", 1)]

    def test_address_of_the_merged_issue_shows_the_one_that_it_is_in(self, ingest, merge, read):
        a, b, c = (ingest(bug).issue_id for bug in "abc")
        merge(b, c)
        merge(a, b)
        assert {read(each).issue.id for each in (a, b, c)} == {a}

    def test_new_event_of_either_is_answered_with_the_one_issue(self, ingest, merge, shown):
        a, b = ingest("a").issue_id, ingest("b").issue_id
        merge(a, b)
        assert {ingest(bug).issue_id for bug in "ab"} == {a}
        assert shown()[a].events_count == 4

    def test_status_of_the_kept_one_stays(self, ingest, merge, move, shown):
        a, b = ingest("a").issue_id, ingest("b").issue_id
        move(a, IssueStatus.IGNORED)
        merge(a, b)
        assert shown()[a].status == IssueStatus.IGNORED
        assert shown(status=IssueStatus.OPEN) == {}

    def test_new_event_of_the_merged_one_reopens_the_one_that_it_is_in(
        self, ingest, merge, move, shown, clock
    ):
        a, b = ingest("a").issue_id, ingest("b").issue_id
        merge(a, b)
        move(a, IssueStatus.RESOLVED)
        clock.advance(minutes=1)
        ingest("b")
        assert (shown()[a].status, shown()[a].reopened_at) == (IssueStatus.OPEN, clock())

    def test_tabs_count_it_once(self, ingest, merge, project):
        a, b = ingest("a").issue_id, ingest("b").issue_id
        merge(a, b)
        assert issues.count_by_status(project.id)[IssueStatus.OPEN] == 1

    def test_merging_again_what_is_merged_changes_nothing(self, ingest, merge, project):
        a, b = ingest("a").issue_id, ingest("b").issue_id
        first = merge(a, b)
        assert merge(a, b) == first
        assert len(audit.list_page(project.id, limit=9).rows) == 2  # with the project's making

    def test_both_are_in_the_audit(self, ingest, merge, take_apart, project):
        a, b = ingest("a").issue_id, ingest("b").issue_id
        merge(a, b)
        take_apart(a)
        deeds = audit.list_page(project.id, limit=2).rows
        assert [(row.actor, row.action, row.target_id, row.detail) for row in deeds] == [
            ("jo@example.com", "issue.taken_out", b, {"of": a}),
            ("jo@example.com", "issue.merged", b, {"into": a}),
        ]

    def test_top_of_a_release_adds_up_what_is_merged(self, ingest, merge, project):
        a, b, c = (ingest(bug, release="1.0").issue_id for bug in "abc")
        ingest("c", release="1.0")
        merge(a, b)
        ingest("b", release="1.0")
        top = issues.top_of_release(project.id, "1.0")
        assert [(row.id, row.events_count) for row in top] == [(a, 3), (c, 2)]

    def test_feedback_names_the_one_issue_and_is_found_by_it(
        self, ingest, merge, make_feedback, project
    ):
        a, event = ingest("a").issue_id, ingest("b")
        said = make_feedback(event_id=event.id)
        merge(a, event.issue_id)
        later = make_feedback(event_id=ingest("b").id, message="Again")
        listed = triage.list_page(project.id, limit=9).rows
        assert [(row.id, row.issue_id) for row in listed] == [(later, a), (said, a)]
        page = inbox.read_page(
            project.id, status=None, narrowing=inbox.Narrowing(issue_id=a), limit=9
        )
        assert [(row.id, row.issue_type) for row in page.rows] == [
            (later, "TypeError"),
            (said, "TypeError"),
        ]

    def test_deleting_it_deletes_all_that_is_in_it(self, ingest, merge, project, sql, clock):
        a, b, c, kept = (ingest(bug).issue_id for bug in "abcd")
        merge(b, c)
        merge(a, b)
        issues.remove(project.id, a, actor=None, now=clock())
        assert sql("SELECT id FROM issues") == [(kept,)]
        assert sql("SELECT issue_id FROM events") == [(kept,)]
        assert ingest("c").issue_id > kept


class TestRefusing:
    """Nothing is changed then."""

    @pytest.fixture(autouse=True)
    def nothing_changes(self, ingest, merge, sql, project):
        self.ids = [ingest(bug).issue_id for bug in "abcd"]
        merge(self.ids[0], self.ids[1])
        everything = (
            "SELECT id, status, events_count, own_events_count, merged_into_id, shown_in_id,"
            " merged_at, last_seen_at FROM issues WHERE project_id = ? ORDER BY id"
        )
        before = sql(everything, project.id)
        yield
        assert sql(everything, project.id) == before

    def test_issue_of_another_project(self, ingest, merge, make_project):
        other = ingest("x", project_id=make_project("Other").id)
        with pytest.raises(NotFound):
            merge(self.ids[2], other.issue_id)
        with pytest.raises(NotFound):
            merge(other.issue_id, self.ids[2])

    def test_issue_that_is_not_there(self, merge, take_apart):
        with pytest.raises(NotFound):
            merge(self.ids[2], 999)
        with pytest.raises(NotFound):
            take_apart(999)

    def test_issue_that_somebody_merged_into_another_one_meanwhile(self, merge):
        with pytest.raises(Invalid, match=f"merged into issue {self.ids[0]} by now"):
            merge(self.ids[2], self.ids[1], self.ids[3])
        with pytest.raises(Invalid, match=f"merged into issue {self.ids[0]} itself"):
            merge(self.ids[1], self.ids[2])

    def test_issue_into_itself(self, merge):
        with pytest.raises(Invalid):
            merge(self.ids[2], self.ids[2])

    def test_taking_out_what_is_not_in_it(self, take_apart):
        for ids in ((self.ids[2],), (self.ids[0],), (self.ids[1], self.ids[3])):
            with pytest.raises(Invalid):
                take_apart(self.ids[0], *ids)
        with pytest.raises(Invalid):
            take_apart(self.ids[2], self.ids[1])

    def test_deciding_about_one_that_is_merged(self, move, project, clock):
        with pytest.raises(Invalid, match=f"merged into issue {self.ids[0]}"):
            move(self.ids[1], IssueStatus.RESOLVED)
        with pytest.raises(Invalid, match=f"merged into issue {self.ids[0]}"):
            issues.remove(project.id, self.ids[1], actor=None, now=clock())

    def test_more_than_one_issue_may_hold(self, merge, sql, project):
        sql(
            "INSERT INTO issues (id, project_id, fingerprint, exception_type, level, status,"
            " events_count, first_seen_at, last_seen_at, merged_into_id, shown_in_id)"
            " SELECT 1000 + n.id, i.project_id, CAST(CAST(n.id AS TEXT) AS"
            f" {'BLOB' if 'sqlite' in self.dialect() else 'BYTEA'}), 'E', 'error', 'open', 1,"
            " i.first_seen_at, i.last_seen_at, i.id, i.id FROM issues i, (WITH RECURSIVE m(id) AS"
            f" (SELECT 1 UNION ALL SELECT id + 1 FROM m WHERE id < {MOST_MERGED - 1})"
            f" SELECT id FROM m) n WHERE i.id = {self.ids[0]}"
        )
        with pytest.raises(Invalid, match=f"At most {MOST_MERGED}"):
            merge(self.ids[0], self.ids[2])
        sql("DELETE FROM issues WHERE id > 1000")

    def dialect(self):
        with read_transaction() as connection:
            return connection.dialect.name


class TestTakingApart:
    def test_each_has_its_own_again_with_what_came_meanwhile(
        self, ingest, merge, take_apart, read, make_feedback, clock
    ):
        a, first = ingest("a", release="1").issue_id, ingest("b", release="2")
        b = first.issue_id
        merge(a, b)
        clock.advance(hours=1)
        later = ingest("b", release="3")
        said = make_feedback(event_id=later.id)
        taken = take_apart(a)
        assert [row.id for row in taken.taken_out] == [b]
        assert (taken.issue.events_count, taken.issue.releases) == (1, ["1"])
        assert taken.issue.last_seen_at < clock()
        detail = read(b)
        assert (detail.issue.events_count, detail.issue.releases) == (2, ["2", "3"])
        assert detail.issue.last_seen_at == clock()
        assert [event.id for event in detail.events] == [later.id, first.id]
        assert [(row.id, row.issue_id) for row in detail.feedback] == [(said, b)]
        assert [event.id for event in read(a).events] != [later.id]

    @pytest.mark.parametrize("status", IssueStatus)
    def test_each_has_the_status_that_it_had(
        self, ingest, merge, take_apart, move, shown, clock, status
    ):
        a, b = ingest("a").issue_id, ingest("b").issue_id
        move(b, status)
        before = shown()[b]
        merge(a, b)
        move(a, IssueStatus.RESOLVED)
        ingest("b")
        move(a, IssueStatus.IGNORED)
        take_apart(a)
        assert (shown()[b].status, shown()[b].reopened_at) == (status, before.reopened_at)
        assert shown()[a].status == IssueStatus.IGNORED

    def test_what_was_merged_first_stays_together(self, ingest, merge, take_apart, shown):
        a, b, c = (ingest(bug).issue_id for bug in "abc")
        merge(b, c)
        merge(a, b)
        take_apart(a)
        assert {row.id: row.events_count for row in shown().values()} == {a: 1, b: 2}
        take_apart(b)
        assert {row.id: row.events_count for row in shown().values()} == {a: 1, b: 1, c: 1}

    def test_one_of_several_is_taken_out_whenever_it_was_merged(
        self, ingest, merge, take_apart, shown
    ):
        a, b, c = (ingest(bug).issue_id for bug in "abc")
        merge(b, c)
        merge(a, b)
        take_apart(a, c)
        ingest("c")
        assert {row.id: row.events_count for row in shown().values()} == {a: 2, c: 2}

    def test_event_of_an_older_version_of_the_rules_finds_its_own_issue(
        self, ingest, merge, take_apart, shown
    ):
        a, b = ingest("a").issue_id, ingest("b").issue_id
        merge(a, b)
        ingest("new", former_fingerprint=b"b".ljust(32))
        take_apart(a)
        assert shown()[b].events_count == 2
        assert ingest("new").issue_id == b


class Model:
    """What must be: which issue is merged into which, and how many events of each came."""

    def __init__(self, ids):
        self.ids, self.parents = ids, dict.fromkeys(ids.values())
        self.events = defaultdict(list)

    def shown_in(self, issue_id):
        while self.parents[issue_id] is not None:
            issue_id = self.parents[issue_id]
        return issue_id

    def partition(self):
        found = defaultdict(set)
        for issue_id in self.parents:
            found[self.shown_in(issue_id)].update(self.events[issue_id])
        return dict(found)


STEPS = st.one_of(
    st.tuples(st.just("event"), st.sampled_from(BUGS), st.integers(-2, 2)),
    st.tuples(st.just("merge"), st.sampled_from(BUGS), st.sets(st.sampled_from(BUGS), min_size=1)),
    st.tuples(st.just("apart"), st.sampled_from(BUGS), st.booleans()),
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=25))
def test_any_merges_and_undos_leave_each_event_in_one_issue_and_can_all_be_undone(
    make_project, ingest, merge, take_apart, shown, sql, clock, steps
):
    project_id = make_project().id
    model, seen = Model({bug: ingest(bug, project_id=project_id).issue_id for bug in BUGS}), {}
    for event_id, issue_id, moment in _events(sql, project_id):
        model.events[issue_id].append(event_id)
        seen[event_id] = moment

    def check():
        rows = shown(project_id)
        partition = model.partition()
        assert {row.id: row.events_count for row in rows.values()} == {
            issue_id: len(events) for issue_id, events in partition.items()
        }
        for issue_id, events in partition.items():
            detail = issues.read(project_id, issue_id)
            assert [event.id for event in detail.events] == sorted(events, reverse=True)[:20]
            moments = sorted(event.created_at for event in detail.events)
            if len(events) <= 20:
                assert (moments[0], moments[-1]) == (
                    detail.issue.first_seen_at,
                    detail.issue.last_seen_at,
                )
        assert Counter(sum(map(list, partition.values()), [])).most_common(1)[0][1] == 1
        assert list(merged_sums.verify()) == []

    for kind, bug, what in steps:
        issue_id = model.ids[bug]
        if kind == "event":
            clock.advance(hours=what)
            stored = ingest(bug, project_id=project_id)
            assert stored.issue_id == model.shown_in(issue_id)
            model.events[issue_id].append(stored.id)
        elif kind == "merge":
            others = {model.ids[each] for each in what}
            is_right = (
                model.parents[issue_id] is None
                and issue_id not in others
                and all(model.shown_in(each) in (each, issue_id) for each in others)
            )
            if is_right:
                merge(issue_id, *others, project_id=project_id)
                for each in others:
                    if model.parents[each] is None:
                        model.parents[each] = issue_id
            else:
                with pytest.raises(Invalid):
                    merge(issue_id, *others, project_id=project_id)
        else:
            _take(model, take_apart, project_id, issue_id, is_one=what)
        check()
    while any(parent is not None for parent in model.parents.values()):
        root = next(model.shown_in(i) for i, parent in model.parents.items() if parent is not None)
        take_apart(root, project_id=project_id)
        for each, parent in model.parents.items():
            if parent == root:
                model.parents[each] = None
        check()
    assert set(shown(project_id)) == set(model.ids.values())
    left = "SELECT own_events_count, shown_in_id, merged_at FROM issues WHERE project_id = ?"
    assert set(sql(left, project_id)) == {(None, None, None)}


def _take(model, take_apart, project_id, issue_id, *, is_one):
    """Out of where it is shown: it alone, or what is merged into that itself."""
    root = model.shown_in(issue_id)
    if not is_one:
        take_apart(root, project_id=project_id)
        for each, parent in model.parents.items():
            if parent == root:
                model.parents[each] = None
    elif root != issue_id:
        take_apart(root, issue_id, project_id=project_id)
        model.parents[issue_id] = None


def _events(sql, project_id):
    return sql("SELECT id, issue_id, created_at FROM events WHERE project_id = ?", project_id)

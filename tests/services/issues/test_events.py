"""Events become issues: counted, reopened, pinned to one app."""

import pytest
from sqlalchemy import update

from app.domain.issue_status import EventLevel, IssueStatus
from app.extensions import db
from app.models import Project
from app.services import issues, projects
from app.services.errors import BundleMismatch
from app.services.issues import events
from tests.statements import note_all


@pytest.fixture
def issue(context, project):
    """The row of an issue, as a list shows it."""
    return lambda issue_id: issues.read(project.id, issue_id).issue


class TestGrouping:
    def test_one_fingerprint_is_one_issue(self, ingest, issue):
        first, second = ingest("a"), ingest("a")
        assert first.issue_id == second.issue_id
        assert issue(first.issue_id).events_count == 2

    def test_another_fingerprint_is_another_issue(self, ingest, issue):
        first, second = ingest("a"), ingest("b")
        assert first.issue_id != second.issue_id
        assert issue(first.issue_id).events_count == 1

    def test_another_project_is_another_issue(self, ingest, issue, make_project):
        first, second = ingest("a"), ingest("a", project_id=make_project("Another").id)
        assert first.issue_id != second.issue_id
        assert issue(first.issue_id).events_count == 1

    def test_events_of_a_known_issue_use_up_no_issue_ids(self, ingest):
        ids = [ingest(bug).issue_id for bug in "aaab"]
        assert ids == [1, 1, 1, 2]

    def test_event_of_a_deleted_issue_makes_a_new_one(self, ingest, issue, project, clock):
        first = ingest("a")
        issues.remove(project.id, first.issue_id, actor=None, now=clock())
        second = ingest("a")
        assert second.issue_id > first.issue_id
        assert issue(second.issue_id).events_count == 1


class TestSeen:
    def test_first_and_last_seen_are_those_of_its_events(self, ingest, issue, clock):
        first = clock()
        ingest("a")
        clock.advance(hours=1)
        ingest("a")
        clock.advance(hours=1)
        issue_id = ingest("a").issue_id
        assert (issue(issue_id).first_seen_at, issue(issue_id).last_seen_at) == (first, clock())

    def test_clock_that_goes_back_moves_first_seen_only(self, ingest, issue, clock):
        latest = clock()
        ingest("a")
        clock.advance(hours=-1)
        issue_id = ingest("a").issue_id
        assert (issue(issue_id).first_seen_at, issue(issue_id).last_seen_at) == (clock(), latest)

    def test_issue_shows_what_the_newest_event_said(self, ingest, issue):
        ingest("a", message="Row 1 is missing", level=EventLevel.WARNING)
        issue_id = ingest("a", message="Row 2 is missing", level=EventLevel.FATAL).issue_id
        assert (issue(issue_id).message, issue(issue_id).level) == ("Row 2 is missing", "fatal")

    def test_releases_are_named_once_each_in_order(self, ingest, issue):
        for release in ("2.0", "1.0", None, "2.0"):
            issue_id = ingest("a", release=release).issue_id
        assert issue(issue_id).releases == ["1.0", "2.0"]

    def test_releases_are_in_the_order_of_versions(self, ingest, issue, clock):
        seen = ["1.10", "main", "1.9", "1.10.0-rc.1", "com.acme@1.9+33", "com.acme@1.9+4", "beta"]
        for release in seen:
            issue_id = ingest("a", release=release).issue_id
            clock.advance(minutes=1)
        assert issue(issue_id).releases == [
            *("1.9", "com.acme@1.9+4", "com.acme@1.9+33", "1.10.0-rc.1", "1.10"),
            *("main", "beta"),
        ]

    def test_issue_seen_in_no_release_names_none(self, ingest, issue):
        assert issue(ingest("a").issue_id).releases == []


class TestReopening:
    @pytest.fixture
    def known(self, ingest, project, clock):
        """The id of an issue with this status."""

        def make(status):
            issue_id = ingest("a").issue_id
            issues.set_status(
                project.id, issue_id, status=IssueStatus(status), actor=None, now=clock()
            )
            return issue_id

        return make

    def test_event_opens_a_resolved_issue_and_notes_when(self, ingest, issue, known, clock):
        issue_id = known("resolved")
        clock.advance(days=1)
        ingest("a")
        assert (issue(issue_id).status, issue(issue_id).reopened_at) == ("open", clock())

    @pytest.mark.parametrize("status", ["open", "ignored"])
    def test_other_issues_stay_as_they_are(self, ingest, issue, known, status):
        issue_id = known(status)
        ingest("a")
        assert (issue(issue_id).status, issue(issue_id).reopened_at) == (status, None)

    def test_events_after_the_first_do_not_move_the_time(self, ingest, issue, known, clock):
        issue_id = known("resolved")
        reopened_at = clock()
        ingest("a")
        clock.advance(days=1)
        ingest("a")
        assert issue(issue_id).reopened_at == reopened_at

    def test_reopened_issue_may_be_resolved_and_reopened_again(
        self, ingest, issue, known, project, clock
    ):
        issue_id = known("resolved")
        ingest("a")
        issues.set_status(
            project.id, issue_id, status=IssueStatus.RESOLVED, actor=None, now=clock()
        )
        clock.advance(days=1)
        ingest("a")
        assert (issue(issue_id).status, issue(issue_id).reopened_at) == ("open", clock())

    def test_event_of_another_bug_opens_nothing(self, ingest, issue, known):
        issue_id = known("resolved")
        ingest("b")
        assert issue(issue_id).status == "resolved"


class TestBundle:
    @pytest.fixture
    def count_statements(self, context, monkeypatch):
        """How many statements a call takes."""
        sent = []
        note_all(db.engine, sent, monkeypatch)

        def count(call):
            before = len(sent)
            call()
            return len(sent) - before

        return count

    @pytest.fixture
    def pinned(self, sql):
        query = "SELECT bundle_id FROM projects ORDER BY id"
        return lambda: [bundle_id for (bundle_id,) in sql(query)]

    def test_first_app_that_names_itself_is_pinned(self, ingest, pinned):
        ingest("a")
        assert pinned() == [None]
        ingest("a", app_id="com.acme.app")
        assert pinned() == ["com.acme.app"]

    @pytest.mark.parametrize("app_id", ["com.other", None, "COM.ACME.APP", "com.acme.app2"])
    def test_another_app_or_none_is_refused_from_then_on(self, ingest, pinned, app_id):
        ingest("a", app_id="com.acme.app")
        with pytest.raises(BundleMismatch):
            ingest("a", app_id=app_id)
        assert pinned() == ["com.acme.app"]

    def test_refused_event_leaves_no_trace(self, ingest, sql):
        ingest("a", app_id="com.acme.app", release="1.0")
        for bug in "ab":
            with pytest.raises(BundleMismatch):
                ingest(bug, app_id="com.other", release="2.0")
        assert sql("SELECT events_count FROM issues") == [(1,)]
        assert sql("SELECT release FROM issue_releases") == [("1.0",)]
        assert sql("SELECT count(*) FROM events") == [(1,)]

    def test_refused_event_does_not_reopen_an_issue(self, ingest, issue, project, clock):
        issue_id = ingest("a", app_id="com.acme.app").issue_id
        issues.set_status(
            project.id, issue_id, status=IssueStatus.RESOLVED, actor=None, now=clock()
        )
        with pytest.raises(BundleMismatch):
            ingest("a", app_id="com.other")
        assert issue(issue_id).status == "resolved"

    @pytest.fixture
    def switch(self, project, clock):
        def to(is_on):
            values = {"bundle_pinning": is_on}
            projects.change(project.id, values, actor=None, now=clock())

        return to

    def test_switched_off_refuses_no_app_and_pins_none(self, ingest, pinned, switch):
        switch(False)
        for app_id in ("com.acme.app", "com.other", None):
            ingest("a", app_id=app_id)
        assert pinned() == [None]

    def test_switched_off_and_on_again_refuses_as_before(self, ingest, pinned, switch):
        ingest("a", app_id="com.acme.app")
        switch(False)
        ingest("a", app_id="com.other")
        assert pinned() == ["com.acme.app"]
        switch(True)
        with pytest.raises(BundleMismatch):
            ingest("a", app_id="com.other")

    @pytest.mark.parametrize("app_id", ["com.acme.app", None])
    def test_switched_off_asks_nothing_more_of_the_database(
        self, ingest, switch, app_id, count_statements
    ):
        ingest("a", app_id="com.acme.app")
        when_on = count_statements(lambda: ingest("a", app_id="com.acme.app"))
        switch(False)
        assert count_statements(lambda: ingest("a", app_id=app_id)) == when_on

    def test_switched_off_just_before_it_would_pin_does_not(self, ingest, pinned, monkeypatch):
        """Between the look at the project and the statement that pins."""
        look = events._project

        def look_and_switch_off(*project):
            found = look(*project)
            project[0].execute(update(Project).values(bundle_pinning=False))
            return found

        monkeypatch.setattr(events, "_project", look_and_switch_off)
        ingest("a", app_id="com.acme.app")
        assert pinned() == [None]

    def test_each_project_has_its_own(self, ingest, pinned, make_project):
        ingest("a", app_id="com.acme.app")
        ingest("a", app_id="com.other", project_id=make_project("Another").id)
        assert pinned() == ["com.acme.app", "com.other"]

    def test_cleared_pin_is_set_by_the_next_event(self, ingest, pinned, sql):
        ingest("a", app_id="com.acme.app")
        sql("UPDATE projects SET bundle_id = NULL")
        ingest("a", app_id="com.other")
        assert pinned() == ["com.other"]

    @pytest.mark.parametrize(
        ("pinned_id", "hint"), [("com.acme.app", "*om.acme.app"), ("a", "*"), ("é😅", "*😅")]
    )
    def test_refusal_hints_at_the_pinned_app_without_its_first_character(self, pinned_id, hint):
        assert BundleMismatch(pinned_id, sent=None).expected_format == hint

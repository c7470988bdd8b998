"""Issues as pages: what is listed, what is told of one, and who may decide about it."""

import html
import re
from dataclasses import replace

import pytest

from app.database import write_transaction
from app.domain.issue_status import EventLevel, IssueStatus
from app.services import issues
from app.services.issues import events

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def ingest(app, project, clock):
    """Stores an event of the bug at the clock's time; returns its ids."""

    def store(bug="a", *, project_id=project.id, **fields):
        event = {
            "exception_type": "TypeError",
            "fingerprint": bug.encode().ljust(32),
            "environment": "production",
            "content": {},
            **fields,
        }
        with app.app_context():
            return events.ingest(project_id, events.NewEvent(**event), now=clock())

    return store


@pytest.fixture
def move(app, project, clock):
    def to(issue_id, status):
        with app.app_context():
            issues.set_status(
                project.id,
                issue_id,
                status=IssueStatus(status),
                actor="jo@example.com",
                now=clock(),
            )

    return to


def test_native_crash_tells_which_version_crashed_and_which_told_it(ingest, browser, at):
    told = {"version": "1.4.1", "reported_by": "1.4.2", "crashed_at": "2026-05-07T17:24:00Z"}
    stored = ingest(release="1.4.1", content={"native_crash": told})
    browser.get(f"{at}/{stored.issue_id}")
    assert "Crashed in <bdi>1.4.1</bdi>, " in browser.page
    assert "; reported by <bdi>1.4.2</bdi> at the next launch." in browser.page
    assert 'datetime="2026-05-07T17:24:00Z"' in browser.page


@pytest.fixture
def browser(as_owner_of_project):
    return as_owner_of_project


@pytest.fixture
def at(project):
    return f"/projects/{project.id}/issues"


@pytest.fixture
def show_list(browser, at):
    def get(**query):
        assert browser.get(at, query_string=query).status_code == 200
        return browser.text

    return get


@pytest.fixture
def listed(browser):
    """The ids of the rows that are shown, in order."""
    return lambda: [
        int(found) for found in re.findall(r'row-link" href="[^"]+/(\d+)"', browser.page)
    ]


@pytest.fixture
def show(browser, at):
    def get(issue_id, *, status=200, **query):
        assert browser.get(f"{at}/{issue_id}", query_string=query).status_code == status
        return browser.text

    return get


@pytest.fixture
def status_of(database_rows):
    def read(issue_id):
        [[status]] = database_rows(f"SELECT status FROM issues WHERE id = {issue_id}")
        return status

    return read


class TestList:
    def test_of_a_project_without_issues_says_how_they_come(self, show_list):
        assert "No issue yet" in show_list()

    def test_has_the_open_ones_seen_last_first(self, ingest, move, show_list, listed, clock):
        ids = {}
        for bug in ("a", "b", "c", "a"):
            clock.advance(minutes=1)
            ids[bug] = ingest(bug).issue_id
        move(ids["b"], "ignored")
        show_list()
        assert listed() == [ids["a"], ids["c"]]

    def test_has_a_tab_for_each_status_with_its_count(self, ingest, move, show_list, listed):
        ids = [ingest(bug).issue_id for bug in "abcdef"]
        for issue_id in ids[:3]:
            move(issue_id, "resolved")
        move(ids[3], "ignored")
        assert "Open 2 Resolved 3 Ignored 1 All 6" in show_list()
        for tab, shown in (("resolved", ids[2::-1]), ("ignored", [ids[3]]), ("all", ids[::-1])):
            show_list(status=tab)
            assert listed() == shown

    def test_tab_that_there_is_not_shows_the_open_ones(self, ingest, show_list, listed, browser):
        issue_id = ingest().issue_id
        show_list(status="broken")
        assert listed() == [issue_id]
        assert re.findall(r'aria-current="page">(\w+)', browser.page) == ["Issues", "Open"]

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("open", "No open issue"),
            ("ignored", "No ignored issue"),
        ],
    )
    def test_empty_tab_says_so(self, ingest, move, show_list, status, words):
        move(ingest().issue_id, "resolved")
        assert words in show_list(status=status)

    def test_row_tells_what_is_known_of_the_issue(self, ingest, show_list, clock):
        for release in ("1.0", "1.1", "1.2", "1.3", "1.3"):
            ingest(release=release, message="total is undefined", level=EventLevel.FATAL)
            clock.advance(hours=1)
        assert (
            "TypeError fatal total is undefined 5 events last 1 h ago first 5 h ago"
            " in 1.3 , 1.2 , 1.1 and 1 more" in show_list()
        )

    def test_issue_that_came_back_is_marked_until_somebody_decides_again(
        self, ingest, move, show_list
    ):
        issue_id = ingest().issue_id
        move(issue_id, "resolved")
        assert "came back" not in show_list(status="all")
        ingest()
        assert "came back" in show_list()
        move(issue_id, "resolved")
        assert "came back" not in show_list(status="all")

    def test_is_paged_within_a_tab(self, ingest, move, show_list, listed, browser, clock):
        ids = []
        for number in range(27):
            clock.advance(seconds=1)
            ids.append(ingest(str(number)).issue_id)
            move(ids[-1], "ignored")
        show_list(status="ignored")
        assert listed() == ids[:1:-1]
        [older] = re.findall(r'href="([^"]+)" rel="next"', browser.page)
        browser.get(html.unescape(older))
        assert listed() == ids[1::-1]
        assert "rel=" not in browser.page.split('class="pager"')[1]

    @pytest.mark.parametrize("before", ["", "x", "1-", "9" * 18 + "-1", "-1-1"])
    def test_cursor_that_no_list_wrote_shows_the_newest(self, ingest, show_list, listed, before):
        issue_id = ingest().issue_id
        show_list(before=before)
        assert listed() == [issue_id]

    def test_page_behind_the_last_one_leads_back(self, ingest, show_list):
        ingest()
        assert "Nothing further" in show_list(before="1-1")

    def test_issues_of_other_projects_are_not_in_it(self, ingest, make_project, show_list):
        ingest(project_id=make_project("Another").id)
        assert "No issue yet" in show_list()

    def test_reads_as_often_with_many_issues_as_with_one(
        self, ingest, browser, at, count_statements
    ):
        ingest(release="1.0")
        few = count_statements(lambda: browser.get(at))
        for number in range(20):
            ingest(str(number), release="1.0")
        assert count_statements(lambda: browser.get(at)) == few > 3


class TestIssue:
    def test_shows_its_stack_device_and_breadcrumbs(self, ingest, show):
        event = ingest(
            message="total is undefined",
            release="1.4.2",
            platform="web",
            content={
                "stack": ["at pay (cart.js:10:3)", "at onPress (cart.js:2:1)"],
                "user_id_anon": "anon-7",
                "context": {"device_model": "Pixel 8", "os_name": "Android"},
                "tags": {"screen": "cart"},
                "breadcrumbs": [{"category": "navigation", "message": "Cart"}],
                "_meta": {"cut": {"strings": 2}},
            },
        )
        text = show(event.issue_id)
        for words in (
            "total is undefined",
            "at pay (cart.js:10:3) at onPress (cart.js:2:1)",
            "Release 1.4.2 Environment production Platform web User anon-7 System Android"
            " Device Pixel 8",
            "Tags screen cart",
            "navigation Cart",
            "Cut when it came, because it was too much: 2 strings.",
        ):
            assert words in text

    def test_event_without_anything_says_what_is_missing(self, ingest, show):
        text = show(ingest().issue_id)
        for words in (
            "It came without one.",
            "No breadcrumbs came with it.",
            "None of its events told a release.",
            "Users not told by its app",
            "Nobody who met it has said anything.",
        ):
            assert words in text

    def test_counts_events_by_release_and_users_of_the_newest_events(self, ingest, show):
        for user, release in (("ann", "1.0"), ("bob", "1.1"), ("ann", "1.1"), (None, "a/b")):
            issue_id = ingest(release=release, content={"user_id_anon": user}).issue_id
        text = show(issue_id)
        assert "Events by release 1.1 2 1.0 1 a/b 1" in text
        assert "Users 2 in the newest 4 events" in text

    def test_one_of_the_newest_events_can_be_chosen(self, ingest, show, browser):
        first = ingest(content={"stack": ["at first"]})
        ingest(content={"stack": ["at second"]})
        assert "at second" in show(first.issue_id)
        text = show(first.issue_id, event=first.id)
        assert "at first" in text
        assert "at second" not in text
        assert f'?event={first.id}#event-heading" aria-current="true"' in browser.page

    @pytest.mark.parametrize("wanted", ["999", "x", "0"])
    def test_event_that_is_not_among_them_is_told(self, ingest, show, wanted):
        issue_id = ingest(content={"stack": ["at f"]}).issue_id
        text = show(issue_id, event=wanted)
        assert "That event is not among the newest ones any more; this is the newest." in text
        assert "at f" in text

    def test_events_may_be_gone(self, ingest, show, app):
        issue_id = ingest().issue_id
        with app.app_context(), write_transaction() as connection:
            connection.exec_driver_sql("DELETE FROM events")
        assert "what was counted stays" in show(issue_id)

    def test_large_event_is_small_until_all_of_it_is_wanted(self, ingest, show, browser):
        issue_id = ingest(content={"stack": [f"at f{n} " + "x" * 490 for n in range(200)]}).issue_id
        text = show(issue_id)
        assert len(browser.page) < 30_000
        assert "at f199" not in text
        [address] = re.findall(r'href="([^"]+whole=1)#', browser.page)
        browser.get(html.unescape(address))
        assert "at f199" in browser.text
        assert "Show less" in browser.text

    def test_has_its_feedback(self, ingest, show, make_feedback):
        event = ingest()
        make_feedback(message="It went blank", event_id=event.id)
        make_feedback(message="Something else", event_id=ingest("b").id)
        text = show(event.issue_id)
        assert "It went blank" in text
        assert "Something else" not in text

    def test_tells_what_people_and_events_did(self, ingest, move, show, clock):
        issue_id = ingest().issue_id
        clock.advance(hours=1)
        move(issue_id, "resolved")
        clock.advance(hours=1)
        ingest()
        history = show(issue_id).partition("History")[2]
        assert history.split(" UTC")[:3] == [
            " A new event opened it again 7 May 2026, 19:25",
            f" jo@example.com resolved issue {issue_id} 7 May 2026, 18:25",
            " Seen for the first time 7 May 2026, 17:25",
        ]

    def test_what_was_taken_out_of_feedback_is_marked(self, ingest, show, make_feedback, browser):
        event = ingest()
        make_feedback(message="Mail jo@example.com", event_id=event.id)
        show(event.issue_id)
        assert "Mail <mark" in browser.page
        assert "[REDACTED]</mark>" in browser.page

    def test_history_is_its_own(self, ingest, move, show, make_feedback):
        """Feedback of the same id was moved, and another issue."""
        first, second = ingest("a").issue_id, ingest("b").issue_id
        make_feedback(status="handled")
        move(second, "resolved")
        assert "jo@example.com" not in show(first)
        assert "handled" not in show(first)

    def test_text_of_strangers_stays_text(
        self, ingest, show, show_list, browser, at, make_feedback
    ):
        event = ingest(
            exception_type=MARKUP,
            message=MARKUP,
            release=MARKUP,
            environment=MARKUP,
            platform=MARKUP,
            content={
                "stack": [MARKUP],
                "user_id_anon": MARKUP,
                "context": {MARKUP: MARKUP},
                "tags": {MARKUP: {MARKUP: MARKUP}},
                "breadcrumbs": [MARKUP, {"category": MARKUP, "message": MARKUP, MARKUP: MARKUP}],
                "_meta": {"cut": {MARKUP: MARKUP}},
            },
        )
        make_feedback(message=MARKUP, name=MARKUP, app_version=MARKUP, event_id=event.id)
        show_list()
        assert "<script>alert" not in browser.page
        assert MARKUP in show(event.issue_id)
        assert "<script>alert" not in browser.page
        browser.get(f"{at}/{event.issue_id}/delete")
        assert "<script>alert" not in browser.page

    @pytest.mark.parametrize("issue", ["99", "0", "x", "9" * 30])
    def test_that_is_not_there_is_not_found(self, show, issue):
        assert "There is nothing here" in show(issue, status=404)

    def test_of_another_project_is_not_found(self, ingest, make_project, show):
        issue_id = ingest(project_id=make_project("Another").id).issue_id
        show(issue_id, status=404)


class TestDecisions:
    @pytest.mark.parametrize(
        ("old", "offered"),
        [
            ("open", ["resolved", "ignored"]),
            ("resolved", ["open", "ignored"]),
            ("ignored", ["open", "resolved"]),
        ],
    )
    def test_page_offers_what_can_be_done(self, ingest, move, show, browser, old, offered):
        issue_id = ingest().issue_id
        move(issue_id, old)
        show(issue_id)
        assert re.findall(r'action="[^"]+/status/(\w+)"', browser.page) == offered

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("resolved", "Resolved. A new event will open it again."),
            ("ignored", "Ignored. New events are still counted."),
        ],
    )
    def test_member_decides_and_is_in_the_history(
        self, ingest, make_member, browser_of, at, status_of, status, words
    ):
        issue_id = ingest().issue_id
        browser = browser_of(make_member())
        browser.get(f"{at}/{issue_id}")
        answer = browser.send(f"{at}/{issue_id}/status/{status}")
        assert (answer.status_code, answer.location) == (302, f"{at}/{issue_id}")
        assert status_of(issue_id) == status
        browser.get(answer.location)
        assert words in browser.text
        assert f"member@example.com {status} issue {issue_id}" in browser.text

    def test_reopening_opens(self, ingest, move, browser, at, status_of):
        issue_id = ingest().issue_id
        move(issue_id, "ignored")
        browser.get(f"{at}/{issue_id}")
        browser.send(f"{at}/{issue_id}/status/open")
        assert status_of(issue_id) == "open"

    def test_status_that_there_is_not_is_not_found(self, ingest, browser, at):
        issue_id = ingest().issue_id
        browser.get(f"{at}/{issue_id}")
        assert browser.send(f"{at}/{issue_id}/status/broken").status_code == 404

    def test_viewer_may_only_read(self, ingest, make_member, browser_of, at, status_of):
        issue_id = ingest().issue_id
        browser = browser_of(make_member(role="viewer"))
        browser.get(f"{at}/{issue_id}")
        assert "You may read this; members and the owner may change it." in browser.text
        assert "/status/" not in browser.page
        assert "Delete" not in browser.text
        for path in ("status/resolved", "delete"):
            assert browser.send(f"{at}/{issue_id}/{path}").status_code == 403
        assert status_of(issue_id) == "open"

    def test_form_without_its_token_does_nothing(self, ingest, browser, at, status_of):
        issue_id = ingest().issue_id
        for path in ("status/resolved", "delete"):
            answer = browser.send(f"{at}/{issue_id}/{path}", csrf_token="forged")
            assert answer.status_code == 400
        assert status_of(issue_id) == "open"

    def test_deleting_asks_first_and_keeps_the_feedback(
        self, ingest, browser, at, make_feedback, database_rows
    ):
        event = ingest()
        make_feedback(message="It went blank", event_id=event.id)
        browser.get(f"{at}/{event.issue_id}/delete")
        assert "It goes for good, with its 1 event, for everybody." in browser.text
        assert database_rows("SELECT count(*) FROM issues") == [(1,)]
        answer = browser.send(f"{at}/{event.issue_id}/delete")
        assert (answer.status_code, answer.location) == (302, at)
        assert database_rows("SELECT count(*) FROM issues") == [(0,)]
        assert database_rows("SELECT message FROM feedback") == [("It went blank",)]
        browser.get(at)
        assert "The issue is deleted, with its events." in browser.text

    def test_deleting_one_that_is_gone_is_not_found(self, ingest, browser, at):
        issue_id = ingest().issue_id
        browser.get(f"{at}/{issue_id}/delete")
        browser.send(f"{at}/{issue_id}/delete")
        assert browser.get(f"{at}/{issue_id}/delete").status_code == 404


def test_event_past_its_days_bytes_says_that_its_content_was_not_kept_and_why(
    app, ingest, browser, at, as_owner, client
):
    app.config["PIONNE"] = replace(app.config["PIONNE"], event_bytes_per_day=1)
    stored = ingest(message="Ouch", content={"stack": ["at pay (cart.js:10:3)"]})
    browser.get(f"{at}/{stored.issue_id}")
    assert "Its message, stack and all else that came with it were not kept" in browser.text
    assert "It came without one." not in browser.text
    told = client.get(f"/api{at}/{stored.issue_id}", headers=as_owner).get_json()
    (event,) = told["events"]
    assert (event["message"], event["_meta"]) == (None, {"not_kept": "over_quota"})

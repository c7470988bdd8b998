"""The page of one piece of feedback."""

import re

import pytest
from sqlalchemy import update

from app.database import write_transaction
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.models import Feedback
from app.services import sessions
from app.services.feedback.fields import SUBMITTED
from app.services.issues import events


@pytest.fixture
def page(as_owner_of_project, project):
    return as_owner_of_project


@pytest.fixture
def read(page):
    def get(feedback_id, query=""):
        answer = page.get(f"/projects/1/feedback/{feedback_id}{query}")
        assert answer.status_code == 200
        return page

    return get


@pytest.fixture
def ingest(app, project, clock):
    def store(**fields):
        event = {
            "exception_type": "TypeError",
            "fingerprint": bytes(32),
            "environment": "production",
            "content": {},
            **fields,
        }
        with app.app_context():
            return events.ingest(project.id, events.NewEvent(**event), now=clock())

    return store


@pytest.fixture
def record(app, project, clock):
    def report(number, status="ok"):
        session = SessionReport(
            session_id=number.to_bytes(16, "big"),
            status=SessionStatus(status),
            release="1.4.2",
            environment="production",
            user_key=user_key(f"user {number}"),
        )
        with app.app_context():
            sessions.record(project.id, session, now=clock())

    return report


def test_message_is_shown_in_full_with_what_was_taken_out_marked(read, make_feedback):
    message = "Mail jo@example.com. " + "x" * 1900
    page = read(make_feedback(message=message))
    assert "x" * 1900 in page.page
    assert re.search(r'<mark class="redacted"[^>]*>\[REDACTED\]</mark>', page.page)
    assert "jo@example.com" not in page.page


def test_who_wrote_from_where_is_told(read, make_feedback):
    page = read(
        make_feedback(
            name="Bob",
            email="o'bob+x@example.com",
            url="https://example.com/x",
            app_version="1.4.2",
        )
    )
    assert "From Bob o'bob+x@example.com" in page.text
    assert 'href="mailto:o%27bob%2Bx%40example.com"' in page.page
    assert 'href="https://example.com/x" target="_blank" rel="noopener noreferrer"' in page.page


@pytest.mark.sqlite_only("asks no database")
def test_no_field_that_is_submitted_is_forgotten(app):
    source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, "console/feedback.html")
    assert [name for name in SUBMITTED if f"row.{name}" not in source] == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "myapp://order/42"])
def test_an_address_that_is_no_web_page_is_text(read, make_feedback, url):
    page = read(make_feedback(url=url))
    assert url in page.text
    assert f'href="{url}' not in page.page


def test_event_stands_beside_it(read, make_feedback, ingest):
    event = ingest(
        message="total is undefined",
        content={
            "stack": ["at pay (cart.js:10:3)", "<b>frame</b>"],
            "breadcrumbs": [{"category": "navigation", "message": "Cart"}, "plain", 7, None],
            "context": {"device_model": "Pixel 8"},
        },
    )
    page = read(make_feedback(event_id=event.id))
    assert "at pay (cart.js:10:3) <b>frame</b>" in page.text
    assert "&lt;b&gt;frame&lt;/b&gt;" in page.page
    assert "navigation Cart" in page.text
    assert "Device Pixel 8" in page.text
    assert 'href="/projects/1/issues/1"' in page.page


def test_feedback_without_an_event_says_so(read, make_feedback):
    assert "This came by itself" in read(make_feedback()).text


def test_event_that_was_purged_is_told(read, make_feedback, make_event, app):
    feedback_id = make_feedback(event_id=make_event().id)
    with app.app_context(), write_transaction() as connection:
        connection.exec_driver_sql("DELETE FROM events")
    page = read(feedback_id)
    assert "The event itself is not kept any more." in page.text
    assert "Issue #1" in page.text


def test_health_at_that_time_is_told_in_words(read, make_feedback, record, clock):
    for number in range(199):
        record(number)
    record(199, "crashed")
    feedback_id = make_feedback(app_version="1.4.2")
    assert "99.50 % of 200 users met no crash in the last 14 days." in read(feedback_id).text
    clock.advance(days=2)
    text = read(feedback_id).text
    assert "99.50 % of 200 sessions did not crash in the 14 days up to then." in text
    assert re.search(r"97\.2\d–99\.9\d.% \(95.% interval\)", text)


def test_health_of_the_events_release_is_told_as_that(read, ingest, make_feedback, record):
    record(1)
    event = ingest(release="1.4.2").id
    words = "That is the release its event came from; the feedback itself tells 1.5 ."
    page = read(make_feedback(app_version="1.5", event_id=event))
    assert f"How 1.4.2 was doing {words}" in page.text
    same = read(make_feedback(app_version="1.4.2", event_id=event))
    assert "That is the release its event came from" not in same.text


def test_health_of_an_unknown_release_is_said_to_be_unknown(read, make_feedback):
    assert "Not known: no session" in read(make_feedback(app_version="1.4.2")).text


def test_others_on_the_issue_lead_to_their_pages(read, make_feedback, make_event):
    event = make_event()
    other = make_feedback(event_id=event.id, message="Me too")
    page = read(make_feedback(event_id=event.id))
    assert "Me too" in page.text
    assert f'href="/projects/1/feedback/{other}?tab=all&amp;issue=1"' in page.page


def test_history_says_who_did_what(read, page, make_feedback, owner):
    feedback_id = make_feedback()
    page.get(f"/projects/1/feedback/{feedback_id}")
    page.send("/projects/1/inbox", do="handled", feedback=str(feedback_id))
    text = read(feedback_id).text
    assert f"{owner.email} handled feedback {feedback_id} (was open)" in text


def test_acting_leads_back_to_the_page_with_an_undo(page, make_feedback, stored_feedback):
    feedback_id = make_feedback()
    address = f"/projects/1/feedback/{feedback_id}"
    page.get(address)
    form = {"do": "archived", "feedback": str(feedback_id), "page": str(feedback_id)}
    answer = page.send("/projects/1/inbox?q=x", **form)
    assert answer.location == f"{address}?q=x"
    page.get(answer.location)
    values = dict(re.findall(r'name="(first|last|page)" value="(\d+)"', page.page))
    assert page.send("/projects/1/inbox/undo?q=x", **values).location == f"{address}?q=x"
    assert stored_feedback()[0].status == "open"


def test_deleting_asks_and_then_leads_to_the_inbox(page, make_feedback, stored_feedback):
    feedback_id = make_feedback()
    page.get(f"/projects/1/feedback/{feedback_id}")
    form = {"do": "delete", "feedback": str(feedback_id), "page": str(feedback_id)}
    page.send("/projects/1/inbox", **form)
    assert f'href="/projects/1/feedback/{feedback_id}">Cancel' in page.page
    assert page.send("/projects/1/inbox", **form, confirmed="yes").location == "/projects/1/inbox"
    assert stored_feedback() == []


def test_neighbours_are_those_of_the_inbox_it_was_opened_from(read, make_feedback):
    first = make_feedback(message="blank")
    make_feedback(message="other")
    here = make_feedback(message="blank")
    page = read(here, "?q=blank")
    assert f'data-key="j" href="/projects/1/feedback/{first}?q=blank"' in page.page
    assert 'data-key="k"' not in page.page
    assert 'href="/projects/1/inbox?q=blank" data-key="u"' in page.page


@pytest.mark.parametrize("feedback_id", ["99", "0", "x", "99999999999999999999"])
def test_feedback_that_is_not_there_is_404(page, feedback_id):
    assert page.get(f"/projects/1/feedback/{feedback_id}").status_code == 404


def test_feedback_of_another_project_is_404(page, make_feedback, make_project):
    theirs = make_feedback(project_id=make_project("Other").id)
    assert page.get(f"/projects/1/feedback/{theirs}").status_code == 404


def test_a_viewer_reads_it_and_finds_nothing_to_press(browser_of, make_member, make_feedback):
    feedback_id = make_feedback(message="Hello there")
    viewer = browser_of(make_member("viewer@example.com", "viewer"))
    viewer.get(f"/projects/1/feedback/{feedback_id}")
    assert "Hello there" in viewer.text
    assert "You may only read" in viewer.text
    assert 'name="do"' not in viewer.page


def store_beside(app, project, feedback_id, **values):
    with app.app_context(), write_transaction() as connection:
        connection.execute(
            update(Feedback)
            .where(Feedback.id == feedback_id, Feedback.project_id == project.id)
            .values(**values)
        )


def test_page_tells_what_an_sdk_told_beside(app, project, make_feedback, read):
    feedback_id = make_feedback()
    details = {
        "environment": "beta",
        "sdk": {"name": "sentry.dart.flutter", "version": "9.27.0"},
        "tags": {"plan": "<gold>"},
        "contexts": {"os": {"name": "Android"}},
        "contact": "@jo on the forum",
        "attachments_not_kept": [{"name": "screen.png", "size": 7_000_000, "reason": "too_large"}],
    }
    store_beside(app, project, feedback_id, details=details)
    shown = read(feedback_id).text
    for told in ("beta", "sentry.dart.flutter 9.27.0", "<gold>", "os name", "Android"):
        assert told in shown
    assert "@jo on the forum" in shown
    assert "“screen.png” of 7 MB came with it and was not kept." in shown


@pytest.mark.parametrize("details", [{"sdk": "x", "tags": [1], "contexts": {"os": [None]}}, {}])
def test_page_stands_whatever_shape_it_was_told_in(app, project, make_feedback, read, details):
    feedback_id = make_feedback()
    store_beside(app, project, feedback_id, details=details)
    read(feedback_id)


def test_page_says_that_the_event_may_still_come(app, project, make_feedback, read):
    feedback_id = make_feedback()
    assert "Event not received" not in read(feedback_id).text
    store_beside(app, project, feedback_id, sentry_event_ref=bytes(range(16)))
    assert "Event not received (yet)" in read(feedback_id).text

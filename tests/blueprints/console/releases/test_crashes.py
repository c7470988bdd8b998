"""The page of a release's crashes: which session has which event, why others have none."""

import pytest

from app.blueprints.console.releases.crash_words import (
    no_event_words,
    no_session_words,
    short_reason,
)
from app.domain.crashes import NoEvent, NoSession
from app.domain.issue_status import EventLevel
from app.services.issues import events
from app.services.issues.new_event import NewEvent
from app.services.releases.crashes import Reconciled


@pytest.fixture
def fatal(app, project, clock):
    def store(user):
        event = NewEvent(
            exception_type="TypeError",
            fingerprint=bytes(32),
            level=EventLevel.FATAL,
            release="1.0",
            environment="production",
            content={"user_id_anon": user},
        )
        with app.app_context():
            return events.ingest(project.id, event, now=clock())

    return store


@pytest.fixture
def open_page(as_owner_of_project, project):
    def get(query="name=1.0"):
        answer = as_owner_of_project.get(f"/projects/{project.id}/release/crashes?{query}")
        assert answer.status_code == 200
        return as_owner_of_project.text

    return get


def test_says_how_many_have_both_sides_and_why_others_have_not(record, fatal, open_page):
    record("crashed", user="ann")
    record("crashed")
    fatal("ann")
    fatal("bob")
    text = open_page()
    assert "2 sessions crashed, and 2 fatal events came. 1 session has its event." in text
    assert "1 The session names no user" in text
    assert "1 No session of this user crashed on that day." in text


def test_says_that_all_is_well(record, fatal, open_page):
    record("crashed", user="ann")
    fatal("ann")
    assert "1 session crashed, and 1 fatal event came. Each session has its event." in open_page()


def test_leads_to_the_issue_and_to_other_days(record, fatal, open_page, clock, as_owner_of_project):
    record("crashed", user="ann")
    clock.advance(days=3)
    issue = fatal("ann").issue_id
    open_page()
    assert f"/issues/{issue}" in as_owner_of_project.page
    assert "day=2026-05-07" in as_owner_of_project.page
    assert "Day after" not in as_owner_of_project.text


def test_pages_on(record, open_page, clock, as_owner_of_project):
    for _ in range(51):
        record("crashed", user="ann")
        clock.advance(seconds=1)
    open_page()
    assert as_owner_of_project.page.count("<code>0000") == 50
    assert 'rel="next"' in as_owner_of_project.page


@pytest.mark.parametrize(
    "query",
    ["name=1.0&day=nonsense&part=nothing&before=x", "", "name=%00", "name=1.0&day=1066-10-14"],
)
def test_what_cannot_be_is_as_if_it_were_not_there(record, open_page, query):
    assert "Crashes of 7 May 2026" in open_page(query)


@pytest.mark.parametrize("name", ["1.0", "none"])
def test_the_page_of_a_release_leads_there(record, as_owner_of_project, project, name):
    """By a button of its form, which has the name: an address with it would weigh too much."""
    record()
    as_owner_of_project.get(f"/projects/{project.id}/release?name={name}")
    assert f'formaction="/projects/{project.id}/release/crashes"' in as_owner_of_project.page


@pytest.mark.parametrize(
    "reason", [*NoEvent, *NoSession], ids=lambda each: type(each).__name__ + each
)
def test_each_reason_has_words_and_advice_without_gaps(context, reason, clock):
    class OfOne(Reconciled):
        no_event = [(reason, 1)] if isinstance(reason, NoEvent) else []
        no_session = [(reason, 1)] if isinstance(reason, NoSession) else []

    found = OfOne("1.0", clock().date(), [])
    [words] = no_event_words(found) + no_session_words(found)
    assert words.why.endswith(".") and words.advice.endswith(".") and "{" not in words.advice
    assert short_reason(reason)

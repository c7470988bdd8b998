"""Stored rows are scrubbed again by better rules: counted first, then changed and audited."""

from collections import Counter

import pytest
from sqlalchemy import select, update

from app.database import read_transaction, write_transaction
from app.models import Event, Feedback, FeedbackText, Issue
from app.services import audit
from app.services.instance import rescrubbing

CONTENT = {
    "stack": ["value@index.android.bundle:12:1917", "at f (jo%40example.com)"],
    "context": {"os_name": "iOS"},
    "extra": {"jo@example.com": 1, "ann@example.com": 2, "n": 4111111111111111, "x": [1.5, None]},
    "_meta": {"cut": {}},
}
SCRUBBED_CONTENT = {
    "stack": ["value@index.android.bundle:12:1917", "at f ([REDACTED])"],
    "context": {"os_name": "iOS"},
    "extra": {"[REDACTED]": 1, "[REDACTED] 2": 2, "n": "[REDACTED]", "x": [1.5, None]},
    "_meta": {"cut": {}},
}


@pytest.fixture
def old_rows(context, make_feedback, ingest, project, make_project):
    """As older rules left them, in two projects; and one row in which nothing is to be done."""
    other = make_project("Other")
    kept = make_feedback(message="Nothing personal")
    spoiled = [make_feedback(message="x"), make_feedback(message="y", project_id=other.id)]
    event = ingest("a")
    with write_transaction() as connection:
        message = "Mail JO%40example.com"
        of_spoiled = Feedback.id.in_(spoiled)
        connection.execute(update(Feedback).where(of_spoiled).values(message=message))
        texts = FeedbackText.feedback_id.in_(spoiled)
        connection.execute(update(FeedbackText).where(texts).values(folded=message.lower()))
        connection.execute(
            update(Event)
            .where(Event.id == event.id)
            .values(exception_type="x" * 246 + " a%40b.co", message=message, content=CONTENT)
        )
        connection.execute(update(Issue).values(message=message))
    return {"kept": kept, "spoiled": spoiled, "event": event.id, "other": other.id}


def run(clock):
    return sum(rescrubbing.run(now=clock()), Counter())


def read(*columns):
    with read_transaction() as connection:
        return connection.execute(select(*columns).order_by(columns[0])).all()


EXPECTED = {"feedback": 2, "events": 1, "issues": 1}


def test_rows_that_would_change_are_counted_and_stay(old_rows):
    before = read(Feedback.id, Feedback.message)
    assert rescrubbing.look() == EXPECTED
    assert read(Feedback.id, Feedback.message) == before


def test_feedback_is_scrubbed_and_so_is_what_is_searched_of_it(old_rows, clock):
    assert run(clock) == EXPECTED
    messages = dict(read(Feedback.id, Feedback.message))
    assert messages[old_rows["kept"]] == "Nothing personal"
    assert {messages[id_] for id_ in old_rows["spoiled"]} == {"Mail [REDACTED]"}
    folded = [text for _, text in read(FeedbackText.feedback_id, FeedbackText.folded)]
    assert sorted(folded) == ["mail [redacted]", "mail [redacted]", "nothing personal"]


def test_how_somebody_is_reached_stays_as_it_was_typed(old_rows, clock):
    typed = {"contact": "jo@example.com or 0123", "user_key": "4111111111111111" * 2}
    with write_transaction() as connection:
        told = {**typed, "tags": {"by": "jo@example.com"}}
        connection.execute(update(Feedback).values(details=told))
    run(clock)
    details = [told for _, told in read(Feedback.id, Feedback.details)]
    assert details == [{**typed, "tags": {"by": "[REDACTED]"}}] * 3


def test_events_and_issues_are_scrubbed_within_their_columns(old_rows, clock):
    run(clock)
    ((_, exception_type, message, content),) = read(
        Event.id, Event.exception_type, Event.message, Event.content
    )
    assert exception_type == "x" * 246 + " [REDACTE"
    assert message == "Mail [REDACTED]"
    assert content == SCRUBBED_CONTENT
    assert [message for _, message in read(Issue.id, Issue.message)] == ["Mail [REDACTED]"]


def test_what_was_scrubbed_is_not_changed_again(old_rows, clock):
    run(clock)
    assert rescrubbing.look() == {}
    assert run(clock) == {}


def test_an_interrupted_run_goes_on(old_rows, clock):
    first = next(iter(rescrubbing.run(now=clock())))
    assert first + run(clock) == EXPECTED


def test_each_project_s_audit_counts_what_changed_in_it(old_rows, clock, project):
    run(clock)
    entries = [
        (row.action, row.actor, row.detail) for row in audit.list_page(project.id, limit=9).rows
    ]
    assert ("project.scrubbed", None, {"feedback": 1}) in entries
    assert ("project.scrubbed", None, {"events": 1}) in entries
    newest, *_ = audit.list_page(old_rows["other"], limit=1).rows
    assert newest.detail == {"feedback": 1}


def test_a_row_that_goes_meanwhile_does_no_harm(old_rows, clock, monkeypatch):
    steps = rescrubbing.run(now=clock())
    next(steps)
    with write_transaction() as connection:
        connection.execute(Feedback.__table__.delete())
    assert "feedback" not in sum(steps, Counter())


def test_more_rows_than_a_batch_are_all_scrubbed(context, make_feedback, clock):
    count = 2 * rescrubbing._BATCH_ROWS + 1
    for number in range(count):
        make_feedback(message=f"{number}")
    with write_transaction() as connection:
        connection.execute(update(Feedback).values(message="a%40b.co"))
    assert rescrubbing.look() == {"feedback": count}
    assert run(clock) == {"feedback": count}

"""What happened is told to listeners of that app, and a listener can break nothing."""

import pytest

from app import signals
from app.database import read_transaction, single_statements, snapshot, write_transaction
from app.signals import listen

pytestmark = pytest.mark.sqlite_only("no query is made")

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl"


@pytest.fixture
def told(app):
    """`told("feedback_submitted")`: what the app tells by that signal from now on."""

    def hear(name):
        heard = []
        listen(app, getattr(signals, name), lambda **values: heard.append(values))
        return heard

    return hear


def test_feedback_and_its_copy_are_told_apart(told, post_feedback):
    heard = told("feedback_submitted")
    post_feedback("Hello")
    post_feedback("Hello")
    assert [values["is_new"] for values in heard] == [True, False]


def test_what_was_redacted_is_told_by_kind(told, post_feedback):
    heard = told("feedback_submitted")
    post_feedback(f"Write to me@example.com or you@example.com; {JWT}")
    assert heard == [{"is_new": True, "redactions": {"email": 2, "jwt": 1}}]


def test_feedback_that_is_refused_is_not_told(told, post_feedback):
    heard = told("feedback_submitted")
    assert post_feedback("Hello", path="/events/999/feedback").status_code == 404
    assert heard == []


def test_session_reports_are_told(told, client, project):
    heard = told("session_recorded")
    report = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "ok"}
    client.post("/sessions", json=report, headers={"X-Pionne-Token": project.token})
    assert heard == [{}]


def test_events_are_told_with_what_was_redacted_anywhere_in_them(told, client, project):
    heard = told("event_ingested")
    event = {
        "exception_type": "TypeError",
        "message": "for me@example.com",
        "extra": {"card": "4111 1111 1111 1111", "to": ["you@example.com"]},
    }
    client.post("/ingest", json=event, headers={"X-Pionne-Token": project.token})
    assert heard == [{"redactions": {"email": 2, "card": 1}}]


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "transaction", [read_transaction, single_statements, snapshot, write_transaction]
)
def test_transactions_are_told_with_their_seconds(told, transaction):
    heard = told("transaction_ended")
    with transaction():
        assert heard == []
    (values,) = heard
    assert values["seconds"] > 0


@pytest.mark.usefixtures("context")
def test_reads_of_a_snapshot_are_one_transaction(told):
    heard = told("transaction_ended")
    with snapshot(), read_transaction(), read_transaction():
        pass
    assert len(heard) == 1


@pytest.mark.usefixtures("context")
def test_transaction_that_fails_is_told_too(told):
    heard = told("transaction_ended")
    with pytest.raises(LookupError), write_transaction():
        raise LookupError
    assert len(heard) == 1


def test_another_apps_listener_hears_nothing(told, make_app, settings):
    heard = told("transaction_ended")
    with make_app(settings).app_context(), read_transaction():
        pass
    assert heard == []


def test_listener_that_fails_costs_no_feedback_and_is_logged(
    app, post_feedback, stored_feedback, log_lines
):
    heard = []

    def fail(**_):
        raise RuntimeError("me@example.com")

    listen(app, signals.feedback_submitted, fail)
    listen(app, signals.feedback_submitted, lambda **values: heard.append(values))
    assert post_feedback("Hello").status_code == 202
    assert len(stored_feedback()) == len(heard) == 1
    (failure,) = [line for line in log_lines if "RuntimeError" in line]
    assert "me@example.com" not in failure

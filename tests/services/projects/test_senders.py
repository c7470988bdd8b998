"""Whose token it is: remembered, and checked with everything that is stored."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import update

from app.database import write_transaction
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.models import ProjectToken
from app.services import feedback, projects, sessions
from app.services.errors import NotFound, UnknownProjectToken
from app.services.issues import events
from app.services.projects import senders
from app.services.projects.senders import Sender
from tests.fixtures.posted import ADDRESS_HASH

pytestmark = pytest.mark.usefixtures("context")

TABLES = ("feedback", "feedback_texts", "sessions", "releases", "events", "issues")


@pytest.fixture
def never_asked(monkeypatch):
    """From here on, what is not remembered fails."""

    def refuse():
        raise AssertionError("the database was asked")

    return lambda: monkeypatch.setattr(senders, "single_statements", refuse)


@pytest.fixture
def rotated_elsewhere(project, sql):
    """The sender of a token that another process has just replaced."""
    sender = senders.find(project.token)
    sql("UPDATE project_tokens SET digest = ? WHERE project_id = ?", bytes(32), project.id)
    return sender


@pytest.fixture
def send(clock, project):
    """Stores something with a token, by what it is."""

    def send_feedback(digest, *, event_id=None):
        feedback.submit(
            project.id,
            feedback.Submission(message="Hello"),
            event_id=event_id,
            token_digest=digest,
            address_hash=ADDRESS_HASH,
            now=clock(),
            duplicate_window=timedelta(minutes=10),
        )

    def send_session(digest, *, status=SessionStatus.OK):
        report = SessionReport(
            session_id=uuid.UUID(int=7).bytes,
            status=status,
            release="1.0",
            environment="production",
        )
        sessions.record(project.id, report, now=clock(), token_digest=digest)

    def send_event(digest):
        event = events.NewEvent(
            exception_type="TypeError", fingerprint=bytes(32), environment="production", content={}
        )
        events.ingest(project.id, event, now=clock(), token_digest=digest)

    return {"feedback": send_feedback, "session": send_session, "event": send_event}


def wait_until_it_is_locked_out(sent, settings):
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    url = settings.database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as watcher:
        while not watcher.execute(waiting).fetchone()[0]:
            assert not sent.done(), sent.exception() or "it was not locked out"


def counts(sql):
    return {table: sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def test_token_finds_its_project(make_project):
    made = [make_project(name) for name in ("One", "Two")]
    assert [senders.find(each.token).project_id for each in made] == [each.id for each in made]


@pytest.mark.parametrize("token", ["", "pio_live_", "pio_live_" + "0" * 40, "é" * 49])
def test_what_is_no_token_finds_nothing(project, token):
    assert senders.find(token) is None


def test_sender_is_remembered(project, never_asked):
    sender = senders.find(project.token)
    never_asked()
    assert senders.find(project.token) == sender


def test_unknown_token_is_asked_about_each_time(project, never_asked):
    unknown = "pio_live_" + "0" * 40
    assert senders.find(unknown) is None
    never_asked()
    with pytest.raises(AssertionError):
        senders.find(unknown)


def test_rotation_by_this_process_counts_at_once(project, clock):
    senders.find(project.token)
    rotated = projects.rotate_token(project.id, actor=None, now=clock())
    assert senders.find(project.token) is None
    assert senders.find(rotated.token).project_id == project.id


def test_no_more_are_remembered_than_fit(make_project, monkeypatch, never_asked):
    monkeypatch.setattr(senders, "MAX_REMEMBERED", 2)
    first, second, third = (make_project(name) for name in "abc")
    for each in (first, second, third):
        senders.find(each.token)
    never_asked()
    assert senders.find(third.token).project_id == third.id
    with pytest.raises(AssertionError):
        senders.find(first.token)


def test_a_sender_keeps_its_digest_out_of_what_is_printed(project):
    assert "digest" not in repr(senders.find(project.token))


@pytest.mark.parametrize("kind", ["feedback", "session", "event"])
def test_good_token_stores(send, project, kind, sql):
    send[kind](senders.find(project.token).token_digest)
    assert any(counts(sql).values())


@pytest.mark.parametrize("kind", ["feedback", "session", "event"])
def test_token_that_was_rotated_elsewhere_stores_nothing(send, rotated_elsewhere, kind, sql):
    with pytest.raises(UnknownProjectToken):
        send[kind](rotated_elsewhere.token_digest)
    assert not any(counts(sql).values())


def test_token_of_another_project_stores_nothing(send, make_project, sql):
    other = senders.find(make_project("Other").token)
    with pytest.raises(UnknownProjectToken):
        send["feedback"](other.token_digest)
    assert not any(counts(sql).values())


@pytest.mark.parametrize("kind", ["feedback", "session", "event"])
def test_token_that_stored_nothing_is_asked_about_again(send, rotated_elsewhere, project, kind):
    with pytest.raises(UnknownProjectToken):
        send[kind](rotated_elsewhere.token_digest)
    assert senders.find(project.token) is None


def test_rotated_token_is_not_told_that_its_feedback_is_there_already(send, project, sql):
    sender = senders.find(project.token)
    send["feedback"](sender.token_digest)
    sql("UPDATE project_tokens SET digest = ? WHERE project_id = ?", bytes(32), project.id)
    with pytest.raises(UnknownProjectToken):
        send["feedback"](sender.token_digest)


def test_rotated_token_ends_no_session(send, project, sql):
    sender = senders.find(project.token)
    send["session"](sender.token_digest)
    sql("UPDATE project_tokens SET digest = ? WHERE project_id = ?", bytes(32), project.id)
    with pytest.raises(UnknownProjectToken):
        send["session"](sender.token_digest, status=SessionStatus.CRASHED)
    assert sql("SELECT status FROM sessions") == [("ok",)]


def test_rotated_token_tells_nothing_about_an_event(send, rotated_elsewhere, make_event):
    event = make_event()
    with pytest.raises(UnknownProjectToken):
        send["feedback"](rotated_elsewhere.token_digest, event_id=event.id)


def test_sender_of_a_project_that_is_gone_stores_nothing(send, rotated_elsewhere, project, sql):
    sql("DELETE FROM projects WHERE id = ?", project.id)
    for store in send.values():
        with pytest.raises(UnknownProjectToken):
            store(rotated_elsewhere.token_digest)


def test_without_a_token_an_unknown_project_is_not_found(clock, project):
    with pytest.raises(NotFound):
        feedback.submit(
            project.id + 1,
            feedback.Submission(message="Hello"),
            address_hash=ADDRESS_HASH,
            now=clock(),
            duplicate_window=timedelta(minutes=10),
        )


def test_sender_is_known_while_its_token_holds(project):
    assert senders.is_known(senders.find(project.token))


def test_sender_whose_token_was_rotated_elsewhere_is_known_no_more(rotated_elsewhere, project):
    assert not senders.is_known(rotated_elsewhere)
    assert senders.find(project.token) is None


def test_senders_are_equal_by_what_they_are():
    assert Sender(1, b"x") == Sender(1, b"x") != Sender(1, b"y")


@pytest.mark.postgresql_only("SQLite has one writer at a time")
@pytest.mark.parametrize("kind", ["feedback", "session", "event"])
def test_what_is_sent_while_the_token_is_being_rotated_waits_and_is_refused(
    app, send, project, kind, sql, settings
):
    digest = senders.find(project.token).token_digest

    def store():
        with app.app_context():
            send[kind](digest)

    with ThreadPoolExecutor(1) as pool:
        with write_transaction() as connection:
            connection.execute(update(ProjectToken).values(digest=bytes(32)))
            sent = pool.submit(store)
            wait_until_it_is_locked_out(sent, settings)
        assert isinstance(sent.exception(), UnknownProjectToken)
    assert not any(counts(sql).values())

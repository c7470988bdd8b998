"""A project's bytes of a day: past them events are counted and kept without content."""

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.database import read_transaction
from app.database.write_group import DatabaseBusy
from app.extensions import db
from app.models import Event, EventDay, Issue
from app.services.errors import BundleMismatch
from app.services.issues import event_bytes, events
from app.services.issues.event_bytes import DayKey, EventBytes, size_of
from tests.statements import note_all

pytestmark = pytest.mark.usefixtures("context")

CONTENT = {"stack": ["at pay (cart.js:10:3)"], "extra": {"note": "\u00fc\U0001f600\x01"}}
SIZE = size_of(json.dumps(CONTENT), "Ouch")


@pytest.fixture
def settings(settings):
    """Room for three of these events a day."""
    return replace(settings, event_bytes_per_day=3 * SIZE)


@pytest.fixture
def kept(app):
    return app.extensions["event_bytes"]


@pytest.fixture
def send(clock, project):
    def ingest(project_id=project.id, *, app_id=None, message="Ouch", content=CONTENT):
        event = events.NewEvent(
            exception_type="TypeError",
            fingerprint=bytes(32),
            environment="production",
            message=message,
            app_id=app_id,
            content=content,
        )
        return events.ingest(project_id, event, now=clock())

    return ingest


def stored(project_id=1):
    """Whether each event has its content, oldest first."""
    query = select(Event.message, Event.content).order_by(Event.id)
    with read_transaction() as connection:
        found = connection.execute(query.where(Event.project_id == project_id)).all()
    for message, content in found:
        assert (message, content) in (
            ("Ouch", CONTENT),
            (None, {"_meta": {"not_kept": "over_quota"}}),
        )
    return [message is not None for message, _ in found]


def days():
    columns = (EventDay.project_id, EventDay.day, EventDay.content_bytes)
    with read_transaction() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def lost(app):
    return sum(each.quantity for each in app.extensions["losses"].take().values())


def test_what_fits_is_kept_to_the_byte_and_the_rest_is_counted(app, send):
    for _ in range(5):
        send()

    assert stored() == [True, True, True, False, False]
    with read_transaction() as connection:
        found = connection.execute(select(Issue.events_count, Issue.message)).one()
    assert tuple(found) == (5, "Ouch")
    assert lost(app) == 2


def test_the_next_day_has_its_own_bytes(send, clock):
    for _ in range(4):
        send()
    clock.advance(days=1)
    send()

    assert stored() == [True, True, True, False, True]


def test_another_project_has_its_own_bytes(send, make_project):
    other = make_project("Other")
    for _ in range(4):
        send()
    send(other.id)

    assert stored(other.id) == [True]


def test_what_was_refused_uses_up_nothing(send):
    send(app_id="com.acme.app")
    for _ in range(9):
        with pytest.raises(BundleMismatch):
            send(app_id="com.acme.beta")
    for _ in range(3):
        send(app_id="com.acme.app")

    assert stored() == [True, True, True, False]


def test_0_is_no_bound(app, settings, send):
    app.config["PIONNE"] = replace(settings, event_bytes_per_day=0)
    for _ in range(5):
        send()

    assert stored() == [True] * 5


def test_size_is_that_of_what_the_database_stores(send, database_rows, database_name):
    send()
    text = "content::text" if database_name == "postgresql" else "content"
    (written,) = database_rows(f"SELECT {text} FROM events")[0]

    assert len(written.encode()) == len(json.dumps(CONTENT)) == SIZE - len("Ouch")


def test_nothing_more_is_asked_of_the_database_for_an_event(app, settings, send, monkeypatch):
    app.config["PIONNE"] = replace(settings, event_bytes_per_day=1000 * SIZE)
    send()
    statements = []
    note_all(db.engine, statements, monkeypatch)
    send()

    assert statements
    assert not any("event_days" in statement for statement in statements)


def test_days_are_written_later_and_added_up(send, kept, clock, project):
    for _ in range(2):
        send()
        kept.flush()
    clock.advance(days=1)
    send()
    kept.flush()

    first, second = clock().date().replace(day=7), clock().date()
    assert days() == [(project.id, first, 2 * SIZE), (project.id, second, SIZE)]


def test_what_other_processes_kept_counts_as_soon_as_it_is_known(app, send, kept, project, clock):
    other = EventBytes(app)
    other.add(DayKey(project.id, clock().date()), 2 * SIZE)
    other.flush()
    send()
    kept.flush()
    send()

    assert stored() == [True, False]
    other.writer.stop()


def test_a_process_that_has_kept_a_hundredth_asks_at_once(send, kept):
    """So a process that has just begun keeps little of what does not fit."""
    send()

    kept.writer.finish()  # would wait an hour

    assert [row[-1] for row in days()] == [SIZE]


def test_what_could_not_be_written_waits(send, kept, monkeypatch, project, clock):
    key = DayKey(project.id, clock().date())
    with monkeypatch.context() as patch:
        patch.setattr(event_bytes, "write", fail)
        kept.add(key, 7)
        with pytest.raises(DatabaseBusy):
            kept.flush()
        assert kept.total(key) == 7
    kept.add(key, 1)
    kept.flush()

    assert [row[-1] for row in days()] == [8]
    assert kept.total(key) == 8


def fail(_work):
    raise DatabaseBusy


def test_days_that_are_over_are_forgotten(kept, project, clock):
    for _ in range(3):
        kept.add(DayKey(project.id, clock().date()), 1)
        kept.flush()
        clock.advance(days=1)

    assert len(kept._written) == 1


def test_threads_exceed_it_by_no_more_than_an_event_each(app, send):
    def send_some():
        with app.app_context():
            for _ in range(5):
                send()

    threads = [threading.Thread(target=send_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 3 <= sum(stored()) <= 3 + len(threads)
    assert len(stored()) == 20

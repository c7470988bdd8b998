"""So many issues may be new in a project in a day; events past that are counted in `other`."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.database import read_transaction
from app.models import Event, Issue, Loss
from app.services import issues

MOST = 3


@pytest.fixture
def settings(settings):
    return replace(settings, new_issues_per_day=MOST, event_bytes_per_day=10_000)


@pytest.fixture
def issues_of(project):
    """How many events each issue has, by its type."""

    def read(project_id=project.id):
        query = select(Issue.exception_type, Issue.events_count).where(
            Issue.project_id == project_id
        )
        with read_transaction() as connection:
            return sorted(tuple(row) for row in connection.execute(query))

    return read


@pytest.fixture
def lost(app):
    def read():
        app.extensions["losses"].flush()
        query = select(Loss.kind, Loss.reason, Loss.quantity).order_by(Loss.reason)
        with read_transaction() as connection:
            return [tuple(row) for row in connection.execute(query)]

    return read


def test_events_past_the_allowance_are_counted_in_one_issue_and_as_losses(ingest, issues_of, lost):
    stored = [ingest(f"bug {n}", exception_type=f"Error {n}") for n in range(MOST + 4)]
    expected = [(f"Error {n}", 1) for n in range(MOST)]
    assert issues_of() == [*expected, ("other", 4)]
    assert len({each.issue_id for each in stored[MOST:]}) == 1
    assert lost() == [("event", "too_many_issues", 4)]


def test_events_in_other_keep_what_they_told(ingest):
    for n in range(MOST + 1):
        stored = ingest(f"bug {n}", exception_type=f"Error {n}", message=f"Ouch {n}")
    with read_transaction() as connection:
        query = select(Event.exception_type, Event.message).where(Event.id == stored.id)
        assert tuple(connection.execute(query).one()) == (f"Error {MOST}", f"Ouch {MOST}")


def test_events_of_known_issues_are_not_bound_by_it(ingest, issues_of, lost):
    for n in range(MOST):
        ingest(f"bug {n}")
    for n in range(MOST):
        ingest(f"bug {n}")
    assert issues_of() == [("TypeError", 2)] * MOST
    assert lost() == []


def test_a_deleted_issue_does_not_give_its_place_back(ingest, issues_of, project, clock):
    first = ingest("bug 0")
    for n in range(1, MOST):
        ingest(f"bug {n}")
    issues.remove(project.id, first.issue_id, actor=None, now=clock())
    ingest("bug 0")
    assert ("other", 1) in issues_of()


def test_the_next_day_has_an_allowance_of_its_own(ingest, issues_of, clock):
    for n in range(MOST + 1):
        ingest(f"bug {n}")
    clock.advance(days=1)
    ingest(f"bug {MOST}")
    assert issues_of() == [*[("TypeError", 1)] * (MOST + 1), ("other", 1)]


def test_another_project_has_an_allowance_of_its_own(ingest, issues_of, make_project):
    for n in range(MOST + 1):
        ingest(f"bug {n}")
    other = make_project("Another").id
    ingest("bug", project_id=other)
    assert issues_of(other) == [("TypeError", 1)]


def test_many_at_once_make_no_more_issues_than_may_be_new(app, ingest, issues_of):
    start = threading.Barrier(8)

    def send(number):
        with app.app_context():
            start.wait()
            ingest(f"bug {number}")

    threads = [threading.Thread(target=send, args=(n,)) for n in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert issues_of() == [*[("TypeError", 1)] * MOST, ("other", 8 - MOST)]


def test_past_the_days_bytes_no_issue_gets_a_message(ingest, clock):
    ingest("known", message="Ouch")
    ingest("full", message="x" * 20_000)
    ingest("known", message="y" * 20_000)
    with read_transaction() as connection:
        query = select(Issue.message).order_by(Issue.id)
        assert list(connection.execute(query).scalars()) == ["Ouch", None]

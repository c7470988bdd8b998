"""On PostgreSQL an event of a known issue is one statement, and stores what the long way stores.

The tests of both ways are those of events; here the two are compared. SQLite has one way only.
"""

import pytest
from sqlalchemy import select, update

from app.database import read_transaction, write_transaction
from app.domain.issue_status import EventLevel, IssueStatus
from app.domain.received_event import ReceivedEvent
from app.extensions import db
from app.models import Event, Issue, IssueRelease, Project
from app.services import issues
from app.services.errors import BundleMismatch
from app.services.issues import events
from app.services.issues.new_event import clean
from tests.statements import note_all

pytestmark = pytest.mark.usefixtures("context")

STACK = ["at pay (cart.js:10:3)", "at onPress (cart.js:2:1)"]
OF_EVENTS = [each for each in Event.__table__.c if each.name not in ("id", "project_id")]
OF_ISSUES = [each for each in Issue.__table__.c if each.name not in ("id", "project_id")]


@pytest.fixture
def send(clock):
    """Sends events of one bug to a project, and moves the clock."""

    def ingest(project, **fields):
        told = {"exception_type": "TypeError", "message": "Ouch", "stack": STACK, "release": "1.0"}
        clock.advance(seconds=7)
        return events.ingest(project.id, clean(ReceivedEvent(**told | fields)), now=clock())

    return ingest


@pytest.fixture
def stored():
    """All that is kept of a project's events, but for ids."""

    def rows(project):
        with read_transaction() as connection:
            of_releases = select(IssueRelease.release, IssueRelease.events_count)
            return [
                [
                    row[1:] if hides_id else tuple(row)
                    for row in connection.execute(query.where(model.project_id == project.id))
                ]
                for query, model, hides_id in (
                    (select(*OF_EVENTS).order_by(Event.id), Event, True),
                    (select(*OF_ISSUES).order_by(Issue.id), Issue, False),
                    (of_releases.order_by(IssueRelease.release), IssueRelease, False),
                )
            ]

    return rows


def story(send, project, clock):
    """What may be told of one bug, one event after the other."""
    first = send(project)
    send(project, message=None, level=EventLevel.FATAL)
    send(project, message="Ouch \u00fc\U0001f600", release=None, platform="web", environment="qa")
    issues.set_status(
        project.id, first.issue_id, status=IssueStatus.RESOLVED, actor=None, now=clock()
    )
    send(project, tags={"plan": "pro"})
    clock.advance(days=-1)
    send(project, release="2.0")
    send(project, release="2.0", app_id="com.acme.app")
    send(project, release="2.0", app_id="com.acme.app")
    with pytest.raises(BundleMismatch):
        send(project, app_id="com.acme.other")
    with write_transaction() as connection:
        connection.execute(
            update(Project).where(Project.id == project.id).values(bundle_pinning=False)
        )
    send(project, app_id="com.acme.other")


def test_both_ways_store_the_same(send, stored, make_project, clock, monkeypatch):
    now, quick, slow = clock(), make_project("Quick"), make_project("Slow")
    story(send, quick, clock)
    clock.advance(seconds=(now - clock()).total_seconds())
    monkeypatch.setattr(events, "_store_known", lambda *_: None)
    story(send, slow, clock)

    assert stored(quick)[0]
    assert stored(quick) == stored(slow)


def test_an_event_of_which_all_is_known_is_one_statement(send, project, database_name, monkeypatch):
    send(project)
    sent = []
    note_all(db.engine, sent, monkeypatch)
    send(project)

    assert len(sent) == (1 if database_name == "postgresql" else 5)

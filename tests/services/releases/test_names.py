"""So many names may be new in a project in a day; what is past that is counted under `other`."""

import dataclasses
import threading
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import select

from app.database import read_transaction
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.extensions import db
from app.models import Loss, Release
from app.services import issues, sessions
from app.services.releases import overview as release_overview
from tests.statements import note_all

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture(autouse=True)
def small_allowance(app):
    """Three releases and two environments a day."""
    app.config["PIONNE"] = dataclasses.replace(
        app.config["PIONNE"], new_releases_per_day=3, new_environments_per_day=2
    )


@pytest.fixture
def lost(app):
    """How many sessions and events were counted as losses."""

    def count():
        app.extensions["losses"].flush()
        with read_transaction() as connection:
            rows = connection.execute(select(Loss.kind, Loss.reason, Loss.quantity)).all()
        assert {row.reason for row in rows} <= {"too_many_names"}
        return Counter({row.kind: row.quantity for row in rows})

    return count


def names_in(project_id, environment=""):
    of_scope = (Release.project_id == project_id) & (Release.environment == environment)
    with read_transaction() as connection:
        found = connection.execute(select(Release.name).where(of_scope).order_by(Release.id))
        return list(found.scalars())


class TestSessions:
    def test_past_the_allowance_are_counted_in_other_and_as_losses(self, record, health, lost):
        for number in range(5):
            record("crashed", release=f"1.{number}", user="ann")
        totals = {name: row.sessions_total for name, row in health().items()}
        assert totals == {"1.0": 1, "1.1": 1, "1.2": 1, "other": 2}
        assert health()["other"].users_crashed == 1
        assert lost() == {"session": 2}

    def test_of_known_names_are_not_bound_by_it(self, record, health, lost):
        for number in (0, 1, 2, 0, 1, 2, 2):
            record(release=f"1.{number}")
        assert health()["1.2"].sessions_total == 3
        assert lost() == {}

    def test_of_a_new_day_may_bring_new_names(self, record, health, clock):
        for number in range(4):
            record(release=f"1.{number}")
        clock.advance(days=1)
        for number in range(3, 7):
            record(release=f"1.{number}")
        assert set(health(days=1)) == {"other", "1.5", "1.4", "1.3"}

    def test_of_another_project_are_counted_for_themselves(self, record, health, make_project):
        for number in range(4):
            record(release=f"1.{number}")
        another = make_project("Another")
        record(release="9.0", project_id=another.id)
        assert list(health(project_id=another.id)) == ["9.0"]

    def test_without_a_release_use_nothing_up_and_are_never_other(self, record, health):
        for number in range(3):
            record(release=f"1.{number}")
        record(release="unknown")
        record(release="1.3")
        assert list(health()) == ["other", "unknown", "1.2", "1.1", "1.0"]

    def test_of_too_many_environments_are_in_other(self, record, health, lost, project):
        for name in ("production", "a", "b", "c", "d"):
            record(environment=name)
        environments = release_overview.environments_of(project.id)
        assert sorted(environments) == ["a", "b", "other", "production"]
        assert health(environment="other")["1.0"].sessions_total == 2
        assert lost() == {"session": 2}

    def test_are_found_in_other_by_their_later_reports(self, record, health, lost, differences):
        for number in range(5):
            record("ok", number=number, release=f"1.{number}", user="ann")
        record("crashed", number=4, release="1.4", user="ann")
        record("crashed", number=4, release="1.4", user="ann")
        assert (health()["other"].sessions_total, health()["other"].sessions_crashed) == (2, 1)
        assert lost() == {"session": 2}
        assert differences() == []

    def test_are_found_in_other_also_when_their_release_is_known_by_then(
        self, record, health, clock, differences
    ):
        for number in range(4):
            record("ok", number=number, release=f"1.{number}", user="ann")
        clock.advance(days=1)
        record("ok", release="1.3", user="bob")
        record("crashed", number=3, release="1.3", user="ann")
        assert health()["other"].sessions_crashed == 1
        assert (health()["1.3"].sessions_total, health()["1.3"].sessions_crashed) == (1, 0)
        assert differences() == []

    def test_in_other_are_found_by_a_native_crash_of_their_version(
        self, record, report_crash, health, clock, differences
    ):
        for number in range(3):
            record(release=f"1.{number}", user="bob")
        record(release="com.acme@1.7.0+5", user="ann")
        record(release="1.8.0", app_version="1.8.0", user="ann")
        clock.advance(hours=1)
        report_crash(version="1.7.0", running="1.0", user="ann", at=clock())
        assert health()["other"].sessions_crashed == 1
        report_crash(version="1.8.0", running="1.0", user="ann", at=clock())
        assert health()["other"].sessions_crashed == 2
        assert differences() == []


class TestEvents:
    def test_past_the_allowance_are_counted_in_other_and_keep_what_they_told(
        self, ingest, project, lost
    ):
        for number in range(4):
            stored = ingest(release=f"1.{number}")
        [row] = issues.list_page(project.id, limit=9).rows
        assert (row.events_count, row.releases) == (4, ["1.0", "1.1", "1.2", "other"])
        event_row = issues.read_event(project.id, stored.id)
        assert event_row.release == "other"
        assert event_row.content["_meta"] == {"other": {"release": "1.3"}}
        assert lost() == {"event": 1}

    def test_of_too_many_environments_are_in_other(self, ingest, project, lost):
        for name in ("a", "b", "c", "a"):
            stored = ingest(environment=name, release=None)
        assert issues.read_event(project.id, stored.id).environment == "a"
        assert issues.read_event(project.id, stored.id - 1).environment == "other"
        assert lost() == {"event": 1}

    def test_and_sessions_share_their_names(self, ingest, record, health, lost):
        for number in range(3):
            ingest(release=f"1.{number}")
        record(release="1.2")
        record(release="1.3")
        assert list(health()) == ["other", "1.2"]
        assert lost() == {"session": 1}

    def test_of_a_known_name_ask_for_no_allowance(self, ingest, monkeypatch):
        ingest("a", release="1.0")
        sent = []
        note_all(db.engine, sent, monkeypatch)
        ingest("a", release="1.0")
        assert sent
        assert [sql for sql in sent if "new_names" in sql] == []


def test_number_of_new_names_is_exact_however_many_are_new_at_once(app, project, clock, health):
    """Half of them come twice, by another thread."""
    failures = []

    def send(first):
        with app.app_context():
            try:
                for number in range(first, first + 6):
                    report = SessionReport(
                        session_id=UUID(int=first * 100 + number).bytes,
                        status=SessionStatus.OK,
                        release=f"1.{number}",
                        environment=f"e{number}",
                    )
                    sessions.record(project.id, report, now=clock())
            except Exception as error:  # for the thread that waits
                failures.append(error)

    threads = [threading.Thread(target=send, args=(first,)) for first in range(0, 24, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    names = names_in(project.id)
    assert len(names) == 4
    assert "other" in names
    assert len(release_overview.environments_of(project.id)) == 3
    assert sum(row.sessions_total for row in health().values()) == 48

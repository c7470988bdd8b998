"""A native crash ends the session in which it happened: the user's newest begun before it."""

import uuid
from datetime import timedelta

import pytest

from app.domain.issue_status import IssueStatus
from app.services import issues
from app.services.errors import BundleMismatch
from app.services.sessions import native_crashes


@pytest.fixture
def statuses(sql):
    """Of the sessions with a number below 1000, by number."""

    def read():
        rows = sql("SELECT session_id, status FROM sessions")
        numbers = {uuid.UUID(bytes=bytes(session_id)).int: status for session_id, status in rows}
        return {number: numbers[number] for number in sorted(numbers) if number < 1000}

    return read


@pytest.fixture
def three_sessions(record, clock):
    """Ann's, an hour apart, of 1.0; the moment between the second and the third."""
    between = None
    for number in (1, 2, 3):
        record(number=number, user="ann")
        clock.advance(minutes=30)
        between = clock() if number == 2 else between
        clock.advance(minutes=30)
    return between


def test_newest_session_begun_before_it_becomes_crashed(
    three_sessions, report_crash, statuses, health, differences
):
    report_crash(at=three_sessions)
    assert statuses() == {1: "ok", 2: "crashed", 3: "ok"}
    assert (health()["1.0"].sessions_crashed, health()["1.0"].users_crashed) == (1, 1)
    assert differences() == []


def test_same_event_again_charges_no_other_session(
    three_sessions, report_crash, statuses, differences
):
    for _ in range(3):
        report_crash(at=three_sessions)
    assert statuses() == {1: "ok", 2: "crashed", 3: "ok"}
    assert differences() == []


@pytest.mark.parametrize("status", ["exited", "errored", "abnormal"])
def test_session_that_ended_otherwise_crashed_all_the_same(
    three_sessions, record, report_crash, statuses, differences, status
):
    record(status, number=2, user="ann")
    report_crash(at=three_sessions)
    assert statuses()[2] == "crashed"
    assert differences() == []


def test_crash_is_counted_on_the_day_of_its_session(
    record, clock, report_crash, health, sql, differences
):
    record(number=1, user="ann")
    crashed_at = clock.advance(minutes=1)
    clock.advance(days=3)
    report_crash(at=crashed_at)
    rows = sql("SELECT day, crashed FROM release_days JOIN releases ON id = release_id")
    assert set(rows) == {("2026-05-07", 1)}
    assert differences() == []


def test_session_ends_when_it_crashed(record, clock, report_crash, sql, database):
    record(number=1, user="ann")
    crashed_at = clock.advance(minutes=1)
    clock.advance(days=3)
    report_crash(at=crashed_at)
    ended_at = database.moment("2026-05-07 17:26:00")
    assert sql("SELECT count(*) FROM sessions WHERE ended_at = ?", ended_at) == [(1,)]


@pytest.mark.parametrize(
    "session",
    [
        {"user": "bob"},
        {"user": None},
        {"release": "1.1"},
        {"release": "app@1.0+1", "app_version": "1.1"},  # its version tells, where it has one
        {"release": "1.1", "app_version": "app@1.1+1.0"},
    ],
    ids=str,
)
def test_session_of_somebody_else_or_another_version_is_not_charged(
    record, clock, report_crash, statuses, session
):
    record(number=1, **{"user": "ann", **session})
    report_crash(at=clock.advance(minutes=1))
    assert statuses() == {1: "ok"}


@pytest.mark.parametrize(
    "session",
    [
        {"release": "1.0"},
        {"release": "1.0", "app_version": "1.0"},
        {"release": "app@1.0+1", "app_version": "1.0"},
        {"release": "build 7f3a", "app_version": "1.0"},
        {"release": "1.0", "app_version": "7"},
        {"release": "app@1.0+1"},
        {"release": "app@1.0"},
        {"release": "1.0+1"},
        {"release": "v1.0"},
        {"release": "build 7f3a", "app_version": "v1.0"},
        {"release": "build 7f3a", "app_version": "app@V1.0+1"},
    ],
    ids=str,
)
def test_version_is_that_of_the_sessions_release_or_app(
    record, clock, report_crash, statuses, sql, session
):
    record(number=1, user="ann", **session)
    report_crash(at=clock.advance(minutes=1))
    assert statuses() == {1: "crashed"}
    assert sql("SELECT release FROM events") == [(session["release"],)]
    assert sql("SELECT release, events_count FROM issue_releases") == [(session["release"], 1)]


@pytest.mark.parametrize(
    ("crashed", "session", "is_charged"),
    [
        ("com.acme.app@1.4.1+33", {"release": "build 7f3a", "app_version": "1.4.1"}, True),
        ("v1.4.1", {"release": "1.4.1", "app_version": "1.4.1"}, True),
        ("1.4.1+33", {"release": "com.acme.app@1.4.1+33"}, True),
        ("1.4.1+33", {"release": "com.acme.app@1.4.1+34"}, False),
        ("1.4.1+33", {"release": "com.acme.app@1.4.1+34", "app_version": "1.4.1"}, False),
        ("com.acme.app@1.4.1", {"release": "com.acme.tablet@1.4.1"}, False),
        ("1.4.1", {"release": "1.4.10"}, False),
        ("1.4.1", {"release": "1.4.1-beta"}, False),
        ("1.4.1-beta", {"release": "app@1.4.1-BETA"}, False),
        ("1_4", {"release": "app@1.4", "app_version": "104"}, False),
        ("%", {"release": "app@1.4", "app_version": "1.4"}, False),
    ],
    ids=str,
)
def test_version_that_crashed_may_be_named_in_any_form(
    record, clock, report_crash, statuses, crashed, session, is_charged
):
    record(number=1, user="ann", **session)
    report_crash(version=crashed, at=clock.advance(minutes=1))
    assert statuses() == {1: "crashed" if is_charged else "ok"}


@pytest.mark.parametrize(
    ("running", "charged"), [("com.acme.app@2.0", 1), ("com.acme.tablet@2.0+7", 2), ("2.0", 2)]
)
def test_package_of_a_version_without_one_is_that_of_the_app_that_reports(
    record, clock, report_crash, statuses, running, charged
):
    """A phone's app and a tablet's, with the same versions and the same person."""
    for number, package in ((1, "com.acme.app"), (2, "com.acme.tablet")):
        record(number=number, user="ann", release=f"{package}@1.0+1", app_version="1.0")
        clock.advance(minutes=1)
    report_crash(running=running, at=clock())
    assert statuses()[charged] == "crashed"
    assert list(statuses().values()).count("crashed") == 1


def test_newest_session_is_charged_whichever_names_it_has(record, clock, report_crash, statuses):
    names = [{"release": "1.0"}, {"release": "app@1.0+1"}, {"release": "x", "app_version": "v1.0"}]
    for number, named in enumerate([*names, *names, {"release": "1.0-beta"}]):
        record(number=number, user="ann", **named)
        clock.advance(minutes=1)
    report_crash(at=clock())
    assert [number for number, status in statuses().items() if status == "crashed"] == [5]


def test_of_two_builds_of_the_version_the_newest_session_tells_which(
    record, clock, report_crash, statuses, sql
):
    for number in (1, 2):
        record(number=number, user="ann", release=f"app@1.0+{number}", app_version="1.0")
        clock.advance(hours=1)
    report_crash(at=clock())
    assert statuses() == {1: "ok", 2: "crashed"}
    assert sql("SELECT release FROM events") == [("app@1.0+2",)]


@pytest.mark.parametrize("user", ["ann", "nobody we know", None])
def test_without_a_session_the_event_is_stored_under_the_version_that_crashed(
    record, clock, report_crash, sql, user
):
    record(number=1, user="ann", release="2.0")
    report_crash(user=user, at=clock.advance(minutes=1))
    assert sql("SELECT release FROM events") == [("1.0",)]
    assert sql("SELECT release, events_count FROM issue_releases") == [("1.0", 1)]


def test_event_without_any_release_keeps_none(record, clock, ingest, report_crash, statuses, sql):
    """The sessions of such an app are those of `unknown`."""
    record(number=1, user="ann", release="unknown")
    report_crash(version="unknown", running=None, at=clock.advance(minutes=1))
    assert statuses() == {1: "crashed"}


class TestEnvironment:
    @pytest.fixture(autouse=True)
    def sessions_of_two(self, record, clock):
        record(number=1, user="ann", environment="production")
        clock.advance(minutes=1)
        record(number=2, user="ann", environment="staging")
        clock.advance(minutes=1)

    def test_that_the_event_names_is_the_sessions(self, clock, report_crash, statuses):
        report_crash(at=clock(), environment="production")
        assert statuses() == {1: "crashed", 2: "ok"}

    def test_may_be_any_where_the_event_names_none(self, clock, report_crash, statuses):
        report_crash(at=clock())
        assert statuses() == {1: "ok", 2: "crashed"}


class TestTime:
    def test_before_all_sessions_charges_none(self, clock, record, report_crash, statuses):
        record(number=1, user="ann")
        report_crash(at=clock() - timedelta(microseconds=1))
        assert statuses() == {1: "ok"}

    def test_in_whole_seconds_is_any_time_of_that_second(
        self, clock, record, report_crash, statuses
    ):
        clock.advance(milliseconds=900)
        record(number=1, user="ann")
        clock.advance(minutes=1)
        report_crash(at=clock() - timedelta(minutes=1, milliseconds=900))
        assert statuses() == {1: "crashed"}

    @pytest.mark.parametrize("at", [None, timedelta(seconds=1), timedelta(days=400)], ids=str)
    def test_that_is_missing_or_to_come_is_when_it_is_told(
        self, clock, three_sessions, report_crash, statuses, at
    ):
        report_crash(at=at and clock() + at)
        assert statuses() == {1: "ok", 2: "ok", 3: "crashed"}

    def test_that_is_missing_does_not_charge_the_run_that_reports(
        self, clock, record, report_crash, statuses
    ):
        """It is of the same version, and opened its session just now."""
        record(number=1, user="ann")
        clock.advance(hours=1)
        record(number=2, user="ann")
        clock.advance(seconds=2)
        report_crash(running="1.0")
        assert statuses() == {1: "crashed", 2: "ok"}

    def test_of_a_session_long_gone_charges_none(
        self, clock, record, report_crash, statuses, purge, differences
    ):
        record(number=1, user="ann")
        crashed_at = clock.advance(minutes=1)
        clock.advance(days=200)
        record(number=2, user="bob")
        assert purge()["sessions"] == 1
        report_crash(at=crashed_at)
        assert statuses() == {2: "ok"}
        assert differences() == []


class TestAllOrNothing:
    def test_refused_event_charges_nothing(self, clock, record, ingest, report_crash, statuses):
        ingest("a", app_id="com.acme.app")
        record(number=1, user="ann")
        with pytest.raises(BundleMismatch):
            report_crash(at=clock.advance(minutes=1), app_id="com.other")
        assert statuses() == {1: "ok"}

    def test_event_is_not_stored_where_the_session_cannot_be(
        self, clock, record, report_crash, statuses, sql, monkeypatch
    ):
        """As when the process dies in between: both are one transaction."""

        def die(*_):
            raise KeyboardInterrupt

        record(number=1, user="ann")
        charge = native_crashes.charge
        monkeypatch.setattr(native_crashes, "charge", lambda *args: (charge(*args), die()))
        with pytest.raises(KeyboardInterrupt):
            report_crash(at=clock.advance(minutes=1))
        assert statuses() == {1: "ok"}
        assert sql("SELECT count(*) FROM events") == sql("SELECT count(*) FROM issues") == [(0,)]

    def test_session_that_is_deleted_meanwhile_does_not_cost_the_event(
        self, clock, record, report_crash, sql, monkeypatch
    ):
        record(number=1, user="ann")
        find = native_crashes.find

        def find_and_delete(*args, **kwargs):
            found = find(*args, **kwargs)
            sql("DELETE FROM sessions")
            return found

        monkeypatch.setattr(native_crashes, "find", find_and_delete)
        report_crash(at=clock.advance(minutes=1))
        assert sql("SELECT count(*) FROM sessions") == [(0,)]
        assert (
            sql("SELECT count(*) FROM events") == sql("SELECT events_count FROM issues") == [(1,)]
        )

    def test_release_that_is_renamed_meanwhile_is_charged_under_its_new_name(
        self, clock, record, report_crash, statuses, sql, differences, monkeypatch
    ):
        record(number=1, user="ann")
        find = native_crashes.find

        def find_and_rename(*args, **kwargs):
            found = find(*args, **kwargs)
            sql("UPDATE releases SET name = '[REDACTED] 1'")
            return found

        monkeypatch.setattr(native_crashes, "find", find_and_rename)
        report_crash(at=clock.advance(minutes=1))
        assert statuses() == {1: "crashed"}
        of_sessions = "SELECT name FROM releases JOIN sessions ON release_id = releases.id"
        assert sql(of_sessions) == [("[REDACTED] 1",)]
        assert differences() == []


def test_sessions_of_the_same_user_in_another_project_hide_nothing(
    record, clock, report_crash, statuses, make_project, monkeypatch
):
    """Whoever has a token of one project could otherwise make the figures of another lie."""
    monkeypatch.setattr(native_crashes, "_LOOKED_AT_SESSIONS", 2)
    record(number=1, user="ann")
    other = make_project("Another").id
    for number in range(5):
        record(user="ann", release=f"{number}.7", project_id=other)
    report_crash(at=clock.advance(minutes=1))
    assert statuses()[1] == "crashed"


class TestErasedUser:
    def test_session_without_its_user_is_charged_no_more(
        self, clock, record, report_crash, statuses, project, sql, differences
    ):
        record(number=1, user="ann")
        sql("UPDATE sessions SET user_key = ?", bytes(16))
        sql("UPDATE release_users SET user_key = ?", bytes(16))
        report_crash(at=clock.advance(minutes=1))
        assert statuses() == {1: "ok"}
        assert differences() == []


class TestResolvedIssue:
    @pytest.fixture
    def resolve(self, ingest, project, clock):
        """The id of the bug's issue, resolved now."""

        def run():
            issue_id = ingest("a").issue_id
            issues.set_status(
                project.id, issue_id, status=IssueStatus.RESOLVED, actor=None, now=clock()
            )
            return issue_id

        return run

    @pytest.fixture
    def status(self, project):
        return lambda issue_id: issues.read_row(project.id, issue_id).status

    def test_stays_resolved_for_a_crash_of_before(self, resolve, report_crash, status, clock):
        crashed_at = clock()
        clock.advance(hours=1)
        issue_id = resolve()
        clock.advance(days=1)
        assert report_crash(at=crashed_at).issue_id == issue_id
        assert status(issue_id) == "resolved"

    @pytest.mark.parametrize("is_timeless", [True, False])
    def test_opens_for_a_crash_of_after_or_of_an_unknown_time(
        self, resolve, report_crash, status, clock, is_timeless
    ):
        issue_id = resolve()
        crashed_at = clock.advance(milliseconds=1)
        clock.advance(days=1)
        report_crash(at=None if is_timeless else crashed_at)
        assert status(issue_id) == "open"

    def test_stays_resolved_for_a_late_crash_of_a_version_in_which_it_was_seen_before(
        self, resolve, report_crash, status, clock
    ):
        report_crash(at=clock())
        clock.advance(hours=1)
        issue_id = resolve()
        clock.advance(days=1)
        assert report_crash(at=clock()).issue_id == issue_id
        assert status(issue_id) == "resolved"

    @pytest.mark.parametrize(
        ("before", "status_then"), [("app@1.0+1", "resolved"), ("1.0-beta", "open")]
    )
    def test_stays_resolved_whichever_name_that_version_had(
        self, resolve, report_crash, ingest, status, clock, before, status_then
    ):
        ingest("a", release=before)
        issue_id = resolve()
        clock.advance(days=1)
        report_crash(at=clock(), user=None)
        assert status(issue_id) == status_then

    def test_opens_though_another_bug_was_seen_in_that_version(
        self, resolve, report_crash, ingest, status, clock
    ):
        ingest("b", release="1.0")
        issue_id = resolve()
        clock.advance(days=1)
        report_crash(at=clock(), user=None)
        assert status(issue_id) == "open"

    def test_opens_for_a_crash_of_the_version_that_runs(self, resolve, report_crash, status, clock):
        report_crash(at=clock(), running="1.0")
        clock.advance(hours=1)
        issue_id = resolve()
        clock.advance(days=1)
        report_crash(at=clock(), running="1.0")
        assert status(issue_id) == "open"

    def test_opens_for_what_happens_now_after_a_crash_of_before(
        self, resolve, report_crash, ingest, status, clock
    ):
        crashed_at = clock()
        clock.advance(hours=1)
        issue_id = resolve()
        report_crash(at=crashed_at)
        ingest("a")
        assert status(issue_id) == "open"

    def test_counts_from_when_it_was_last_resolved(
        self, resolve, report_crash, ingest, status, clock
    ):
        resolve()
        crashed_at = clock.advance(hours=1)
        ingest("a")
        clock.advance(hours=1)
        issue_id = resolve()
        report_crash(at=crashed_at)
        assert status(issue_id) == "resolved"

    def test_that_was_resolved_twice_was_resolved_the_first_time(
        self, resolve, report_crash, status, project, clock
    ):
        issue_id = resolve()
        crashed_at = clock.advance(hours=1)
        clock.advance(hours=1)
        issues.set_status(
            project.id, issue_id, status=IssueStatus.RESOLVED, actor=None, now=clock()
        )
        report_crash(at=crashed_at)
        assert status(issue_id) == "open"

    @pytest.mark.parametrize("other", [IssueStatus.OPEN, IssueStatus.IGNORED])
    def test_of_another_status_keeps_it(self, ingest, report_crash, status, project, clock, other):
        issue_id = ingest("a").issue_id
        issues.set_status(project.id, issue_id, status=other, actor=None, now=clock())
        report_crash(at=clock.advance(hours=1))
        assert status(issue_id) == other

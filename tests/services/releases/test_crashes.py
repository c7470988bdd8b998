"""The crashes of a day, from what apps sent: which session has which event, and why others not."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.crashes import NEAR, NoEvent, NoSession, TiedBy
from app.domain.issue_status import EventLevel
from app.services import issues
from app.services.instance import kept_figures, retention
from app.services.people import erasure
from app.services.releases import crash_rows, crashes

ANN = {"user_id_anon": "ann"}


@pytest.fixture
def fatal(ingest):
    """An event of a user who crashed, at the clock's time."""

    def store(user="ann", *, release="1.0", **told):
        content = {"user_id_anon": user, **told}
        return ingest(level=EventLevel.FATAL, release=release, content=content).id

    return store


@pytest.fixture
def of_day(context, project, clock):
    def read(day=None, *, release="1.0", project_id=project.id):
        return crashes.of_day(project_id, release, day, now=clock())

    return read


@pytest.fixture
def verified():
    return lambda: list(kept_figures.verify())


def reasons(found):
    return [tie.reason for tie in found.ties]


def test_a_session_and_the_event_of_its_user_are_one_crash(record, fatal, of_day, clock):
    record("ok", number=1, user="ann")
    clock.advance(minutes=20)
    record("errored", number=1, user="ann")
    clock.advance(minutes=20)
    record("crashed", number=1, user="ann")
    clock.advance(seconds=3)
    event_id = fatal()
    [tie] = of_day().ties
    assert (tie.session.uuid.int, tie.event.id, tie.tied_by) == (1, event_id, TiedBy.USER)


@pytest.mark.parametrize("place", ["tags", "extra"])
def test_an_event_may_name_its_session(record, fatal, of_day, place):
    record("crashed", number=7, user="bob")
    fatal(user=None, **{place: {"session_id": "00000000-0000-0000-0000-000000000007"}})
    assert [tie.tied_by for tie in of_day().ties] == [TiedBy.ID]


@pytest.mark.parametrize("told", ["not an id", "00000000-0000-0000-0000-000000000009", 7, None])
def test_what_names_no_session_of_the_project_is_told_by_its_user(record, fatal, of_day, told):
    record("crashed", number=7, user="ann")
    fatal(tags={"session_id": told})
    assert [tie.tied_by for tie in of_day().ties] == [TiedBy.USER]


def test_an_event_that_names_a_session_which_did_not_crash_says_so(record, fatal, of_day):
    record("exited", number=7, user="ann")
    fatal(tags={"session_id": "00000000-0000-0000-0000-000000000007"})
    assert reasons(of_day()) == [NoSession.NOT_CRASHED]


def test_what_is_no_crash_is_not_listed(record, ingest, of_day):
    record("errored", user="ann")
    ingest(release="1.0", content=ANN)
    assert of_day().ties == []


@pytest.mark.parametrize("level", EventLevel)
@pytest.mark.parametrize("hours_ago", [None, 0, 30, 24 * 40])
def test_a_native_crash_is_tied_on_the_day_on_which_it_crashed(
    record, report_crash, of_day, clock, level, hours_ago
):
    record("exited", user="ann", app_version="1.0")
    crashed_at = clock.advance(minutes=5)
    clock.advance(hours=hours_ago or 0)
    at = None if hours_ago is None else crashed_at
    report_crash(user="ann", at=at, level=level, content=ANN)
    [tie] = of_day((at or clock()).date()).ties
    assert tie.tied_by is TiedBy.USER


def test_a_native_crash_that_is_told_to_come_is_of_when_it_was_told(
    record, report_crash, of_day, clock
):
    record("exited", user="ann", app_version="1.0")
    clock.advance(minutes=5)
    report_crash(user="ann", at=clock() + timedelta(days=3), content=ANN)
    assert [tie.tied_by for tie in of_day(clock().date()).ties] == [TiedBy.USER]


def test_a_crash_that_is_told_by_the_app_and_by_the_system_is_one(
    record, fatal, report_crash, of_day, clock
):
    record("crashed", user="ann", app_version="1.0")
    fatal()
    crashed_at = clock()
    clock.advance(minutes=30)
    report_crash(user="ann", at=crashed_at, content=ANN, level=EventLevel.FATAL)
    assert sorted(map(str, reasons(of_day()))) == ["None", "told_twice"]


def test_environments_of_a_release_are_read_together_and_other_releases_are_not(
    record, fatal, of_day
):
    record("crashed", user="ann", environment="staging")
    record("crashed", user="bob", environment="production")
    record("crashed", user="kim", release="2.0")
    fatal("kim", release="2.0")
    assert reasons(of_day()) == [NoEvent.NONE_OF_USER, NoEvent.NONE_OF_USER]


def test_events_without_a_release_are_of_the_unknown_one(record, fatal, of_day):
    record("crashed", user="ann", release="unknown")
    record("crashed", user="bob", release="unknown")
    fatal("ann", release=None)
    fatal("bob", release="unknown")
    assert of_day(release="unknown").tied == 2


def test_another_projects_crashes_are_not_read(record, fatal, of_day, make_project):
    record("crashed", user="ann", project_id=make_project().id)
    fatal()
    assert reasons(of_day()) == [NoSession.NONE_OF_USER]


def test_an_event_is_listed_with_the_issue_that_shows_it(ingest, of_day, project, clock):
    first = ingest("a").issue_id
    second = ingest("b", level=EventLevel.FATAL, release="1.0", content=ANN).issue_id
    issues.merge(project.id, first, [second], actor=None, now=clock())
    assert [tie.event.issue_id for tie in of_day().ties] == [first]


def test_days_with_crashes_are_found_in_both_directions(record, fatal, of_day, clock):
    days = []
    for _ in range(3):
        days.append(clock().date())
        record("crashed", user="ann")
        clock.advance(days=5)
    days.append(clock().date())
    fatal("bob")
    assert of_day().day == days[3]
    middle = of_day(days[1])
    assert (middle.older_day, middle.newer_day) == (days[0], days[2])
    between = of_day(days[1] + timedelta(days=1))
    assert (between.older_day, between.newer_day, between.ties) == (days[1], days[2], [])
    assert (of_day(days[0]).older_day, of_day(days[3]).newer_day) == (None, None)


@pytest.mark.parametrize("name", ["never heard of", "with a \0", ""])
def test_a_release_that_nobody_knows_has_no_crash(project, of_day, clock, name):
    found = of_day(release=name)
    assert (found.day, found.ties, found.older_day) == (clock().date(), [], None)


class TestWhatIsGone:
    @pytest.fixture
    def on_top(self, monkeypatch):
        """Retention as an operator set it."""

        def keep(app, **days):
            changed = replace(app.config["PIONNE"], **days)
            monkeypatch.setitem(app.config, "PIONNE", changed)
            return changed

        return keep

    def test_a_person_who_was_erased_leaves_sessions_without_an_event(
        self, record, fatal, of_day, clock, verified, project
    ):
        record("crashed", user="ann@example.com")
        fatal("bob", tags={"mail": "ann@example.com"})
        erasure.erase_from_project(project.id, "ann@example.com", actor="me", now=clock())
        assert reasons(of_day()) == [NoEvent.ERASED]
        assert verified() == []

    @pytest.mark.parametrize("told", ["[REDACTED]", "[EMAIL]", "[PHONE]", "shop [CARD]"])
    def test_a_users_id_of_which_something_was_taken_out_is_nobodys(
        self, record, fatal, of_day, told
    ):
        """By us, or by the SDK, which leaves it in its sessions."""
        record("crashed", user=told)
        fatal(told)
        assert sorted(reasons(of_day())) == [NoSession.HIDDEN_USER, NoEvent.NONE_OF_USER]

    def test_events_that_age_first_leave_sessions_that_say_so(
        self, app, record, fatal, of_day, clock, on_top, verified
    ):
        day = clock().date()
        record("crashed", user="ann")
        fatal()
        kept = on_top(app, event_retention_days=5)
        clock.advance(days=6)
        run_retention(kept, clock())
        assert reasons(of_day(day)) == [NoEvent.EVENTS_GONE]
        assert verified() == []

    def test_sessions_that_age_first_leave_events_that_say_so(
        self, app, record, fatal, of_day, clock, on_top, verified
    ):
        day = clock().date()
        record("crashed", user="ann")
        fatal()
        kept = on_top(app, session_retention_days=5)
        clock.advance(days=6)
        run_retention(kept, clock())
        assert reasons(of_day(day)) == [NoSession.SESSIONS_GONE]
        assert verified() == []


def run_retention(kept, now):
    for each in retention.plan(kept, now=now):
        list(each.run())


class TestBounds:
    def test_of_a_day_with_too_many_the_first_ones_are_tied_and_it_says_so(
        self, record, fatal, of_day, clock, monkeypatch, verified
    ):
        monkeypatch.setattr(crash_rows, "MOST_OF_A_DAY", 3)
        for number in range(5):
            record("crashed", user=f"user {number}")
            fatal(f"user {number}")
            last = clock()
            clock.advance(minutes=30)
            if number == 2:
                until = last
        found = of_day()
        assert (found.looked_until, found.tied, len(found.ties)) == (until, 3, 3)
        assert verified() == []

    def test_the_other_side_is_read_no_further(self, record, fatal, of_day, clock, monkeypatch):
        """Or its crashes would look as if they were alone."""
        monkeypatch.setattr(crash_rows, "MOST_OF_A_DAY", 3)
        for number in range(5):
            record("crashed", user=f"user {number}")
            if number != 1:
                fatal(f"user {number}")
            clock.advance(minutes=30)
        assert [tie.reason for tie in of_day().ties] == [None, NoEvent.NONE_OF_USER, None]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("UPDATE sessions SET ended_at = NULL", "crashes of sessions: kept 1, listed 0"),
        ("UPDATE sessions SET status = 'exited'", None),
    ],
)
def test_verify_tells_of_a_crash_that_no_day_lists(record, sql, verified, spoil, told):
    record("crashed", user="ann")
    assert verified() == []
    sql(spoil)
    assert any(told in line for line in verified()) if told else "listed" not in str(verified())


users = st.sampled_from([None, "ann", "bob"])
happened = st.lists(
    st.tuples(st.just("session"), users, st.sampled_from(["crashed", "exited"]))
    | st.tuples(st.just("event"), users, st.none() | st.integers(1, 6))
    | st.tuples(st.just("wait"), st.sampled_from([1, 4, 9, 11, 600]), st.none()),
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=happened)
def test_all_days_together_list_each_crash_once_and_tie_what_a_plain_matching_ties(
    make_project, record, ingest, of_day, clock, verified, history
):
    project_id = make_project().id
    first = clock.advance(days=3)
    # Short before a midnight, so that many a history goes over it.
    first = clock.advance(seconds=(86_100 - first.timestamp() % 86_400) % 86_400)
    sessions, events = {}, {}
    for kind, what, more in history:
        if kind == "wait":
            clock.advance(minutes=what)
        elif kind == "session":
            number = project_id * 100 + len(sessions) + 1
            record(more, number=number, user=what, project_id=project_id)
            sessions[number] = (what, clock(), more)
        else:
            named = more and project_id * 100 + more
            content = {"user_id_anon": what}
            if named:
                content["tags"] = {"session_id": f"{named:032x}"}
            stored = ingest(
                level=EventLevel.FATAL, release="1.0", content=content, project_id=project_id
            )
            events[stored.id] = (what, clock(), named)
    # A name counts once it is that of a session, which may come after the event.
    events = {
        each: (user, at, named if named in sessions else None)
        for each, (user, at, named) in events.items()
    }
    ties, day = [], first.date() - timedelta(days=1)
    while day <= clock().date() + timedelta(days=1):
        ties += of_day(day, project_id=project_id).ties
        day += timedelta(days=1)
    crashed = [number for number, (_, _, status) in sessions.items() if status == "crashed"]
    assert Counter(tie.session.uuid.int for tie in ties if tie.session) == Counter(crashed)
    assert Counter(tie.event.id for tie in ties if tie.event) == Counter(list(events))
    assert verified() == []
    tied = {(tie.session.uuid.int, tie.event.id) for tie in ties if tie.tied_by}
    assert tied == plainly_tied(
        {
            number: (user, at)
            for number, (user, at, status) in sessions.items()
            if number in crashed
        },
        events,
    )


def plainly_tied(sessions, events):
    """Loops in loops: within each day, then over each midnight, by name and then by user."""
    tied = {}

    def tie_all(among):
        of_time = sorted(among(sessions), key=lambda each: (sessions[each][1], each))
        told = sorted(among(events), key=lambda each: (events[each][1], each))
        for event in told:
            named = events[event][2]
            if named in of_time and named not in tied and event not in tied.values():
                tied[named] = event
        for number in of_time:
            user, at = sessions[number]
            for event in told:
                whose, when, named = events[event]
                is_free = number not in tied and event not in tied.values()
                if is_free and user and (whose, named) == (user, None) and abs(at - when) <= NEAR:
                    tied[number] = event

    days = {each[1].date() for each in (*sessions.values(), *events.values())}
    for day in days:
        tie_all(lambda all_of: [each for each in all_of if all_of[each][1].date() == day])
    for day in days:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        tie_all(lambda all_of: [each for each in all_of if abs(all_of[each][1] - midnight) <= NEAR])
    return set(tied.items())

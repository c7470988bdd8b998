"""The ledger adds up after all that can happen, in any order, purges and odd clocks included."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.session_status import SessionStatus
from app.services.instance import retention

RETENTION_DAYS = 5
RUNNING = "2.0"


@dataclass(frozen=True)
class Version:
    """What is meant, and the ways to write it."""

    number: str
    package: str | None = None
    build: str | None = None
    v: str = ""

    def __str__(self):
        package = f"{self.package}@" if self.package else ""
        return package + self.v + self.number + (f"+{self.build}" if self.build else "")

    def is_told_by(self, other):
        """Whether the other has its number, and tells of no other package or build."""
        return (
            self.number == other.number
            and len({self.package, other.package} - {None}) < 2
            and len({self.build, other.build} - {None}) < 2
        )


versions = st.builds(
    Version,
    number=st.sampled_from(["1.0", "2.0", "1.0-beta", "11.0", "1.01"]),
    package=st.sampled_from([None, None, "app", "com.acme.app"]),
    build=st.sampled_from([None, None, "1", "2"]),
    v=st.sampled_from(["", "", "v"]),
)
PLAIN = [Version("1.0"), Version("2.0")]
# The release, and the app's version; a release that is no version is a name of its own.
names = st.one_of(
    st.tuples(st.sampled_from(PLAIN), st.none()),
    st.tuples(versions, st.none()),
    st.tuples(st.none(), versions),
)

reported = st.tuples(
    st.just("report"),
    st.fixed_dictionaries(
        {
            "number": st.integers(0, 15),
            "status": st.sampled_from(SessionStatus),
            "names": names,
            "environment": st.sampled_from(["production", "staging"]),
            "user": st.sampled_from([None, "ann", "bob"]),
        }
    ),
)
raised = st.tuples(
    st.just("raise"),
    st.fixed_dictionaries(
        {
            "number": st.integers(0, 15),
            "status": st.sampled_from(SessionStatus),
            "environment": st.sampled_from(["production", "staging"]),
            "release": st.sampled_from(["1.0", "2.0"]),
            "user": st.sampled_from([None, "ann", "bob"]),
            "errors": st.integers(0, 2),
            "has_unhandled": st.booleans(),
            "hours_ago": st.none() | st.integers(0, 200),
        }
    ),
)
summed = st.tuples(
    st.just("sum"),
    st.fixed_dictionaries(
        {
            "environment": st.sampled_from(["production", "staging"]),
            "release": st.sampled_from(["1.0", "2.0"]),
            "user": st.sampled_from([None, "ann", "bob"]),
            "exited": st.integers(0, 2),
            "errored": st.integers(0, 2),
            "crashed": st.integers(0, 1),
        }
    ),
)
time_passed = st.tuples(st.just("wait"), st.integers(1, 100))
# A host whose clock is behind the others'.
clock_behind = st.tuples(st.just("wait"), st.integers(-20, -1))
purged = st.tuples(st.just("purge"), st.none())
purge_interrupted = st.tuples(st.just("purge some"), st.integers(1, 3))
crashed_natively = st.tuples(
    st.just("native crash"),
    st.fixed_dictionaries(
        {
            "version": st.sampled_from(PLAIN) | versions,
            "environment": st.sampled_from([None, "production", "staging"]),
            "user": st.sampled_from([None, "ann", "bob"]),
            # Now, or some hours ago; None: it told no time.
            "hours_ago": st.none() | st.integers(0, 60),
        }
    ),
)
anything = st.lists(
    reported
    | reported
    | raised
    | raised
    | summed
    | crashed_natively
    | time_passed
    | clock_behind
    | purged
    | purge_interrupted,
    max_size=30,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=anything)
def test_ledger_adds_up_after_any_history(
    make_project,
    record,
    raise_,
    record_sum,
    report_crash,
    clock,
    settings,
    differences,
    history,
):
    project_id = make_project().id
    short = replace(settings, session_retention_days=RETENTION_DAYS)
    for kind, detail in history:
        if kind == "report":
            _record(record, project_id, **detail)
        elif kind == "raise":
            _raise(raise_, clock, project_id, **detail)
        elif kind == "sum":
            record_sum(project_id=project_id, **detail)
        elif kind == "wait":
            clock.advance(hours=detail)
        elif kind == "native crash":
            _report_crash(report_crash, clock, project_id, **detail)
        else:
            batches = (batch for each in retention.plan(short, now=clock()) for batch in each.run())
            for _ in zip(range(detail or 1000), batches):
                pass
        assert differences() == [], (kind, detail)


def _record(record, project_id, *, number, names, **detail):
    release, app_version = names
    record(
        number=project_id * 100 + number,
        project_id=project_id,
        release=str(release or "build 7f3a"),
        app_version=app_version and str(app_version),
        **detail,
    )


def _raise(raise_, clock, project_id, *, number, hours_ago, **detail):
    """The same sessions as `_record` reports, in the other dialect."""
    started = None if hours_ago is None else clock() - timedelta(hours=hours_ago)
    number += project_id * 100
    raise_(number=number, project_id=project_id, started=started, **detail)


def _report_crash(report_crash, clock, project_id, *, hours_ago, version, **detail):
    at = None if hours_ago is None else clock() - timedelta(hours=hours_ago)
    version = str(version)
    return report_crash(at=at, project_id=project_id, running=RUNNING, version=version, **detail)


@dataclass
class Modelled:
    """A session as it ought to be."""

    number: int
    begun: datetime
    status: str
    names: tuple[Version | None, Version | None]
    environment: str
    user: str | None

    def may_be_of(self, crash, before):
        return (
            self.user is not None
            and self.user == crash["user"]
            and crash["version"].is_told_by(self.names[0] or self.names[1])
            and crash["environment"] in (None, self.environment)
            and self.begun <= before
        )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    history=st.lists(reported | reported | crashed_natively | time_passed, max_size=30),
    repeats=st.integers(1, 2),
)
def test_each_session_has_the_worst_that_was_told_of_it_and_each_crash_has_one(
    make_project, record, report_crash, clock, sql, health, history, repeats
):
    """Whatever the order, and however often each crash is told."""
    project_id, model = make_project().id, {}
    for kind, detail in history:
        if kind == "report":
            _record(record, project_id, **detail)
            number = project_id * 100 + detail["number"]
            known = model.setdefault(
                number, Modelled(begun=clock(), **{**detail, "number": number})
            )
            if detail["status"].outranks(SessionStatus(known.status)):
                known.status = detail["status"]
        elif kind == "wait":
            clock.advance(hours=detail)
        else:
            for _ in range(repeats):
                _report_crash(report_crash, clock, project_id, **detail)
            before = clock() - timedelta(hours=detail["hours_ago"] or 0)
            if detail["hours_ago"] is None and detail["version"].number == RUNNING:
                before -= timedelta(minutes=1)  # the run that reports it has just begun
            theirs = [each for each in model.values() if each.may_be_of(detail, before)]
            if theirs:
                newest = max(each.begun for each in theirs)
                # Of those that began at one moment, the one that was stored last.
                [*_, crashed] = [each for each in theirs if each.begun == newest]
                crashed.status = "crashed"
    stored = sql("SELECT session_id, status FROM sessions WHERE project_id = ?", project_id)
    assert {uuid.UUID(bytes=bytes(each)).int: status for each, status in stored} == {
        number: each.status for number, each in model.items()
    }
    counted = {name: row.sessions_crashed for name, row in health(project_id=project_id).items()}
    window = clock().date() - timedelta(days=13)
    assert sum(counted.values()) == sum(
        each.status == "crashed" and each.begun.date() >= window for each in model.values()
    )


@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
def test_crash_of_a_purged_users_remaining_session_is_counted(
    record, clock, settings, differences, late
):
    short = replace(settings, session_retention_days=RETENTION_DAYS)
    record("ok", user="ann")
    clock.advance(days=RETENTION_DAYS)
    record("ok", number=1, user="ann")
    clock.advance(days=1)
    for each in retention.plan(short, now=clock()):
        list(each.run())
    clock.advance(days=3 if late else 0)
    record("crashed", number=1)
    assert differences() == []


def test_session_that_is_reported_again_after_its_purge_is_a_new_one(
    record, clock, settings, health, differences
):
    record("ok", number=1, user="ann")
    clock.advance(days=RETENTION_DAYS + 1)
    for each in retention.plan(
        replace(settings, session_retention_days=RETENTION_DAYS), now=clock()
    ):
        list(each.run())
    record("crashed", number=1, user="ann")
    assert (health()["1.0"].sessions_total, differences()) == (1, [])


def test_horizon_does_not_go_back_when_more_is_kept_than_before(
    record, clock, settings, sql, differences
):
    for days in (10, 10):
        record(user="ann")
        clock.advance(days=days)
    for kept_days in (5, 90):
        for each in retention.plan(
            replace(settings, session_retention_days=kept_days), now=clock()
        ):
            list(each.run())
    assert sql("SELECT day FROM retention_horizons") == [
        (str((clock() - timedelta(days=5)).date()),)
    ]
    assert differences() == []

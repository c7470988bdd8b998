"""The slices of a release equal a plain count over its sessions, whatever happened in any order."""

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.release_health import Window
from app.domain.release_slices import SliceBy
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.services import sessions
from app.services.releases import slices

TODAY = datetime(2026, 5, 7, tzinfo=UTC)
SEVERITY = list(SessionStatus)
SYSTEMS = [None, "Android", "iOS", "other", "", *(f"Linux {number}" for number in range(30))]

reports = st.lists(
    st.fixed_dictionaries(
        {
            "session": st.integers(0, 60),
            "status": st.sampled_from(SEVERITY),
            "release": st.sampled_from(["1.0", "2.0"]),
            "environment": st.sampled_from(["production", "staging"]),
            "os_name": st.sampled_from(SYSTEMS),
            "app_version": st.sampled_from([None, "1.0", "1.0.1"]),
            "user": st.sampled_from([None, "ann", "bob", "eve"]),
            "hours_later": st.integers(0, 30),
        }
    ),
    max_size=80,
)


def stored(history):
    """What is kept of each session: as it was opened, at its worst, on its first day."""
    kept = {}
    at = TODAY - timedelta(days=25)
    for report in history:
        at += timedelta(hours=report["hours_later"])
        first = kept.setdefault(report["session"], {**report, "day": at.date()})
        first["status"] = max(first["status"], report["status"], key=SEVERITY.index)
        yield report, at, kept


def figures(counted):
    crashed = [each for each in counted if each["status"] is SessionStatus.CRASHED]
    errored = [each for each in counted if each["status"] is SessionStatus.ERRORED]
    return (
        len(counted),
        len(crashed),
        len(errored),
        len({each["user"] for each in counted} - {None}),
        len({each["user"] for each in crashed} - {None}),
    )


def told(each):
    return (
        each.sessions_total,
        each.sessions_crashed,
        each.sessions_errored,
        each.users_total,
        each.users_crashed,
    )


@pytest.mark.usefixtures("context")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    history=reports,
    days=st.integers(1, 20),
    environment=st.sampled_from([None, "staging"]),
    by=st.sampled_from(list(SliceBy)),
)
def test_slices_equal_a_plain_count_over_any_history(make_project, history, days, environment, by):
    project_id, at, kept = make_project().id, TODAY, {}
    for report, at, kept in stored(history):
        sessions.record(
            project_id,
            SessionReport(
                session_id=uuid.UUID(int=project_id * 1000 + report["session"]).bytes,
                user_key=user_key(report["user"]) if report["user"] else None,
                **{
                    name: report[name]
                    for name in ("status", "release", "environment", "os_name", "app_version")
                },
            ),
            now=at,
        )

    window = Window(today=at.date(), days=days, environment=environment)
    page, sliced = slices.list_page(project_id, window, by, limit=100)

    own = {row.release: [] for row in page.rows}
    for each in kept.values():
        if each["day"] >= window.first_day and environment in (None, each["environment"]):
            own[each["release"]].append(each)
    assert sliced.keys() == own.keys()
    for release, counted in own.items():
        listed, other = sliced[release].slices, sliced[release].other
        by_value = {
            value: figures([each for each in counted if each[by] == value])
            for value in {each[by] for each in counted}
        }
        assert {each.value: told(each) for each in listed} == {
            each.value: by_value[each.value] for each in listed
        }
        left = [each for each in counted if each[by] not in {one.value for one in listed}]
        assert (len(listed), other is None) == (min(len(by_value), 20), not left)
        if other is not None:
            assert told(other) == figures(left)
            assert other.values == len(by_value) - 20
            least = min(each.sessions_total for each in listed)
            assert least >= max(Counter(each[by] for each in left).values())

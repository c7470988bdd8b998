"""The kept figures equal a plain count over the sessions, whatever happened in any order."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.release_health import Window
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.services import sessions
from app.services.releases import health as release_health
from app.services.sessions import ledger as session_ledger

TODAY = datetime(2026, 5, 7, tzinfo=UTC)
SEVERITY = list(SessionStatus)

reports = st.lists(
    st.fixed_dictionaries(
        {
            "session": st.integers(0, 12),
            "status": st.sampled_from(SEVERITY),
            "release": st.sampled_from(["1.0", "2.0"]),
            "environment": st.sampled_from(["production", "staging"]),
            "user": st.sampled_from([None, "ann", "bob", "eve"]),
            "hours_later": st.integers(0, 60),
        }
    ),
    max_size=40,
)


@dataclass
class PlainHistory:
    """The same figures, kept the slow and obvious way."""

    sessions: dict[int, dict] = field(default_factory=dict)

    def record(self, report: dict, at: datetime) -> None:
        first = self.sessions.setdefault(report["session"], {**report, "day": at.date()})
        worst = max(first["status"], report["status"], key=SEVERITY.index)
        first["status"] = worst

    def rows(self, window: Window) -> dict[str, dict]:
        counted = [
            session
            for session in self.sessions.values()
            if session["day"] >= window.first_day
            and window.environment in (None, session["environment"])
        ]
        rows = {}
        for release in {session["release"] for session in counted}:
            own = [session for session in counted if session["release"] == release]
            crashed = [each for each in own if each["status"] is SessionStatus.CRASHED]
            rows[release] = {
                "sessions_total": len(own),
                "sessions_crashed": len(crashed),
                "users_total": len({each["user"] for each in own} - {None}),
                "users_crashed": len({each["user"] for each in crashed} - {None}),
            }
        return rows


def as_report(report: dict, project_id: int) -> SessionReport:
    return SessionReport(
        session_id=uuid.UUID(int=project_id * 1000 + report["session"]).bytes,
        status=report["status"],
        release=report["release"],
        environment=report["environment"],
        user_key=user_key(report["user"]) if report["user"] else None,
    )


@pytest.mark.usefixtures("context")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=reports, days=st.integers(1, 20), environment=st.sampled_from([None, "staging"]))
def test_the_report_equals_a_plain_count_over_any_history(make_project, history, days, environment):
    project_id = make_project().id
    plain = PlainHistory()
    at = TODAY - timedelta(days=25)
    for report in history:
        at += timedelta(hours=report["hours_later"])
        sessions.record(project_id, as_report(report, project_id), now=at)
        plain.record(report, at)

    window = Window(today=at.date(), days=days, environment=environment)
    rows = release_health.list_page(project_id, window, limit=100).rows

    expected = plain.rows(window)
    assert {
        row.release: {name: getattr(row, name) for name in expected[row.release]} for row in rows
    } == expected
    assert list(session_ledger.verify()) == []

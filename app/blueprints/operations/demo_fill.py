"""Stores the demo's story through the services that real data goes through, in order of time.

Ids and the audit rise with time in a real project, so they must here: all but the sessions is
stored step by step, as it happened.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import click

from app.blueprints.operations.demo_plan import (
    PlannedSession,
    Remark,
    Strike,
    plan_remarks,
    plan_sessions,
)
from app.blueprints.operations.demo_story import (
    COLLEAGUES,
    DATE_ERROR,
    DEMO_DAYS,
    PAY_CRASH,
    PLATFORM,
    TIMEOUT,
    Bug,
)
from app.domain.feedback_status import FeedbackStatus
from app.domain.grouping.fingerprint import grounds
from app.domain.issue_status import IssueStatus
from app.domain.releases import DEFAULT_ENVIRONMENT
from app.domain.times import wire_time
from app.services import feedback, issues, sessions
from app.services.feedback import triage
from app.services.issues import events
from app.services.issues.events import StoredEvent
from app.services.issues.new_event import NewEvent

# So many reports that a server beside it is kept from writing for some tenths of a second.
_REPORTS_AT_ONCE = 500
# What the colleagues did about each bug, and how many days ago.
_DECISIONS = (
    (PAY_CRASH, IssueStatus.RESOLVED, 4.6),
    (DATE_ERROR, IssueStatus.RESOLVED, 9.5),  # and it came back
    (TIMEOUT, IssueStatus.IGNORED, 8.2),
)
_SECONDS_BEFORE_A_STRIKE = 7

_Step = tuple[datetime, int, Callable[[datetime], None]]


class DemoStory:
    """One project being filled; `newest_feedback_id` is there afterwards."""

    def __init__(self, project_id: int, *, now: datetime) -> None:
        self.newest_feedback_id = 0
        self._project_id = project_id
        self._now = now
        # The same story for the same project, on every machine.
        self._chance = random.Random(project_id)
        self._stored: dict[Strike, StoredEvent] = {}
        self._issues: dict[str, int] = {}

    def fill(self) -> None:
        planned, strikes = plan_sessions(self._chance, now=self._now)
        self._fill_sessions(planned)
        remarks = plan_remarks(strikes, self._chance, now=self._now)
        steps = self._steps(strikes, remarks)
        with click.progressbar(steps, label="Crashes and feedback") as progress:
            for at, _, do in progress:
                do(at)

    def _fill_sessions(self, planned: list[PlannedSession]) -> None:
        reports = [(each.opened, each.started_at) for each in planned]
        reports += [(each.ended, each.ended_at) for each in planned]
        reports.sort(key=lambda report: report[1])
        starts = range(0, len(reports), _REPORTS_AT_ONCE)
        with click.progressbar(starts, label="Sessions            ") as progress:
            for start in progress:
                sessions.record_past(self._project_id, reports[start : start + _REPORTS_AT_ONCE])

    def _steps(self, strikes: list[Strike], remarks: list[Remark]) -> list[_Step]:
        moments: list[tuple[datetime, Callable[[datetime], None]]] = []
        moments += [(each.at, self._striking(each)) for each in strikes]
        for bug, status, days_ago in _DECISIONS:
            moments.append((self._now - timedelta(days=days_ago), self._deciding(bug, status)))
        for remark in remarks:
            box: list[int] = []
            moments.append((remark.at, self._hearing(remark, box)))
            answer, handled_at = self._answer(remark)
            if answer is not FeedbackStatus.OPEN:
                moments.append((handled_at, self._triaging(box, answer)))
        # What happened at the same moment keeps this order.
        return sorted((at, number, do) for number, (at, do) in enumerate(moments))

    def _striking(self, strike: Strike) -> Callable[[datetime], None]:
        def do(at: datetime) -> None:
            stored = events.ingest(self._project_id, _event_of(strike, at=at), now=at)
            self._stored[strike] = stored
            self._issues[strike.bug.message] = stored.issue_id

        return do

    def _deciding(self, bug: Bug, status: IssueStatus) -> Callable[[datetime], None]:
        actor = self._chance.choice(COLLEAGUES)

        def do(at: datetime) -> None:
            if issue_id := self._issues.get(bug.message):
                issues.set_status(self._project_id, issue_id, status=status, actor=actor, now=at)

        return do

    def _hearing(self, remark: Remark, box: list[int]) -> Callable[[datetime], None]:
        address_hash = self._chance.randbytes(32)

        def do(at: datetime) -> None:
            stored = feedback.submit(
                self._project_id,
                feedback.Submission(
                    message=remark.message,
                    name=remark.name,
                    email=remark.email,
                    url=f"demoshop://{remark.place.lower().replace(' ', '-')}",
                    app_version=remark.version,
                ),
                event_id=self._stored[remark.strike].id if remark.strike else None,
                address_hash=address_hash,
                now=at,
                duplicate_window=timedelta(0),
            )
            box.append(stored.id)
            self.newest_feedback_id = stored.id

        return do

    def _triaging(self, box: list[int], status: FeedbackStatus) -> Callable[[datetime], None]:
        actor = self._chance.choice(COLLEAGUES)

        def do(at: datetime) -> None:
            triage.set_status(self._project_id, box[0], status=status, actor=actor, now=at)

        return do

    def _answer(self, remark: Remark) -> tuple[FeedbackStatus, datetime]:
        """The older, the more of it is done."""
        age = self._now - remark.at
        handled_at = remark.at + age * self._chance.uniform(0.02, 0.6)
        if self._chance.random() > age / timedelta(days=DEMO_DAYS) * 1.2:
            return FeedbackStatus.OPEN, handled_at
        done = (FeedbackStatus.HANDLED, FeedbackStatus.HANDLED, FeedbackStatus.ARCHIVED)
        return self._chance.choice(done), handled_at


def _event_of(strike: Strike, *, at: datetime) -> NewEvent:
    bug, stack = strike.bug, list(strike.bug.stack)
    breadcrumbs = [
        {
            "type": "navigation",
            "category": "navigation",
            "message": screen,
            "timestamp": wire_time(
                at - timedelta(seconds=_SECONDS_BEFORE_A_STRIKE * (len(bug.screens) - number))
            ),
        }
        for number, screen in enumerate(bug.screens)
    ]
    counted = grounds(bug.exception_type, stack=stack, message=bug.message)
    return NewEvent(
        exception_type=bug.exception_type,
        fingerprint=counted.digest(),
        grounds=counted,
        message=bug.message,
        level=bug.level,
        release=strike.version,
        environment=DEFAULT_ENVIRONMENT,
        platform=PLATFORM,
        content={
            "user_id_anon": strike.user,
            "stack": stack,
            "breadcrumbs": breadcrumbs,
            "context": {
                "app_version": strike.version,
                "device_model": bug.device,
                "os_name": bug.os_name,
                "locale": "fr-FR",
            },
            "_meta": {"cut": {}},
        },
    )

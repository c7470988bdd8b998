"""The demo's story as rows to come: which session crashed when, and who wrote about it.

Each crashed session is one fatal event, each errored one an error: of the same user and release, on
the same UTC day. Everything is decided here, from a chance that is given, and nothing is stored.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from app.blueprints.operations.demo_story import (
    BUGS,
    DEMO_DAYS,
    FEEDBACK_COUNT,
    NAMES,
    NEWEST_DAYS_AGO,
    PLACES,
    RELEASES,
    REMARKS,
    USER_COUNT,
    Bug,
    StoryRelease,
)
from app.domain.issue_status import EventLevel
from app.domain.releases import DEFAULT_ENVIRONMENT
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key

_LONGEST_SESSION = timedelta(minutes=15)
_SHARE_ABOUT_BUGS = 0.35


@dataclass(frozen=True)
class PlannedSession:
    user: str
    opened: SessionReport
    started_at: datetime
    ended: SessionReport
    ended_at: datetime


@dataclass(frozen=True, eq=False)  # two that look alike are two
class Strike:
    """A bug that happened to somebody: the event to come."""

    bug: Bug
    version: str
    user: str
    at: datetime


@dataclass(frozen=True)
class Remark:
    """Feedback to come; `strike` is what it is about."""

    message: str
    place: str
    name: str | None
    email: str | None
    version: str
    strike: Strike | None
    at: datetime


def plan_sessions(
    chance: random.Random, *, now: datetime
) -> tuple[list[PlannedSession], list[Strike]]:
    sessions: list[PlannedSession] = []
    strikes: list[Strike] = []
    for release in RELEASES:
        planned = _sessions_of(release, chance, now=now)
        for index, bug in _struck(planned, release.version, chance):
            planned[index], strike = _strike(planned[index], bug)
            strikes.append(strike)
        sessions += planned
    return sessions, sorted(strikes, key=lambda strike: strike.at)


def _sessions_of(
    release: StoryRelease, chance: random.Random, *, now: datetime
) -> list[PlannedSession]:
    users = chance.sample(range(USER_COUNT), release.users)
    again = chance.choices(users, k=release.sessions - release.users)
    return [_session(release, user, chance, now=now) for user in users + again]


def _session(
    release: StoryRelease, user: int, chance: random.Random, *, now: datetime
) -> PlannedSession:
    started_at = now - timedelta(days=chance.uniform(release.last, release.first))
    duration = chance.uniform(0.02, 1) * _LONGEST_SESSION
    user_id = f"demo user {user}"
    opened = SessionReport(
        session_id=chance.randbytes(16),
        status=SessionStatus.OK,
        release=release.version,
        environment=DEFAULT_ENVIRONMENT,
        app_version=release.version,
        os_name=("Android", "iOS")[user % 2],
        user_key=user_key(user_id),
    )
    ended = replace(
        opened, status=SessionStatus.EXITED, duration_ms=duration // timedelta(milliseconds=1)
    )
    return PlannedSession(user_id, opened, started_at, ended, started_at + duration)


def _struck(
    sessions: list[PlannedSession], version: str, chance: random.Random
) -> Iterator[tuple[int, Bug]]:
    """Which sessions meet which bug: each person meets at most one, on their own kind of phone."""
    order = chance.sample(range(len(sessions)), len(sessions))
    met: set[bytes | None] = set()
    for bug in BUGS:
        wanted = bug.counts.get(version, 0)
        for index in order:
            if not wanted:
                break
            person = sessions[index].opened.user_key
            if person not in met and sessions[index].opened.os_name == bug.os_name:
                met.add(person)
                wanted -= 1
                yield index, bug


def _strike(session: PlannedSession, bug: Bug) -> tuple[PlannedSession, Strike]:
    is_fatal = bug.level is EventLevel.FATAL
    midnight = datetime.combine(session.started_at + timedelta(days=1), time(), UTC)
    # On the day by which the session is counted.
    at = min(session.ended_at, midnight - timedelta(milliseconds=1))
    at = max(at, session.started_at)
    ended = replace(
        session.ended,
        status=SessionStatus.CRASHED if is_fatal else SessionStatus.ERRORED,
        duration_ms=(at - session.started_at) // timedelta(milliseconds=1),
    )
    strike = Strike(bug, session.opened.release, session.user, at)
    return replace(session, ended=ended, ended_at=at), strike


def plan_remarks(strikes: list[Strike], chance: random.Random, *, now: datetime) -> list[Remark]:
    about = min(round(FEEDBACK_COUNT * _SHARE_ABOUT_BUGS), len(strikes))
    remarks = [_complaint(each, chance, now=now) for each in chance.sample(strikes, about)]
    remarks += [_remark(chance, now=now) for _ in range(FEEDBACK_COUNT - about)]
    return sorted(remarks, key=lambda remark: remark.at)


def _complaint(strike: Strike, chance: random.Random, *, now: datetime) -> Remark:
    name, email = _who(chance)
    wait = min(timedelta(minutes=chance.uniform(1, 90)), (now - strike.at) / 2)
    return Remark(
        message=chance.choice(strike.bug.complaints),
        place=strike.bug.screens[-1],
        name=name,
        email=email,
        version=strike.version,
        strike=strike,
        at=strike.at + wait,
    )


def _remark(chance: random.Random, *, now: datetime) -> Remark:
    name, email = _who(chance)
    place = chance.choice(PLACES)
    days_ago = chance.uniform(NEWEST_DAYS_AGO, DEMO_DAYS)
    used = [each for each in RELEASES if each.last <= days_ago <= each.first]
    return Remark(
        message=chance.choice(REMARKS).format(place),
        place=place,
        name=name,
        email=email,
        version=chance.choices(used, [each.sessions for each in used])[0].version,
        strike=None,
        at=now - timedelta(days=days_ago),
    )


def _who(chance: random.Random) -> tuple[str | None, str | None]:
    name = chance.choice(NAMES)
    has_address = name is not None and name.isascii() and chance.random() < 0.7
    return name, f"{name.lower()}@example.com" if name and has_address else None

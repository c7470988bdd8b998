"""Finds the session in which an app crashed natively, and counts the crash there.

No SDK reports the end of such a session: the app was gone before it could, and at the next launch
it sends only an event. The session is looked for before the event's transaction, so that nobody
waits for the search; what it finds is in the past and does not change. The session itself changes
in the event's transaction (docs/decisions/0077-native-crashes.md).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    func,
    literal,
    or_,
    select,
)

from app.database import read_transaction
from app.domain.native_crash import NativeCrash
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.models import Issue, IssueRelease, Release, ReleaseDay, ReleaseUser, Session
from app.models.sessions import ALL_ENVIRONMENTS
from app.services import sessions
from app.services.sessions.sent_report import SentReport

# The app that reports a crash has just opened a session of its own. Where the crash has no time,
# sessions this new are not the one that crashed.
_LAUNCH = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
# It is looked for in so many of its user's newest releases, as names of its version are in so many
# of its issue's: how many there are is up to whoever has a token.
_LOOKED_AT_RELEASES = 1000


@dataclass(frozen=True)
class CrashedSession:
    """A session, as the report that its SDK could not send."""

    report: SessionReport
    ended_at: datetime

    @property
    def release(self) -> str:
        return self.report.release


def crash_time(crash: NativeCrash, *, now: datetime) -> datetime | None:
    """When it crashed, by the phone; None where the phone tells none, or one in the future."""
    told = crash.crashed_at
    return told if told is not None and told <= now else None


def find(project_id: int, crash: NativeCrash, *, now: datetime) -> CrashedSession | None:
    """The session that crashed: the user's newest one of that version which began before the crash.

    It may be known as crashed already. None where there is none, or where the crash names no user.
    """
    if crash.user_key is None:
        return None
    crashed_at = crash_time(crash, now=now)
    begun_by = _begun_by(crash, crashed_at, now)
    with read_transaction() as connection:
        # The days on which each of the user's releases had any session.
        rows = connection.execute(_days_of_user(project_id, crash, begun_by)).all()
        if not rows:
            return None
        places = {row.id: (row.name, row.environment) for row in rows}
        days = {row.day for row in rows}
        named = connection.execute(_newest_by_name(crash, places, days, begun_by)).all()
    found = next(
        (row for row in named if crash.happened_in(places[row.release_id][0], row.app_version)),
        None,
    )
    if found is None:
        return None
    name, environment = places[found.release_id]
    report = SessionReport(
        session_id=found.session_id,
        status=SessionStatus.CRASHED,
        release=name,
        environment=environment,
        user_key=crash.user_key,
    )
    return CrashedSession(report, ended_at=max(found.started_at, crashed_at or now))


def releases_seen(
    project_id: int, issue_id: ColumnElement[int | None], crash: NativeCrash
) -> list[str]:
    """Of the releases in which the crash's issue was seen, those of the version that crashed."""
    newest = (
        select(IssueRelease.release)
        .join(Issue, Issue.id == IssueRelease.issue_id)
        .where(Issue.project_id == project_id, Issue.id == issue_id)
        .order_by(IssueRelease.first_seen_at.desc(), IssueRelease.release.desc())
        .limit(_LOOKED_AT_RELEASES)
        .subquery()
    )
    query = select(newest.c.release).where(_may_name(newest.c.release, crash.crashed.number))
    with read_transaction() as connection:
        names = connection.execute(query).scalars().all()
    return [name for name in names if crash.happened_in(name, None)]


def charge(
    connection: Connection, project_id: int, crashed: CrashedSession, token_digest: bytes | None
) -> None:
    """Move the session to crashed, in the event's transaction.

    Raises LostRace when another transaction was first: then all is to be done again.
    """
    sent = SentReport(
        project_id=project_id,
        report=crashed.report,
        token_digest=token_digest,
        at=crashed.ended_at,
    )
    sessions.worsen(connection, sent)


def _begun_by(crash: NativeCrash, crashed_at: datetime | None, now: datetime) -> datetime:
    """The latest moment at which the session that crashed can have begun."""
    if crashed_at is None:
        return now - _LAUNCH if crash.is_of_running_version else now
    # A time in whole seconds means some moment within that second.
    return crashed_at if crashed_at.microsecond else min(crashed_at + _SECOND, now)


def _newest_by_name(
    crash: NativeCrash,
    places: Mapping[int, tuple[str, str]],
    days: Collection[date],
    begun_by: datetime,
) -> Select[bytes, int, str | None, datetime]:
    """The user's sessions that may be of the version: of each pair of names the newest session.

    The newest comes first. The query leaves out what is surely another version; the rest is
    compared in Python.
    """
    of_version = [
        release_id for release_id, (name, _) in places.items() if crash.happened_in(name, None)
    ]
    newest_first = (Session.started_at.desc(), Session.id.desc())
    by_name = func.row_number().over(
        partition_by=(Session.release_id, Session.app_version), order_by=newest_first
    )
    theirs = (
        select(
            Session.id,
            Session.session_id,
            Session.release_id,
            Session.app_version,
            Session.started_at,
            by_name.label("position"),
        )
        .where(
            Session.release_id.in_(places),
            Session.day.in_(days),
            Session.user_key == crash.user_key,
            Session.started_at <= begun_by,
            or_(
                Session.release_id.in_(of_version),
                _may_name(Session.app_version, crash.crashed.number),
            ),
        )
        .subquery()
    )
    found = theirs.c
    return (
        select(found.session_id, found.release_id, found.app_version, found.started_at)
        .where(found.position == 1)
        .order_by(found.started_at.desc(), found.id.desc())
    )


def _may_name(name: SQLColumnExpression[Any], number: str) -> ColumnElement[bool]:
    """Whether a version's name may contain this number: true for every name that does, and more.

    The number stands between `@` (or `@v`) and `+`; the beginning of the name counts as `@`, its
    end as `+`.
    """
    marked = literal("@") + name + literal("+")
    return or_(
        *(marked.icontains(f"@{v}{number}+", autoescape=True) for v in ("", "v")),
        name == number,  # a name without parts may hold `@` or `+` itself
    )


def _days_of_user(
    project_id: int, crash: NativeCrash, begun_by: datetime
) -> Select[int, str, str, object]:
    in_environment = (
        Release.environment != ALL_ENVIRONMENTS
        if crash.environment is None
        else Release.environment == crash.environment
    )
    # The same user may be in other projects, whose releases must not take the place of these.
    theirs = (
        select(ReleaseUser.release_id, ReleaseUser.newest_day)
        .join(Release, Release.id == ReleaseUser.release_id)
        .where(
            ReleaseUser.user_key == crash.user_key,
            Release.project_id == project_id,
            in_environment,
        )
        .order_by(ReleaseUser.release_id.desc())
        .limit(_LOOKED_AT_RELEASES)
        .subquery()
    )
    # Where the clocks of hosts differ, a session may be counted on the day after it began.
    last_day = (begun_by + timedelta(days=1)).date()
    might_hold_it = (
        (ReleaseDay.release_id == Release.id)
        & (ReleaseDay.day <= theirs.c.newest_day)
        & (ReleaseDay.day <= last_day)
    )
    return (
        select(Release.id, Release.name, Release.environment, ReleaseDay.day)
        .join(theirs, theirs.c.release_id == Release.id)
        .join(ReleaseDay, might_hold_it)
        .where(Release.project_id == project_id)
    )

"""Finds the session in which an app crashed natively, and counts the crash there.

No SDK reports the end of such a session: the app was gone before it could, and at the next launch
it sends only an event. The session is looked for before the event's transaction, so that nobody
waits for the search; what it finds is in the past and does not change. The session itself changes
in the event's transaction (docs/decisions/0077-native-crashes.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    SQLColumnExpression,
    literal,
    or_,
    select,
)

from app.database import read_transaction
from app.domain.native_crash import NativeCrash
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.models import Issue, IssueRelease, Release, Session
from app.models.events import shown_in, shown_with
from app.services import sessions
from app.services.sessions.sent_report import SentReport

# The app that reports a crash has just opened a session of its own. Where the crash has no time,
# sessions this new are not the one that crashed.
_LAUNCH = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
# How many sessions a user has, and how many releases an issue, is up to whoever has a token. A
# crash is told at the next launch: its session is among the last few that began before it.
_LOOKED_AT_SESSIONS = 200
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
        newest = connection.execute(_newest_of_user(project_id, crash.user_key, begun_by)).all()
    found = next((row for row in newest if _is_of_crash(row, crash)), None)
    if found is None:
        return None
    report = SessionReport(
        session_id=found.session_id,
        status=SessionStatus.CRASHED,
        release=found.name,
        environment=found.environment,
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
        .where(Issue.project_id == project_id, Issue.id.in_(shown_with(shown_in(issue_id))))
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


def _newest_of_user(
    project_id: int, user_key: bytes, begun_by: datetime
) -> Select[bytes, str | None, datetime, str, str]:
    """The user's newest sessions in this project, the newest first: one look into an index."""
    theirs = (
        select(
            Session.id,
            Session.session_id,
            Session.release_id,
            Session.app_version,
            Session.started_at,
        )
        .where(
            Session.project_id == project_id,
            Session.user_key == user_key,
            Session.started_at <= begun_by,
        )
        .order_by(Session.started_at.desc(), Session.id.desc())
        .limit(_LOOKED_AT_SESSIONS)
        .subquery()
    )
    found = theirs.c
    return (
        select(
            found.session_id, found.app_version, found.started_at, Release.name, Release.environment
        )
        .join(Release, Release.id == found.release_id)
        .order_by(found.started_at.desc(), found.id.desc())
    )


def _is_of_crash(session: Row[*tuple[Any, ...]], crash: NativeCrash) -> bool:
    if crash.environment not in (None, session.environment):
        return False
    return crash.happened_in(session.name, session.app_version)


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

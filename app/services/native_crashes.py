"""Finds the session in which an app crashed natively, and charges the crash to it.

No SDK reports such a session: the app was gone before it could, and at the next launch only an
event tells. It is looked for before the event's transaction, to keep nobody waiting: which of a
user's sessions had begun by then is history. It moves in that transaction, with the event
(docs/decisions/0077-native-crashes.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, or_, select

from app.database import read_transaction
from app.domain.native_crash import NativeCrash
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.models import Release, ReleaseDay, ReleaseUser, Session
from app.models.sessions import ALL_ENVIRONMENTS
from app.services import sessions
from app.services.sent_report import SentReport

# The run that reports a crash opened its own session just now: where the crash has no time, that
# one is none of those which may have crashed.
_LAUNCH = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class CrashedSession:
    """A session, as the report that its SDK could not send."""

    report: SessionReport
    ended_at: datetime

    @property
    def release(self) -> str:
        return self.report.release


def crash_time(crash: NativeCrash, *, now: datetime) -> datetime | None:
    """None for a time that has not come yet: then only the server's is known."""
    told = crash.crashed_at
    return told if told is not None and told <= now else None


def find(project_id: int, crash: NativeCrash, *, now: datetime) -> CrashedSession | None:
    """The user's session of the version that crashed which was open then: the newest begun before.

    Also one that is known to have crashed, because that is the one. None without a user.
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
        named = [release_id for release_id, (name, _) in places.items() if name == crash.version]
        of_version = or_(Session.app_version == crash.version, Session.release_id.in_(named))
        found = connection.execute(
            select(Session.session_id, Session.release_id, Session.started_at)
            .where(
                Session.release_id.in_(places),
                Session.day.in_({row.day for row in rows}),
                Session.user_key == crash.user_key,
                Session.started_at <= begun_by,
                of_version,
            )
            .order_by(Session.started_at.desc(), Session.id.desc())
            .limit(1)
        ).one_or_none()
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


def charge(
    connection: Connection, project_id: int, crashed: CrashedSession, token_digest: bytes | None
) -> None:
    """In the event's transaction; raises LostRace when all of that is to be done again."""
    sent = SentReport(
        project_id=project_id,
        report=crashed.report,
        token_digest=token_digest,
        at=crashed.ended_at,
    )
    sessions.worsen(connection, sent)


def _begun_by(crash: NativeCrash, crashed_at: datetime | None, now: datetime) -> datetime:
    """When a session began at the latest that may have crashed."""
    if crashed_at is None:
        return now - _LAUNCH if crash.is_of_running_version else now
    # Told in whole seconds it was some time in that second.
    return crashed_at if crashed_at.microsecond else min(crashed_at + _SECOND, now)


def _days_of_user(
    project_id: int, crash: NativeCrash, begun_by: datetime
) -> Select[int, str, str, object]:
    is_theirs = (ReleaseUser.release_id == Release.id) & (ReleaseUser.user_key == crash.user_key)
    # A session may be of the day after the one on which it began, where hosts disagree about it.
    last_day = (begun_by + timedelta(days=1)).date()
    might_hold_it = (
        (ReleaseDay.release_id == Release.id)
        & (ReleaseDay.day <= ReleaseUser.newest_day)
        & (ReleaseDay.day <= last_day)
    )
    in_environment = (
        Release.environment != ALL_ENVIRONMENTS
        if crash.environment is None
        else Release.environment == crash.environment
    )
    return (
        select(Release.id, Release.name, Release.environment, ReleaseDay.day)
        .join(ReleaseUser, is_theirs)
        .join(ReleaseDay, might_hold_it)
        .where(Release.project_id == project_id, in_environment)
    )

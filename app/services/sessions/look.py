"""Reads what is stored of a session, its release and its user, before a report of it counts.

One statement reads it all: mostly everything is there already, or everything but the session.
"""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, or_, select, union
from sqlalchemy.orm import aliased

from app.database.prepared import Prepared
from app.domain.session_moves import Progress, Seen, SessionReport, StoredSession
from app.domain.user_days import UserDays
from app.models import Release, ReleaseUser, Session, SessionSum
from app.models.sessions import ALL_ENVIRONMENTS
from app.services.projects import senders
from app.services.sessions.sent_report import LostRace, SentReport, UnknownNames

_SESSION_COLUMNS = len(StoredSession._fields)
_SESSION = tuple(getattr(Session, name).label(f"session_{name}") for name in StoredSession._fields)
# What more is read for a rising report, in the order of `Progress`.
_PROGRESS = (
    Session.errors,
    Session.unhandled,
    Session.ended_at.is_not(None).label("has_ended"),
    Session.abnormal_mechanism,
)
_USER = (ReleaseUser.newest_day, ReleaseUser.newest_crashed_day)
_IS_THIS_SESSION = (Session.project_id == bindparam("project_id")) & (
    Session.session_id == bindparam("session_id")
)


def _look(*more: Any) -> Select[*tuple[Any, ...]]:
    is_this_user = (ReleaseUser.release_id == Release.id) & (
        ReleaseUser.user_key == bindparam("user_key")
    )
    return (
        select(Release.id, Release.environment, *_USER, *_SESSION, *more)
        .select_from(Release)
        .outerjoin(ReleaseUser, is_this_user)
        .outerjoin(Session, _IS_THIS_SESSION)
        .where(
            senders.holds(),
            Release.project_id == bindparam("project_id"),
            Release.name == bindparam("release"),
            or_(
                Release.environment == ALL_ENVIRONMENTS,
                Release.environment == bindparam("environment"),
            ),
        )
    )


def _as_stored(_dialect_name: str) -> Select[*tuple[Any, ...]]:
    return (
        select(Release.name, Release.environment, Session.user_key)
        .join(Session, Session.release_id == Release.id)
        .where(_IS_THIS_SESSION, senders.holds())
    )


_LOOK = Prepared(lambda _: _look())
_LOOK_FOR_RISING = Prepared(lambda _: _look(*_PROGRESS))
_AS_STORED = Prepared(_as_stored)


def look(connection: Connection, sent: SentReport) -> Seen:
    """Read what is there, and change nothing.

    On PostgreSQL each statement here is a transaction of its own, so nothing stays locked.
    Raises UnknownProjectToken when the token is the project's no more, UnknownNames for a new
    session whose release is new, and LostRace when somebody is just giving the release another
    name, or deleting the session.
    """
    report = sent.report
    reported = _Place(report.release, report.environment, report.user_key)
    seen = _look_at(connection, sent, reported)
    if seen is not None and _is_at(seen, reported, report):
        return seen
    # An earlier report may have named another release or user; the first one counts.
    stored = _AS_STORED.rows(connection, _of_session(sent))
    if stored:
        release, environment, user_key = stored[0]
        if user_key is None and report.rises:
            user_key = report.user_key
        place = _Place(release, environment, user_key)
        seen = _look_at(connection, sent, place)
        if seen is not None and seen.session is not None and _is_at(seen, place, report):
            return seen
    elif seen is None:
        senders.check(connection, sent.project_id, sent.token_digest)
        raise UnknownNames
    raise LostRace


def active_on(connection: Connection, seen: Seen, user_key: bytes, day: date) -> frozenset[int]:
    """In which of both releases the user has a session of that day.

    Asked only of a user who was met on a later one: by a clock that was ahead, or before it was
    known whose the session is.
    """
    scope = aliased(Release)
    name = select(Release.name).where(Release.id == seen.in_all_id).scalar_subquery()
    project_id = select(Release.project_id).where(Release.id == seen.in_all_id).scalar_subquery()
    sources = (
        select(source.release_id)
        .join(scope, scope.id == source.release_id)
        .where(
            scope.project_id == project_id,
            scope.name == name,
            source.day == day,
            source.user_key == user_key,
        )
        for source in (Session, SessionSum)
    )
    release_ids = set(connection.execute(union(*sources)).scalars())
    own = {seen.release_id} & release_ids
    return frozenset(own | ({seen.in_all_id} if release_ids else set()))


class _Place(NamedTuple):
    """Where to look for a session's release and user."""

    release: str
    environment: str
    user_key: bytes | None


def _look_at(connection: Connection, sent: SentReport, place: _Place) -> Seen | None:
    statement = _LOOK_FOR_RISING if sent.report.rises else _LOOK
    return _seen(statement.rows(connection, {**_of_session(sent), **place._asdict()}))


def _of_session(sent: SentReport) -> dict[str, object]:
    return {
        "project_id": sent.project_id,
        "session_id": sent.report.session_id,
        "token_digest": sent.token_digest,
    }


def _is_at(seen: Seen, place: _Place, report: SessionReport) -> bool:
    """Whether the session, if there is one, has this release and this user, or gets this one."""
    session = seen.session
    if session is None:
        return True
    if session.release_id != seen.release_id:
        return False
    return session.user_key == place.user_key or is_met_late(report, session)


def is_met_late(report: SessionReport, session: StoredSession) -> bool:
    """Whether the report tells who the user is of a session that had none."""
    return report.rises and session.user_key is None and report.user_key is not None


def is_met_since(report: SessionReport, seen: Seen) -> bool:
    """Whether a user who is met late was met on a day after the session's; this is usual."""
    session = seen.session
    return (
        session is not None and is_met_late(report, session) and bool(seen.met_later(session.day))
    )


def lock(connection: Connection, sent: SentReport, seen: Seen) -> None:
    """Keep the session and its user as they are until the commit, for what asks `active_on`.

    Two late reports of one user change no row of `release_users` that the other one could see.
    The order of locking is that of app.services.sessions.postgresql_statement.
    """
    senders.check(connection, sent.project_id, sent.token_digest)
    is_this = (Session.project_id == sent.project_id) & (
        Session.session_id == sent.report.session_id
    )
    connection.execute(select(Session.id).where(is_this).with_for_update())
    is_theirs = (ReleaseUser.release_id.in_(seen.release_ids)) & (
        ReleaseUser.user_key == sent.report.user_key
    )
    users = select(ReleaseUser.release_id).where(is_theirs).order_by(ReleaseUser.release_id)
    connection.execute(users.with_for_update())


def _seen(rows: list[tuple[Any, ...]]) -> Seen | None:
    """None unless the release is there in both scopes."""
    ids = {}
    users = {}
    session, progress = None, Progress()
    for release_id, environment, newest, newest_crashed, *stored in rows:
        ids[environment == ALL_ENVIRONMENTS] = release_id
        if newest is not None:
            users[release_id] = UserDays(newest, newest_crashed)
        if stored[0] is not None:
            session = StoredSession(*stored[:_SESSION_COLUMNS])
            progress = Progress(*stored[_SESSION_COLUMNS:])
    if len(ids) < len((True, False)):
        return None
    return Seen(
        release_id=ids[False],
        in_all_id=ids[True],
        users=users,
        session=session,
        progress=progress,
    )

"""Reads what is stored of a session, its release and its user, before a report of it counts.

One statement reads it all: mostly everything is there already, or everything but the session.
"""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, or_, select

from app.database.prepared import Prepared
from app.domain.session_moves import Seen, StoredSession
from app.domain.user_days import UserDays
from app.models import Release, ReleaseUser, Session
from app.models.sessions import ALL_ENVIRONMENTS
from app.services.projects import senders
from app.services.sessions.sent_report import LostRace, SentReport, UnknownNames

_SESSION = tuple(getattr(Session, name).label(f"session_{name}") for name in StoredSession._fields)
_USER = (ReleaseUser.newest_day, ReleaseUser.newest_crashed_day)
_IS_THIS_SESSION = (Session.project_id == bindparam("project_id")) & (
    Session.session_id == bindparam("session_id")
)


def _look(_dialect_name: str) -> Select[*tuple[Any, ...]]:
    is_this_user = (ReleaseUser.release_id == Release.id) & (
        ReleaseUser.user_key == bindparam("user_key")
    )
    return (
        select(Release.id, Release.environment, *_USER, *_SESSION)
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


_LOOK = Prepared(_look)
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
    if seen is not None and _is_at(seen, reported):
        return seen
    # An earlier report may have named another release or user; the first one counts.
    stored = _AS_STORED.rows(connection, _of_session(sent))
    if stored:
        place = _Place(*stored[0])
        seen = _look_at(connection, sent, place)
        if seen is not None and seen.session is not None and _is_at(seen, place):
            return seen
    elif seen is None:
        senders.check(connection, sent.project_id, sent.token_digest)
        raise UnknownNames
    raise LostRace


def active_on(connection: Connection, sent: SentReport, seen: Seen, day: date) -> frozenset[int]:
    """In which of both releases the user has a session of that day.

    Asked only of a user who was met on a later one, by a clock that was ahead.
    """
    theirs = select(Release.environment).join(Session, Session.release_id == Release.id)
    rows = connection.execute(
        theirs.where(
            Release.project_id == sent.project_id,
            Release.name == sent.report.release,
            Session.day == day,
            Session.user_key == sent.report.user_key,
        ).distinct()
    )
    environments = set(rows.scalars())
    own = {seen.release_id} if sent.report.environment in environments else set()
    return frozenset(own | ({seen.in_all_id} if environments else set()))


class _Place(NamedTuple):
    """Where to look for a session's release and user."""

    release: str
    environment: str
    user_key: bytes | None


def _look_at(connection: Connection, sent: SentReport, place: _Place) -> Seen | None:
    return _seen(_LOOK.rows(connection, {**_of_session(sent), **place._asdict()}))


def _of_session(sent: SentReport) -> dict[str, object]:
    return {
        "project_id": sent.project_id,
        "session_id": sent.report.session_id,
        "token_digest": sent.token_digest,
    }


def _is_at(seen: Seen, place: _Place) -> bool:
    """Whether the session, if there is one, has this release and this user."""
    if seen.session is None:
        return True
    stored = seen.session.release_id, seen.session.user_key
    return stored == (seen.release_id, place.user_key)


def _seen(rows: list[tuple[Any, ...]]) -> Seen | None:
    """None unless the release is there in both scopes."""
    ids = {}
    users = {}
    session = None
    for release_id, environment, newest, newest_crashed, *stored in rows:
        ids[environment == ALL_ENVIRONMENTS] = release_id
        if newest is not None:
            users[release_id] = UserDays(newest, newest_crashed)
        if stored[0] is not None:
            session = StoredSession(*stored)
    if len(ids) < len((True, False)):
        return None
    return Seen(release_id=ids[False], in_all_id=ids[True], users=users, session=session)

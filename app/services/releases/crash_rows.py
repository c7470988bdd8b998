"""Reads the crashed sessions and the fatal events of one release, each from an index of its own.

What a newcomer would get wrong: the day is the one on which it crashed, which is not always that on
which the session began, by which release health counts it, nor that on which the event came.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, func, select

from app.domain.crashes import CrashedSession, Crashes, FatalEvent
from app.domain.reconciling import Day
from app.domain.releases import UNKNOWN_RELEASE
from app.domain.scrubber import REDACTED
from app.domain.session_status import SessionStatus
from app.domain.text import bare_name
from app.domain.user_key import session_user_key
from app.models import Event, Release, Session
from app.models.events import IS_FATAL_NOW, WAS_FATAL, shown_in
from app.models.sessions import ALL_ENVIRONMENTS, IS_CRASHED

# Of a day, so many of each side are tied, the first ones, and of so many environments.
MOST_OF_A_DAY = 1000
_MOST_ENVIRONMENTS = 100
# An id that scrubbing took something out of may be anybody's. The SDK for React Native scrubs its
# events, too, and not its sessions: addresses, and numbers of eight digits and more as `[PHONE]`.
_TAKEN_OUT = re.compile(rf"{re.escape(REDACTED)}|\[(?:EMAIL|IBAN|CARD|JWT|TOKEN|IP|PHONE)\]")
_DAY = timedelta(days=1)
_IDS_AT_ONCE = 500


@dataclass(frozen=True)
class CrashesOf:
    """A release of a project, by its name."""

    project_id: int
    release: str


@dataclass(frozen=True)
class ReadDay:
    """`looked_until`: there were more than are tied, and those up to then are; None: all are."""

    day: Day
    looked_until: datetime | None


def read_day(connection: Connection, of: CrashesOf, day: date) -> ReadDay:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = begin + _DAY
    sessions = _sessions(connection, of, begin, end)
    rows = _event_rows(connection, of, begin, end)
    # What is past the end of the one side would have no other: both end at the same moment.
    ends = [sessions[MOST_OF_A_DAY - 1].at] if len(sessions) > MOST_OF_A_DAY else []
    ends += [rows[MOST_OF_A_DAY - 1]["at"]] if len(rows) > MOST_OF_A_DAY else []
    until = min(ends, default=None)
    sessions = [each for each in sessions[:MOST_OF_A_DAY] if until is None or each.at <= until]
    rows = [each for each in rows[:MOST_OF_A_DAY] if until is None or each["at"] <= until]
    crashes = Crashes(sessions, list(_events(connection, of, rows)))
    return ReadDay(Day(begin, end, crashes), until)


def newest_before(connection: Connection, of: CrashesOf, moment: datetime) -> datetime | None:
    """When something of it crashed last before this moment."""
    found = [connection.execute(query).scalar() for query in _outermost(of, before=moment)]
    return max((each for each in found if each is not None), default=None)


def oldest_from(connection: Connection, of: CrashesOf, moment: datetime) -> datetime | None:
    """When something of it crashed next, at this moment or after it."""
    found = [connection.execute(query).scalar() for query in _outermost(of, from_=moment)]
    return min((each for each in found if each is not None), default=None)


def _outermost(
    of: CrashesOf, *, before: datetime | None = None, from_: datetime | None = None
) -> Iterator[Select[datetime]]:
    """The crash that is next to a moment: one step in an index for each environment."""

    def nearest(at: Any, *conditions: ColumnElement[bool]) -> Select[datetime]:
        query = select(at).where(*conditions).limit(1)
        if before is not None:
            return query.where(at < before).order_by(at.desc())
        return query.where(at >= from_).order_by(at)

    of_scope = nearest(Session.ended_at, Session.release_id == Release.id, IS_CRASHED)
    nearest_of_scope = of_scope.correlate(Release).scalar_subquery()
    outermost = func.max if before is not None else func.min
    yield select(outermost(nearest_of_scope)).where(*_is_scope(of))
    for is_of_it in names_of(of):
        for at, is_fatal in _KINDS:
            yield nearest(at, Event.project_id == of.project_id, is_of_it, is_fatal)


def _is_scope(of: CrashesOf) -> tuple[ColumnElement[bool], ...]:
    return (
        Release.project_id == of.project_id,
        Release.name == of.release,
        Release.environment != ALL_ENVIRONMENTS,
    )


def _sessions(
    connection: Connection, of: CrashesOf, begin: datetime, end: datetime
) -> list[CrashedSession]:
    """The first ones, one more than are tied; each environment is a range of the index."""
    scopes = select(Release.id).where(*_is_scope(of)).order_by(Release.environment)
    found = []
    for scope in connection.execute(scopes.limit(_MOST_ENVIRONMENTS)).scalars().all():
        query = (
            select(Session.id, Session.session_id, Session.user_key, Session.ended_at.label("at"))
            .where(Session.release_id == scope, IS_CRASHED)
            .where(Session.ended_at >= begin, Session.ended_at < end)
            .order_by(Session.ended_at, Session.id)
            .limit(MOST_OF_A_DAY + 1)
        )
        found += [CrashedSession(**row._asdict()) for row in connection.execute(query)]
    return sorted(found, key=lambda each: (each.at, each.id))[: MOST_OF_A_DAY + 1]


# By when they crashed: as they came, or in the run before.
_KINDS = ((Event.created_at, IS_FATAL_NOW), (Event.crashed_at, WAS_FATAL))


def names_of(of: CrashesOf) -> Iterator[ColumnElement[bool]]:
    """One range of the index each."""
    yield Event.release == of.release
    if of.release == UNKNOWN_RELEASE:  # so is called what told none
        yield Event.release.is_(None)


def _text(*path: str) -> ColumnElement[str]:
    column: ColumnElement[str] = Event.content[path].as_string()
    return column


# What an event may call its session by. SDKs send none, but tell the app which it is.
_SESSION_IDS = (("tags", "session_id"), ("extra", "session_id"))
_TOLD = (
    _text("user_id_anon").label("user_id"),
    _text("mechanism", "handled").label("handled"),
    _text("_meta", "not_kept").label("not_kept"),
    *(_text(*path).label(f"session_{number}") for number, path in enumerate(_SESSION_IDS)),
)


def _event_rows(
    connection: Connection, of: CrashesOf, begin: datetime, end: datetime
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for is_of_it in names_of(of):
        for at, is_fatal in _KINDS:
            query = (
                select(Event.id, shown_in(Event.issue_id).label("issue_id"), at.label("at"), *_TOLD)
                .where(Event.project_id == of.project_id, is_of_it, is_fatal)
                .where(at >= begin, at < end)
                .order_by(at, Event.id)
                .limit(MOST_OF_A_DAY + 1)
            )
            found += [row._asdict() for row in connection.execute(query)]
    return sorted(found, key=lambda row: (row["at"], row["id"]))[: MOST_OF_A_DAY + 1]


def _events(
    connection: Connection, of: CrashesOf, rows: Sequence[Mapping[str, Any]]
) -> Iterator[FatalEvent]:
    named = [[each for each in map(_uuid, _session_ids(row)) if each] for row in rows]
    statuses = _statuses(connection, of, sorted({each for ids in named for each in ids}))
    for row, ids in zip(rows, named, strict=True):
        user_id = row["user_id"]
        is_hidden = isinstance(user_id, str) and _TAKEN_OUT.search(user_id) is not None
        session_id = next((each for each in ids if each in statuses), None)
        yield FatalEvent(
            id=row["id"],
            issue_id=row["issue_id"],
            at=row["at"],
            user_key=None if is_hidden else _user_key(user_id),
            session_id=session_id,
            names_crashed=session_id is not None and statuses[session_id] == SessionStatus.CRASHED,
            has_content=row["not_kept"] is None,
            hides_user=is_hidden,
            is_handled=str(row["handled"]).lower() in ("true", "1"),
        )


def _session_ids(row: Mapping[str, Any]) -> list[Any]:
    return [row[f"session_{number}"] for number in range(len(_SESSION_IDS))]


def _statuses(connection: Connection, of: CrashesOf, ids: Sequence[bytes]) -> dict[bytes, str]:
    """Of those that are sessions of the project."""
    found = {}
    for first in range(0, len(ids), _IDS_AT_ONCE):
        query = select(Session.session_id, Session.status).where(
            Session.project_id == of.project_id,
            Session.session_id.in_(ids[first : first + _IDS_AT_ONCE]),
        )
        found.update({bytes(each): status for each, status in connection.execute(query)})
    return found


def _user_key(user_id: object) -> bytes | None:
    """As a session's: of what is left when a name is cut and made bare."""
    return session_user_key(bare_name(user_id) or None) if isinstance(user_id, str) else None


def _uuid(text: object) -> bytes | None:
    try:
        return UUID(text).bytes if isinstance(text, str) else None
    except ValueError:
        return None

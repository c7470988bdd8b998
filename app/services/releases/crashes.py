"""Ties the crashed sessions of a release to its fatal events, day by day, when somebody asks.

Nothing of it is stored, so nothing of it can be wrong for long; `verify` looks whether each crash
is listed once (docs/decisions/0163-crashes-are-reconciled-at-read.md).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func, select, union

from app.database import read_transaction, snapshot
from app.domain.crash_cursor import CrashCursor
from app.domain.reconciling import (
    Around,
    Crashes,
    Kept,
    NoEvent,
    NoSession,
    Tie,
    reconcile,
)
from app.domain.releases import UNKNOWN_RELEASE
from app.domain.text import is_storable
from app.extensions import settings
from app.models import Event, Project, Release, Session
from app.models.events import IS_FATAL_NOW, WAS_FATAL
from app.models.projects import IS_ALIVE
from app.models.sessions import ALL_ENVIRONMENTS, IS_CRASHED
from app.services.releases.crash_rows import (
    MOST_OF_A_DAY,
    CrashesOf,
    ReadDay,
    newest_before,
    oldest_from,
    read_day,
)
from app.services.sessions.ledger import horizon_of

__all__ = ["MOST_OF_A_DAY", "Part", "Reconciled", "of_day", "verify"]

_DAY = timedelta(days=1)


class Part(StrEnum):
    """Of a day's crashes."""

    TIED = "tied"
    NO_EVENT = "no_event"
    NO_SESSION = "no_session"

    def has(self, tie: Tie) -> bool:
        if tie.tied_by is not None:
            return self is Part.TIED
        return self is (Part.NO_EVENT if tie.session else Part.NO_SESSION)


@dataclass(frozen=True)
class CrashPage:
    """`next_before` is where the next page begins, None after the last."""

    ties: list[Tie]
    next_before: CrashCursor | None


@dataclass(frozen=True)
class Reconciled:
    """`ties` in the order of time. `looked_until`: there are more on the day, and those up to then
    are here; None: all are. `older_day` and `newer_day` are the next ones with a crash."""

    release: str
    day: date
    ties: list[Tie]
    looked_until: datetime | None = None
    older_day: date | None = None
    newer_day: date | None = None

    def page(self, part: Part | None, *, limit: int, before: CrashCursor | None) -> CrashPage:
        """The newest first, of one part or of all."""
        found = [
            tie
            for tie in reversed(self.ties)
            if (part is None or part.has(tie)) and (before is None or tie.position < before)
        ]
        has_more = len(found) > limit
        return CrashPage(found[:limit], found[limit - 1].position if has_more else None)

    @property
    def sessions_crashed(self) -> int:
        return sum(tie.session is not None for tie in self.ties)

    @property
    def fatal_events(self) -> int:
        return sum(tie.event is not None for tie in self.ties)

    @property
    def tied(self) -> int:
        return sum(tie.tied_by is not None for tie in self.ties)

    @property
    def no_event(self) -> list[tuple[NoEvent, int]]:
        """The most usual reason first."""
        reasons = (tie.reason for tie in self.ties)
        return Counter(each for each in reasons if isinstance(each, NoEvent)).most_common()

    @property
    def no_session(self) -> list[tuple[NoSession, int]]:
        reasons = (tie.reason for tie in self.ties)
        return Counter(each for each in reasons if isinstance(each, NoSession)).most_common()


def of_day(project_id: int, release: str, day: date | None, *, now: datetime) -> Reconciled:
    """Of the newest day with a crash where none is told. A release that nobody knows has none."""
    if not is_storable(release):  # PostgreSQL would refuse to look for a NUL
        return Reconciled(release, day or now.date(), [])
    of = CrashesOf(project_id, release)
    with snapshot(), read_transaction() as connection:
        if day is None:
            newest = newest_before(connection, of, _begin(now.date()) + _DAY)
            day = newest.date() if newest else now.date()
        ties, until = _reconciled(connection, of, day, _kept(connection, now))
        older = newest_before(connection, of, _begin(day))
        newer = oldest_from(connection, of, _begin(day) + _DAY)
    return Reconciled(release, day, ties, until, older and older.date(), newer and newer.date())


def _reconciled(
    connection: Connection, of: CrashesOf, day: date, kept: Kept = Kept()
) -> tuple[list[Tie], datetime | None]:
    read = read_day(connection, of, day)
    around = Around(
        before=_beyond(connection, of, read, day, ends=False),
        after=_beyond(connection, of, read, day, ends=True),
    )
    return reconcile(read.day, around, kept), read.looked_until


def _beyond(
    connection: Connection, of: CrashesOf, read: ReadDay, day: date, *, ends: bool
) -> Crashes:
    """What the day beyond a midnight leaves there; most days leave nothing to look for it."""
    midnight = read.day.end if ends else read.day.begin
    if not read.day.left_near(midnight):
        return Crashes()
    other = day + _DAY if ends else day - _DAY
    return read_day(connection, of, other).day.left_near(midnight)


def _kept(connection: Connection, now: datetime) -> Kept:
    horizon, event_days = horizon_of(connection), settings().event_retention_days
    return Kept(
        sessions_from=None if horizon == date.min else _begin(horizon),
        events_from=now - event_days * _DAY if event_days else None,
    )


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def verify() -> Iterator[str]:
    """One line for each release whose crashes are not all listed once; no line when all are."""
    with snapshot(), read_transaction() as connection:
        for of in _releases_with_crashes(connection):
            yield from _verify(connection, of)


def _releases_with_crashes(connection: Connection) -> list[CrashesOf]:
    of_sessions = (
        select(Release.project_id, Release.name.label("release"))
        .join(Project, Project.id == Release.project_id)
        .where(IS_ALIVE, Release.environment != ALL_ENVIRONMENTS)
        .where(select(Session.id).where(Session.release_id == Release.id, IS_CRASHED).exists())
    )
    of_events = [
        select(Event.project_id, func.coalesce(Event.release, UNKNOWN_RELEASE))
        .join(Project, Project.id == Event.project_id)
        .where(IS_ALIVE, is_fatal)
        for is_fatal in (IS_FATAL_NOW, WAS_FATAL)
    ]
    rows = connection.execute(union(of_sessions, *of_events)).all()
    return sorted((CrashesOf(project_id, release) for project_id, release in rows), key=astuple)


def _verify(connection: Connection, of: CrashesOf) -> Iterator[str]:
    listed: Counter[str] = Counter()
    before: set[tuple[str, int]] = set()
    twice: set[tuple[str, int]] = set()
    moment: datetime | None = oldest_from(connection, of, datetime.min.replace(tzinfo=UTC))
    while moment is not None:
        ties, until = _reconciled(connection, of, moment.date())
        if until is not None:
            return  # more than are tied: not all are listed
        told = [("session", tie.session.id) for tie in ties if tie.session]
        told += [("event", tie.event.id) for tie in ties if tie.event]
        # What is tied over midnight is of two days at most.
        twice |= {each for each, count in Counter(told).items() if count > 1 or each in before}
        listed.update(kind for kind, _ in told)
        before = set(told)
        moment = oldest_from(connection, of, _begin(moment.date()) + _DAY)
    for kind, row_id in sorted(twice):
        yield f"project {of.project_id}, release {of.release}: {kind} {row_id} is listed twice"
    for kind, kept in _counts(connection, of).items():
        if kept != listed[kind]:
            yield (
                f"project {of.project_id}, release {of.release}, crashes of {kind}s:"
                f" kept {kept}, listed {listed[kind]}"
            )


def _counts(connection: Connection, of: CrashesOf) -> dict[str, int]:
    sessions = (
        select(func.count())
        .select_from(Session)
        .join(Release, Release.id == Session.release_id)
        .where(Release.project_id == of.project_id, Release.name == of.release)
        .where(Session.status == "crashed")
    )
    events = sum(
        connection.execute(
            select(func.count())
            .select_from(Event)
            .where(Event.project_id == of.project_id, is_fatal)
            .where(func.coalesce(Event.release, UNKNOWN_RELEASE) == of.release)
        ).scalar_one()
        for is_fatal in (IS_FATAL_NOW, WAS_FATAL)
    )
    return {"session": connection.execute(sessions).scalar_one(), "event": events}

"""Ties the crashed sessions of a release to its fatal events, day by day, when somebody asks.

Nothing of it is stored, so nothing of it can be wrong for long
(docs/decisions/0163-crashes-are-reconciled-at-read.md).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from app.database import read_transaction, snapshot
from app.domain.crash_cursor import CrashCursor
from app.domain.crash_reasons import Kept
from app.domain.crashes import Crashes, NoEvent, NoSession, Tie
from app.domain.reconciling import Around, reconcile
from app.domain.text import is_storable
from app.extensions import settings
from app.services.releases.crash_rows import (
    MOST_OF_A_DAY,
    CrashesOf,
    ReadDay,
    newest_before,
    oldest_from,
    read_day,
)
from app.services.sessions.ledger import horizon_of

__all__ = ["MOST_OF_A_DAY", "Part", "Reconciled", "begin_of", "of_day", "reconciled"]

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
            newest = newest_before(connection, of, begin_of(now.date()) + _DAY)
            day = newest.date() if newest else now.date()
        ties, until = reconciled(connection, of, day, _kept(connection, now))
        older = newest_before(connection, of, begin_of(day))
        newer = oldest_from(connection, of, begin_of(day) + _DAY)
    return Reconciled(release, day, ties, until, older and older.date(), newer and newer.date())


def reconciled(
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
        sessions_from=None if horizon == date.min else begin_of(horizon),
        events_from=now - event_days * _DAY if event_days else None,
    )


def begin_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

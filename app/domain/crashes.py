"""Crashed sessions and the fatal events that tell of them, and what stands for a tie of two.

What a newcomer would get wrong: a session and its event share no id, unless the app tells one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar
from uuid import UUID

# An SDK tells of a crash twice within seconds; a phone with a bad network takes longer.
NEAR = timedelta(minutes=10)


class TiedBy(StrEnum):
    ID = "id"
    USER = "user"


class NoEvent(StrEnum):
    """Why a crashed session has no event, as far as can be told."""

    NO_USER = "no_user"
    ERASED = "erased"
    SHARED = "shared"
    EVENTS_GONE = "events_gone"
    OTHER_TIME = "other_time"
    NONE_OF_USER = "none_of_user"


class NoSession(StrEnum):
    """Why a fatal event has no crashed session, as far as can be told."""

    NO_CONTENT = "no_content"
    NO_USER = "no_user"
    HIDDEN_USER = "hidden_user"
    TOLD_TWICE = "told_twice"
    NOT_CRASHED = "not_crashed"
    ELSEWHERE = "elsewhere"
    HANDLED = "handled"
    SESSIONS_GONE = "sessions_gone"
    OTHER_TIME = "other_time"
    NONE_OF_USER = "none_of_user"


@dataclass(frozen=True, kw_only=True)
class CrashedSession:
    """`at`: when it was marked as crashed."""

    id: int
    session_id: bytes
    user_key: bytes | None
    at: datetime

    @property
    def uuid(self) -> UUID:
        return UUID(bytes=self.session_id)


@dataclass(frozen=True, kw_only=True)
class FatalEvent:
    """`at`: when it crashed, as far as the event tells.

    `session_id` is set where the event names a session of its project; `names_crashed` tells
    whether that one crashed. What has one of its own is tied to no other.
    """

    id: int
    issue_id: int
    user_key: bytes | None
    at: datetime
    session_id: bytes | None = None
    names_crashed: bool = False
    has_content: bool = True
    hides_user: bool = False
    is_handled: bool = False


class Pair(NamedTuple):
    session: CrashedSession
    event: FatalEvent
    tied_by: TiedBy


@dataclass(frozen=True)
class Tie:
    """A session and its event, or one of both alone and why."""

    session: CrashedSession | None
    event: FatalEvent | None
    tied_by: TiedBy | None = None
    reason: NoEvent | NoSession | None = None

    @property
    def at(self) -> datetime:
        each = self.session or self.event
        assert each is not None
        return each.at

    @property
    def position(self) -> tuple[datetime, int, int]:
        """By time; the session's where there is one."""
        return self.at, self.session.id if self.session else 0, self.event.id if self.event else 0


Crash = TypeVar("Crash", CrashedSession, FatalEvent)


@dataclass(frozen=True)
class Crashes:
    """Both sides, in whatever order."""

    sessions: Sequence[CrashedSession] = ()
    events: Sequence[FatalEvent] = ()

    def __add__(self, other: "Crashes") -> "Crashes":
        return Crashes([*self.sessions, *other.sessions], [*self.events, *other.events])

    def __bool__(self) -> bool:
        return bool(self.sessions or self.events)

    def without(self, pairs: Collection[Pair]) -> "Crashes":
        sessions = {pair.session.id for pair in pairs}
        events = {pair.event.id for pair in pairs}
        return Crashes(
            [each for each in self.sessions if each.id not in sessions],
            [each for each in self.events if each.id not in events],
        )

    def near(self, moment: datetime) -> "Crashes":
        def only(crashes: Iterable[Crash]) -> list[Crash]:
            return [each for each in crashes if abs(each.at - moment) <= NEAR]

        return Crashes(only(self.sessions), only(self.events))


def in_order(crashes: Iterable[Crash]) -> list[Crash]:
    return sorted(crashes, key=lambda each: (each.at, each.id))


def by_user(crashes: Iterable[Crash]) -> dict[bytes, list[Crash]]:
    of_user: defaultdict[bytes, list[Crash]] = defaultdict(list)
    for each in in_order(crashes):
        if each.user_key is not None:
            of_user[each.user_key].append(each)
    return of_user

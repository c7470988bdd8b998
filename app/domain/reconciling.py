"""Which fatal event tells of which crashed session, of one release on one UTC day.

Each is tied to at most one of the other side: first by an id that both name, then by the user,
where the session was marked as crashed within minutes of the event. What a newcomer would get
wrong: the nearest one is not always the right one, as it may be the only one of another; so both
are gone through in the order of time, which ties as many as can be tied.

A crash at midnight may have its session on one day and its event on the other. So a day is tied by
itself first, and what it leaves within minutes of midnight with what the other day leaves there:
whichever of both days is asked for, the same two are tied. They are listed on the session's day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar
from uuid import UUID

from app.domain.user_key import is_of_erased

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


_Crash = TypeVar("_Crash", CrashedSession, FatalEvent)


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
        def only(crashes: Iterable[_Crash]) -> list[_Crash]:
            return [each for each in crashes if abs(each.at - moment) <= NEAR]

        return Crashes(only(self.sessions), only(self.events))


@dataclass(frozen=True)
class Kept:
    """What is older may have been deleted by age; None: nothing is."""

    sessions_from: datetime | None = None
    events_from: datetime | None = None


@dataclass(frozen=True)
class Day:
    """The crashes of one day, and where it begins and ends."""

    begin: datetime
    end: datetime
    crashes: Crashes

    def left_near(self, midnight: datetime) -> Crashes:
        """What ties with nothing of the day, and may with something beyond midnight."""
        return self.crashes.without(tie(self.crashes)).near(midnight)


@dataclass(frozen=True)
class Around:
    """What the days before and after leave near the midnights."""

    before: Crashes = field(default_factory=Crashes)
    after: Crashes = field(default_factory=Crashes)


def reconcile(day: Day, around: Around = Around(), kept: Kept = Kept()) -> list[Tie]:
    """Each crash of the day once, in the order of time, whatever order they came in.

    An event whose session is of another day is listed there.
    """
    of_day = tie(day.crashes)
    left = day.crashes.without(of_day)
    pairs = of_day + [
        pair
        for midnight, beyond in ((day.begin, around.before), (day.end, around.after))
        for pair in tie(left.near(midnight) + beyond)
    ]
    why = _Why(day.crashes + around.before + around.after, pairs, kept)
    alone = day.crashes.without(pairs)
    ties = [Tie(*pair) for pair in pairs if day.begin <= pair.session.at < day.end]
    ties += [Tie(each, None, reason=why.no_event(each)) for each in alone.sessions]
    ties += [Tie(None, each, reason=why.no_session(each)) for each in alone.events]
    return sorted(ties, key=lambda one: one.position)


def tie(crashes: Crashes) -> list[Pair]:
    """As many as can be tied, the earlier ones with the earlier ones."""
    by_id = _tied_by_id(_in_order(crashes.sessions), _in_order(crashes.events))
    left = crashes.without(by_id)
    pairs = by_id
    sessions_of = _by_user(left.sessions)
    events_of = _by_user(each for each in left.events if each.session_id is None)
    for user_key in sessions_of.keys() & events_of.keys():
        pairs = pairs + _tied_by_time(sessions_of[user_key], events_of[user_key])
    return pairs


def _in_order(crashes: Iterable[_Crash]) -> list[_Crash]:
    return sorted(crashes, key=lambda each: (each.at, each.id))


def _by_user(crashes: Iterable[_Crash]) -> dict[bytes, list[_Crash]]:
    of_user: defaultdict[bytes, list[_Crash]] = defaultdict(list)
    for each in _in_order(crashes):
        if each.user_key is not None:
            of_user[each.user_key].append(each)
    return of_user


def _tied_by_id(sessions: Sequence[CrashedSession], events: Sequence[FatalEvent]) -> list[Pair]:
    """A session that several events name has the first of them."""
    named = {each.session_id: each for each in sessions}
    pairs = []
    for event in events:
        session = None if event.session_id is None else named.pop(event.session_id, None)
        if session is not None:
            pairs.append(Pair(session, event, TiedBy.ID))
    return pairs


def _tied_by_time(sessions: Sequence[CrashedSession], events: Sequence[FatalEvent]) -> list[Pair]:
    """Of one user, both in order. The earlier one of two that are too far apart has no other."""
    pairs, waiting, coming = [], list(reversed(sessions)), list(reversed(events))
    while waiting and coming:
        session, event = waiting[-1], coming[-1]
        if abs(session.at - event.at) <= NEAR:
            pairs.append(Pair(waiting.pop(), coming.pop(), TiedBy.USER))
        elif session.at < event.at:
            waiting.pop()
        else:
            coming.pop()
    return pairs


class _Why:
    """What is likely about a crash that is tied to nothing; the surest reason first."""

    def __init__(self, around: Crashes, pairs: Collection[Pair], kept: Kept) -> None:
        self._sessions_of = _by_user(around.sessions)
        self._events_of = _by_user(around.events)
        self._tied_sessions = {pair.session.session_id for pair in pairs}
        self._kept = kept

    def no_event(self, session: CrashedSession) -> NoEvent:
        if session.user_key is None:
            return NoEvent.NO_USER
        if is_of_erased(session.user_key):
            return NoEvent.ERASED
        others = self._events_of.get(session.user_key, [])
        if _any_near(others, session.at):
            return NoEvent.SHARED
        if self._kept.events_from is not None and session.at < self._kept.events_from:
            return NoEvent.EVENTS_GONE
        return NoEvent.OTHER_TIME if others else NoEvent.NONE_OF_USER

    def no_session(self, event: FatalEvent) -> NoSession:
        if event.session_id is not None:
            if not event.names_crashed:
                return NoSession.NOT_CRASHED
            is_tied = event.session_id in self._tied_sessions
            return NoSession.TOLD_TWICE if is_tied else NoSession.ELSEWHERE
        if event.user_key is None:
            return _without_user(event)
        others = self._sessions_of.get(event.user_key, [])
        if _any_near(others, event.at):
            return NoSession.TOLD_TWICE
        if event.is_handled:
            return NoSession.HANDLED
        if self._kept.sessions_from is not None and event.at < self._kept.sessions_from:
            return NoSession.SESSIONS_GONE
        return NoSession.OTHER_TIME if others else NoSession.NONE_OF_USER


def _without_user(event: FatalEvent) -> NoSession:
    if not event.has_content:
        return NoSession.NO_CONTENT
    if event.hides_user:
        return NoSession.HIDDEN_USER
    return NoSession.HANDLED if event.is_handled else NoSession.NO_USER


def _any_near(crashes: Iterable[CrashedSession | FatalEvent], moment: datetime) -> bool:
    return any(abs(each.at - moment) <= NEAR for each in crashes)

"""Why a crash has no other side, as far as what is stored can tell.

It is what is likely, not what is sure: what never came left nothing behind.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.crashes import (
    NEAR,
    CrashedSession,
    Crashes,
    FatalEvent,
    NoEvent,
    NoSession,
    Pair,
    by_user,
)
from app.domain.user_key import is_of_erased


@dataclass(frozen=True)
class Kept:
    """What is older may have been deleted by age; None: nothing is."""

    sessions_from: datetime | None = None
    events_from: datetime | None = None


class Why:
    """What is likely about a crash that is tied to nothing; the surest reason first."""

    def __init__(self, around: Crashes, pairs: Collection[Pair], kept: Kept) -> None:
        self._sessions_of = by_user(around.sessions)
        self._events_of = by_user(around.events)
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


def _any_near(crashes: Sequence[CrashedSession | FatalEvent], moment: datetime) -> bool:
    """They are in order; all of a day may be of one user."""
    first = bisect_left(crashes, moment - NEAR, key=lambda each: each.at)
    return first < len(crashes) and crashes[first].at <= moment + NEAR

"""Which fatal event tells of which crashed session, of one release on one UTC day.

Each is tied to at most one of the other side: first by an id that both name, then by the user,
where the session was marked as crashed within minutes of the event. What a newcomer would get
wrong: the nearest one is not always the right one, as it may be the only one of another; so both
are gone through in the order of time, which ties as many as can be tied.

A crash at midnight may have its session on one day and its event on the other. So a day is tied by
itself first, and what it leaves within minutes of midnight with what the other day leaves there:
whichever of both days is asked for, the same two are tied. They are listed on the session's day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.crash_reasons import Kept, Why
from app.domain.crashes import (
    NEAR,
    CrashedSession,
    Crashes,
    FatalEvent,
    Pair,
    Tie,
    TiedBy,
    by_user,
    in_order,
)


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
    why = Why(day.crashes + around.before + around.after, pairs, kept)
    alone = day.crashes.without(pairs)
    ties = [Tie(*pair) for pair in pairs if day.begin <= pair.session.at < day.end]
    ties += [Tie(each, None, reason=why.no_event(each)) for each in alone.sessions]
    ties += [Tie(None, each, reason=why.no_session(each)) for each in alone.events]
    return sorted(ties, key=lambda one: one.position)


def tie(crashes: Crashes) -> list[Pair]:
    """As many as can be tied, the earlier ones with the earlier ones."""
    pairs = _tied_by_id(in_order(crashes.sessions), in_order(crashes.events))
    left = crashes.without(pairs)
    sessions_of = by_user(left.sessions)
    events_of = by_user(each for each in left.events if each.session_id is None)
    for user_key in sessions_of.keys() & events_of.keys():
        pairs += _tied_by_time(sessions_of[user_key], events_of[user_key])
    return pairs


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

"""What a report of a session moves: the session, its user's newest days, and the figures of days.

Nothing is read or stored here; `app.services.sessions` does both. How the figures stay exact is
told in docs/decisions/0006-kept-figures.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from app.domain.session_facts import Progress, Seen, SessionReport, StoredSession, has_ended
from app.domain.session_status import SessionStatus
from app.domain.times import latest_day
from app.domain.user_days import UserDays, see

__all__ = [
    "FIGURES",
    "RISING_FIGURES",
    "Added",
    "DayKey",
    "Figures",
    "Moves",
    "Progress",
    "Seen",
    "SessionReport",
    "StoredSession",
    "UserMove",
    "day_of_new_session",
    "meet_user",
    "moves_of",
]

FIGURES = (*SessionStatus, "users_active", "users_newest", "users_newest_crashed")
# What rising reports and sums move.
RISING_FIGURES = (*FIGURES, "unhandled")

DayKey = tuple[int, date]  # release id, day
Figures = dict[str, int]  # by name


class UserMove(NamedTuple):
    """A user of a release; None before the first session."""

    release_id: int
    before: UserDays | None
    after: UserDays


@dataclass(frozen=True)
class Moves:
    """What the session is from now on, and what to add to figures; `ended_at` None leaves it.

    So does a `user_key` of None. What is told in the Sentry dialect alone is what it is from now
    on; Pionne's reports leave it.
    """

    day: date
    status: SessionStatus
    ended_at: datetime | None
    duration_ms: int | None
    errors: int = 0
    has_unhandled: bool = False
    abnormal_mechanism: str | None = None
    user_key: bytes | None = None
    users: tuple[UserMove, ...] = ()
    figures: Mapping[DayKey, Figures] = field(default_factory=dict)  # in the order of locking


def moves_of(report: SessionReport, seen: Seen, *, now: datetime) -> Moves | None:
    """None when the report changes nothing: it came twice, or tells less than is known."""
    if seen.session is None:
        return _open(report, seen, now)
    if report.rises:
        return _raise(report, seen, seen.session, now)
    if report.status.outranks(SessionStatus(seen.session.status)):
        return _worsen(report, seen, seen.session, now)
    if seen.session.duration_ms is None and report.duration_ms is not None:
        return _complete(report, seen, seen.session)
    return None


def day_of_new_session(seen: Seen, now: datetime) -> date:
    """A user's newest day does not move back where hosts disagree about midnight.

    But no day is more than one ahead: a clock that was ahead once would keep all sessions of the
    people it met on that day, for as long as it takes to come.
    """
    today = now.date()
    ahead = [user.newest for user in seen.users.values() if user.newest > today]
    if not ahead:  # of nearly every session; nothing more is worked out for them
        return today
    latest = latest_day(now)
    return max([today, *(day for day in ahead if day <= latest)])


def _open(report: SessionReport, seen: Seen, now: datetime) -> Moves:
    day = day_of_new_session(seen, now)
    added = Added(RISING_FIGURES if report.rises else FIGURES)
    for release_id in seen.release_ids:
        added.add(release_id, day, report.status, 1)
        if report.has_unhandled:
            added.add(release_id, day, "unhandled", 1)
    users: tuple[UserMove, ...] = ()
    if report.user_key is not None:
        users = meet_user(seen, added, day, crashed=report.status is SessionStatus.CRASHED)
    return Moves(
        day=day,
        status=report.status,
        ended_at=now if report.ends else None,
        duration_ms=report.duration_ms,
        errors=report.errors,
        has_unhandled=report.has_unhandled,
        abnormal_mechanism=report.abnormal_mechanism,
        user_key=report.user_key,
        users=users,
        figures=added.in_lock_order(),
    )


def _worsen(report: SessionReport, seen: Seen, session: StoredSession, now: datetime) -> Moves:
    added = Added()
    for release_id in seen.release_ids:
        added.add(release_id, session.day, session.status, -1)
        added.add(release_id, session.day, report.status, 1)
    users: tuple[UserMove, ...] = ()
    if report.status is SessionStatus.CRASHED and session.user_key is not None:
        users = _move_user(seen, added, session.day, crashed=True)
    known_ms = session.duration_ms
    return Moves(
        day=session.day,
        status=report.status,
        ended_at=now,
        duration_ms=known_ms if report.duration_ms is None else report.duration_ms,
        errors=seen.progress.errors,
        has_unhandled=seen.progress.has_unhandled,
        abnormal_mechanism=seen.progress.abnormal_mechanism,
        users=users,
        figures=added.in_lock_order(),
    )


def _raise(
    report: SessionReport, seen: Seen, session: StoredSession, now: datetime
) -> Moves | None:
    """Whatever is worse or more than what is known counts, in whichever order it comes."""
    known = SessionStatus(session.status)
    status = report.status if report.status.outranks(known) else known
    durations = [ms for ms in (session.duration_ms, report.duration_ms) if ms is not None]
    moved = Moves(
        day=session.day,
        status=status,
        ended_at=now if report.ends and not has_ended(seen.progress.has_ended, known) else None,
        duration_ms=max(durations, default=None),
        errors=max(seen.progress.errors, report.errors),
        has_unhandled=seen.progress.has_unhandled or report.has_unhandled,
        abnormal_mechanism=_worse(seen.progress.abnormal_mechanism, report.abnormal_mechanism),
        user_key=report.user_key if session.user_key is None else None,
    )
    same = Moves(
        day=session.day,
        status=known,
        ended_at=None,
        duration_ms=session.duration_ms,
        errors=seen.progress.errors,
        has_unhandled=seen.progress.has_unhandled,
        abnormal_mechanism=seen.progress.abnormal_mechanism,
    )
    if moved == same:
        return None
    added = Added(RISING_FIGURES)
    if moved.has_unhandled and not same.has_unhandled:
        for release_id in seen.release_ids:
            added.add(release_id, session.day, "unhandled", 1)
    if status is not known:
        for release_id in seen.release_ids:
            added.add(release_id, session.day, known, -1)
            added.add(release_id, session.day, status, 1)
    has_crashed = status is SessionStatus.CRASHED
    users: tuple[UserMove, ...] = ()
    if moved.user_key is not None:
        users = meet_user(seen, added, session.day, crashed=has_crashed)
    elif has_crashed and status is not known and session.user_key is not None:
        users = _move_user(seen, added, session.day, crashed=True)
    return replace(moved, users=users, figures=added.in_lock_order())


def _complete(report: SessionReport, seen: Seen, session: StoredSession) -> Moves:
    """An equal or better status changes nothing but a duration that was not known yet.

    The end is known: only a session that is ok has none, and nothing is better than ok.
    """
    return Moves(
        day=session.day,
        status=SessionStatus(session.status),
        ended_at=None,
        duration_ms=report.duration_ms,
        errors=seen.progress.errors,
        has_unhandled=seen.progress.has_unhandled,
        abnormal_mechanism=seen.progress.abnormal_mechanism,
    )


def _worse(known: str | None, told: str | None) -> str | None:
    """An app that hung while somebody looked at it, before one that hung unseen."""
    return max(filter(None, (known, told)), default=None)


class Added:
    """What to add to the figures, by release, day and name."""

    def __init__(self, names: Iterable[str] = FIGURES) -> None:
        self._figures: defaultdict[DayKey, Figures] = defaultdict(lambda: dict.fromkeys(names, 0))

    def add(self, release_id: int, day: date, name: str, amount: int) -> None:
        self._figures[release_id, day][name] += amount

    def in_lock_order(self) -> dict[DayKey, Figures]:
        """By day, then release: two transactions that meet on several rows must not cross."""
        return dict(sorted(self._figures.items(), key=lambda row: (row[0][1], row[0][0])))


def meet_user(seen: Seen, added: Added, day: date, *, crashed: bool) -> tuple[UserMove, ...]:
    """Of a session on that day that has a user from now on."""
    users = _move_user(seen, added, day, crashed=crashed)
    for release_id in seen.met_later(day) - seen.active:
        added.add(release_id, day, "users_active", 1)
    return users


def _move_user(seen: Seen, added: Added, day: date, *, crashed: bool) -> tuple[UserMove, ...]:
    moved = []
    for release_id in seen.release_ids:
        before = seen.users.get(release_id)
        after, changes = see(before, day=day, crashed=crashed)
        for change in changes:
            added.add(release_id, change.day, change.column, change.amount)
        moved.append(UserMove(release_id, before, after))
    return tuple(moved)

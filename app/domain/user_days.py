"""How the figures of distinct users move when a user has a session (or one of theirs crashes).

For each user the newest day with a session is kept, and for each day how many users have it as
their newest. Any window that reaches to today then holds exactly the users whose newest day lies in
it, so the distinct users of a window are a sum over its days. The same of crashed sessions.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class UserDays:
    """The newest day on which one user had a session, and a crashed one (None: never)."""

    newest: date
    newest_crashed: date | None


@dataclass(frozen=True)
class Change:
    """Add `amount` to the figure `column` of `day`."""

    day: date
    column: str
    amount: int


def see(known: UserDays | None, *, day: date, crashed: bool) -> tuple[UserDays, list[Change]]:
    """The user after a session on `day`, and what changes in the figures.

    `known` is None for a user never seen. A new session's day is never before `known.newest`; an
    older session that turns out to have crashed moves the crashed day, if anything.
    """
    changes: list[Change] = []
    newest = known.newest if known else None
    if newest is None or newest < day:
        changes += _moved("users_newest", newest, day)
        changes.append(Change(day, "users_active", 1))
        newest = day
    newest_crashed = known.newest_crashed if known else None
    if crashed and (newest_crashed is None or newest_crashed < day):
        changes += _moved("users_newest_crashed", newest_crashed, day)
        newest_crashed = day
    return UserDays(newest, newest_crashed), changes


def _moved(column: str, old: date | None, new: date) -> list[Change]:
    arrived = Change(new, column, 1)
    return [arrived] if old is None else [Change(old, column, -1), arrived]

"""What sessions that come as sums move: the figures of a day, and never a session.

Servers count their requests and send the sums of a minute. Equal sums are not the same ones sent
twice, so all of them add up.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.session_facts import Seen
from app.domain.session_moves import RISING_FIGURES, Added, DayKey, Figures, UserMove, meet_user
from app.domain.session_status import SessionStatus


@dataclass(frozen=True)
class SessionSums:
    """How many sessions ended how, of one user or of nobody; `unhandled` of the errored ones."""

    sessions: Mapping[SessionStatus, int]
    unhandled: int = 0
    user_key: bytes | None = None


@dataclass(frozen=True)
class SummedUser:
    """Whose sessions some of them were; `seen` is of the release, of this user, and no session."""

    key: bytes
    seen: Seen
    has_crashed: bool


@dataclass(frozen=True)
class SumMoves:
    """What to add to figures, in the order of locking, and how each user moves, by key."""

    figures: Mapping[DayKey, Figures]
    users: Mapping[bytes, tuple[UserMove, ...]]


def summed(sums: Iterable[Mapping[SessionStatus, int]]) -> Counter[SessionStatus]:
    """All of one release and environment together: so a hundred cost one row."""
    total: Counter[SessionStatus] = Counter()
    for each in sums:
        total.update(each)
    return total


def moves_of_sums(
    sessions: Mapping[SessionStatus, int],
    users: Iterable[SummedUser],
    *,
    release_ids: Iterable[int],
    day: date,
    unhandled: int = 0,
) -> SumMoves:
    """Each user is told once; `release_ids` are the release's in its environment and in all."""
    added = Added(RISING_FIGURES)
    for release_id in release_ids:
        for status, count in sessions.items():
            added.add(release_id, day, status, count)
        added.add(release_id, day, "unhandled", unhandled)
    moved = {user.key: meet_user(user.seen, added, day, crashed=user.has_crashed) for user in users}
    return SumMoves(added.in_lock_order(), moved)

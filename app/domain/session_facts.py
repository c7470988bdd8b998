"""What is told of a session by a report, and what of it, its release and its user is stored.

What the one moves of the other is in `app.domain.session_moves`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.domain.session_status import SessionStatus
from app.domain.user_days import UserDays


@dataclass(frozen=True, kw_only=True)
class SessionReport:
    """One POST about a session; the first one fixes all fields but status, duration and end.

    Where it `rises`, as in the Sentry dialect, later ones also fill in a user who was not known,
    and the largest duration and number of errors count. There a session may have had errors and go
    on: `has_ended` None leaves it to the status, and all but ok have ended then.
    """

    session_id: bytes  # the UUID's 16 bytes
    status: SessionStatus
    release: str
    environment: str
    app_version: str | None = None
    os_name: str | None = None
    app_id: str | None = None
    user_key: bytes | None = None
    duration_ms: int | None = None
    rises: bool = False
    has_ended: bool | None = None
    errors: int = 0
    has_unhandled: bool = False  # an error that nothing handled, and that ended nothing
    abnormal_mechanism: str | None = None

    @property
    def ends(self) -> bool:
        return has_ended(self.has_ended, self.status)


class StoredSession(NamedTuple):
    """What matters of a session that is stored already."""

    id: int
    status: str
    release_id: int
    day: date
    user_key: bytes | None
    duration_ms: int | None


class Progress(NamedTuple):
    """What more is stored of it, and only rising reports move; `has_ended` as in a report."""

    errors: int = 0
    has_unhandled: bool = False
    has_ended: bool | None = None
    abnormal_mechanism: str | None = None


_NO_PROGRESS = Progress()


@dataclass(frozen=True)
class Seen:
    """What is stored of a session, of its release in each scope, and of its user in these."""

    release_id: int  # in the session's environment
    in_all_id: int  # the same release in all environments
    # By release id; of a user who is new there, nothing. Whose: the session's, else the report's.
    users: Mapping[int, UserDays]
    session: StoredSession | None
    # In which of both a user of `met_later` has been on that day already.
    active: frozenset[int] = frozenset()
    progress: Progress = _NO_PROGRESS  # of the session

    def met_later(self, day: date) -> set[int]:
        """In which of both the user was met on a later day: by a clock that was ahead."""
        return {release_id for release_id, user in self.users.items() if user.newest > day}

    @property
    def release_ids(self) -> list[int]:
        """Rising, the order in which rows are locked."""
        return sorted((self.release_id, self.in_all_id))


def has_ended(told: bool | None, status: SessionStatus) -> bool:
    """As it is told; else all have but those that are ok."""
    return status is not SessionStatus.OK if told is None else told

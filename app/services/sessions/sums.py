"""Sessions that come as sums: stored as they came, beside the figures that they move.

There is no row of a session to find again, so nothing is known twice: equal sums are not the same
ones sent twice. All of one release is one transaction, on both databases: a server sends once a
minute, and what a transaction costs is shared by all its sums
(docs/decisions/0176-sums-are-kept-as-they-came.md).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.exc import DBAPIError

from app.database import write
from app.database.prepared import Prepared
from app.domain.session_moves import Seen
from app.domain.session_sums import SessionSums, SummedUser, moves_of_sums, summed
from app.domain.user_days import UserDays
from app.extensions import settings
from app.models import Release, ReleaseUser
from app.models.sessions import ALL_ENVIRONMENTS
from app.services.projects import senders
from app.services.releases import names as release_names
from app.services.releases.names import Allowance, Names
from app.services.sessions import store_sums
from app.services.sessions.look import active_on
from app.services.sessions.reports import note_other_names
from app.services.sessions.sent_report import LostRace
from app.services.sessions.store_postgresql import was_first
from app.services.sessions.store_sums import UserSums
from app.signals import session_recorded, tell

_MAX_ATTEMPTS = 10
_USERS_AT_ONCE = 500


@dataclass(frozen=True)
class _Place:
    """The release in the environment of the sums, and in all."""

    release_id: int
    in_all_id: int

    def seen(self, users: Mapping[int, UserDays]) -> Seen:
        return Seen(release_id=self.release_id, in_all_id=self.in_all_id, users=users, session=None)


def record_sums(
    project_id: int,
    asked: Names,
    sums: Sequence[SessionSums],
    *,
    now: datetime,
    token_digest: bytes | None = None,
) -> None:
    """Count them on the day of their arrival: all of them, each time they come.

    Raises UnknownProjectToken when the token that they were sent with is the project's no more.
    """
    of_users = _by_user(sums)
    if not of_users:
        return
    work = partial(
        _record,
        project_id=project_id,
        asked=asked,
        of_users=of_users,
        now=now,
        token_digest=token_digest,
        allowance=Allowance.of(settings()),
    )
    for _ in range(_MAX_ATTEMPTS):
        try:
            names = write(work)
        except LostRace:
            continue
        tell(session_recorded)
        if names != asked:
            quantity = sum(each.total for each in of_users.values())
            note_other_names(project_id, now=now, quantity=quantity)
        return
    raise RuntimeError(f"sums of sessions were not stored in {_MAX_ATTEMPTS} attempts")


def add_sums(
    connection: Connection,
    project_id: int,
    asked: Names,
    sums: Sequence[SessionSums],
    *,
    now: datetime,
    allowance: Allowance,
) -> int:
    """Count them in the caller's transaction, which has made sure of who sends; how many of them
    under others of their names.

    Raises LostRace when all of the transaction is to be done again. Call `note_other_names` after
    the commit where there are any.
    """
    of_users = _by_user(sums)
    if not of_users:
        return 0
    names = _add(
        connection,
        project_id=project_id,
        asked=asked,
        of_users=of_users,
        now=now,
        allowance=allowance,
    )
    return sum(each.total for each in of_users.values()) if names != asked else 0


def _by_user(sums: Sequence[SessionSums]) -> dict[bytes | None, UserSums]:
    """One for each user who had any session: so a hundred of nobody cost one row."""
    found: dict[bytes | None, UserSums] = {}
    for each in sums:
        if any(each.sessions.values()):
            known = found.setdefault(each.user_key, UserSums(Counter()))
            known.sessions.update(each.sessions)
            known.unhandled += each.unhandled
    return found


def _record(
    connection: Connection,
    *,
    project_id: int,
    asked: Names,
    of_users: Mapping[bytes | None, UserSums],
    now: datetime,
    token_digest: bytes | None,
    allowance: Allowance,
) -> Names:
    senders.check(connection, project_id, token_digest)
    return _add(
        connection,
        project_id=project_id,
        asked=asked,
        of_users=of_users,
        now=now,
        allowance=allowance,
    )


def _add(
    connection: Connection,
    *,
    project_id: int,
    asked: Names,
    of_users: Mapping[bytes | None, UserSums],
    now: datetime,
    allowance: Allowance,
) -> Names:
    """The names under which they are counted; raises LostRace when all is to be done again."""
    day, names = now.date(), asked
    try:
        place = _find(connection, project_id, names)
        if place is None:
            names = release_names.admit(connection, project_id, asked, day=day, allowance=allowance)
            place = _find(connection, project_id, names)
        if place is None:
            raise LostRace  # somebody is just giving the release another name
        moves = moves_of_sums(
            summed(each.sessions for each in of_users.values()),
            list(_users(connection, place, of_users, day)),
            release_ids=(place.release_id, place.in_all_id),
            day=day,
            unhandled=sum(each.unhandled for each in of_users.values()),
        )
        store_sums.store(connection, place.release_id, of_users, moves, day=day, now=now)
    except DBAPIError as error:
        if was_first(error):
            raise LostRace from error
        raise
    return names


def _find_place(_dialect_name: str) -> Select[int, str]:
    return (
        select(Release.id, Release.environment)
        .where(
            Release.project_id == bindparam("project_id"),
            Release.name == bindparam("release"),
            Release.environment.in_((ALL_ENVIRONMENTS, bindparam("environment"))),
        )
        .order_by(Release.id)
        .with_for_update(read=True, key_share=True)
    )


_PLACE = Prepared(_find_place)


def _find(connection: Connection, project_id: int, names: Names) -> _Place | None:
    """None unless both are there; they keep their names until the commit."""
    values = {
        "project_id": project_id,
        "release": names.release,
        "environment": names.environment,
    }
    ids = {environment: id_ for id_, environment in _PLACE.rows(connection, values)}
    if len(ids) < len((ALL_ENVIRONMENTS, names.environment)):
        return None
    return _Place(ids[names.environment], ids[ALL_ENVIRONMENTS])


def _users(
    connection: Connection, place: _Place, of_users: Mapping[bytes | None, UserSums], day: date
) -> Iterator[SummedUser]:
    """All are locked before the first is met, in the order in which reports lock them."""
    keys = sorted(key for key in of_users if key is not None)
    known: dict[bytes, dict[int, UserDays]] = {key: {} for key in keys}
    for release_id in sorted((place.release_id, place.in_all_id)):
        for first in range(0, len(keys), _USERS_AT_ONCE):
            found = connection.execute(
                select(ReleaseUser.user_key, ReleaseUser.newest_day, ReleaseUser.newest_crashed_day)
                .where(
                    ReleaseUser.release_id == release_id,
                    ReleaseUser.user_key.in_(keys[first : first + _USERS_AT_ONCE]),
                )
                .order_by(ReleaseUser.user_key)
                .with_for_update()
            )
            for key, newest, newest_crashed in found:
                known[key][release_id] = UserDays(newest, newest_crashed)
    for key in keys:
        seen = place.seen(known[key])
        if seen.met_later(day):
            seen = replace(seen, active=active_on(connection, seen, key, day))
        yield SummedUser(key, seen, has_crashed=of_users[key].has_crashed)

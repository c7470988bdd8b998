"""Takes a person out of sessions: the app sent their address as its user's id.

Sessions keep a digest of it, by which users are counted. A random key takes its place, a new one in
each release: no figure moves, and neither the address nor the sessions of another release lead to
these any more. How the key begins tells that somebody was erased. All that a release knows of the
user changes in one transaction, or a report that comes meanwhile would count them twice.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select, update

from app.database import read_transaction, snapshot
from app.domain.mentions import AddressMatcher
from app.domain.user_key import key_of_erased
from app.models import Release, ReleaseUser, Session, SessionSum
from app.services.people.erasure_steps import BATCH_ROWS, Counts, Erasure, hide
from app.services.people.search import Person, sessions_of
from app.services.sessions.sent_report import LostRace

_MAX_ATTEMPTS = 10


@dataclass(frozen=True)
class ReleaseUserKey:
    """One user of one release, whatever the environments."""

    project_id: int
    release: str
    user_key: bytes

    def is_of(self, column: Any) -> Any:
        """Whether the release's id in the column is of this release, in any environment."""
        return column.in_(
            select(Release.id).where(
                Release.project_id == self.project_id, Release.name == self.release
            )
        )


def users_of(connection: Connection, person: Person) -> dict[ReleaseUserKey, list[int]]:
    """The ids of each one's sessions."""
    found: dict[ReleaseUserKey, list[int]] = defaultdict(list)
    columns = (Session.project_id, Release.name, Session.user_key, Session.id)
    query = sessions_of(person, *columns).join(Release, Release.id == Session.release_id)
    for project_id, release, key, session_id in connection.execute(query):
        found[ReleaseUserKey(project_id, release, key)].append(session_id)
    # Of sessions that are purged, until their figures are.
    users = (
        select(Release.project_id, Release.name, ReleaseUser.user_key)
        .join(Release, Release.id == ReleaseUser.release_id)
        .where(ReleaseUser.user_key.in_(person.user_keys), person.in_scope(Release.project_id))
    )
    for row in connection.execute(users):
        found[ReleaseUserKey(*row)]  # made empty
    return found


def unlink(erasure: Erasure) -> Iterator[Counts]:
    for _ in range(_MAX_ATTEMPTS):
        with snapshot(), read_transaction() as connection:
            found = users_of(connection, erasure.person)
            newest_days = {user: _newest_day(connection, user) for user in found}
        has_lost = False
        for user, session_ids in found.items():
            work = partial(
                _unlink,
                user=user,
                session_ids=session_ids,
                newest_day=newest_days[user],
                matcher=erasure.person.name_matcher,
            )
            try:
                yield erasure.step(user.project_id, work)
            except LostRace:
                has_lost = True
        if not has_lost:
            return
    raise RuntimeError(f"a user had a new session in each of {_MAX_ATTEMPTS} attempts")


def _newest_day(connection: Connection, user: ReleaseUserKey) -> date:
    """Sessions that open later are of this day or after it."""
    newest = select(func.max(ReleaseUser.newest_day)).where(
        user.is_of(ReleaseUser.release_id), ReleaseUser.user_key == user.user_key
    )
    return connection.execute(newest).scalar() or date.min


def _unlink(
    connection: Connection,
    *,
    user: ReleaseUserKey,
    session_ids: list[int],
    newest_day: date,
    matcher: AddressMatcher,
) -> Counts:
    """Raises LostRace when the user had another session since they were searched.

    Locks in the order of app.services.sessions.postgresql_statement: sessions, users, sums last.
    """
    random_key = key_of_erased()
    unlinked = 0
    for first in range(0, len(session_ids), BATCH_ROWS):
        batch = session_ids[first : first + BATCH_ROWS]
        is_theirs = Session.id.in_(batch) & (Session.user_key == user.user_key)
        unlinked += connection.execute(
            update(Session).where(is_theirs).values(user_key=random_key)
        ).rowcount
        hide(connection, matcher, Session, ids=batch)
    connection.execute(
        update(ReleaseUser)
        .where(user.is_of(ReleaseUser.release_id), ReleaseUser.user_key == user.user_key)
        .values(user_key=random_key)
    )
    # Whoever stores sums holds the row of `release_users` until the commit.
    connection.execute(
        update(SessionSum)
        .where(user.is_of(SessionSum.release_id), SessionSum.user_key == user.user_key)
        .values(user_key=random_key)
    )
    missed = select(Session.id).where(
        user.is_of(Session.release_id),
        Session.day >= newest_day,
        Session.user_key == user.user_key,
    )
    if connection.execute(missed.limit(1)).all():
        raise LostRace
    return Counts(sessions=unlinked)

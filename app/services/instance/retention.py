"""Deletes what is older than the settings allow, and deleted projects, in short transactions.

Interrupted at any point, the next run goes on: each batch is complete in itself, and the horizon
from which on the raw sessions are complete is written before the first of them goes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Delete, Update, delete, func, select, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from app.config import Settings
from app.database import insert_into, read_transaction, write_transaction
from app.models import (
    Event,
    Feedback,
    Invitation,
    LoginChallenge,
    ReleaseDay,
    ReleaseUser,
    RetentionHorizon,
    Session,
)
from app.models.sessions import SESSIONS_HORIZON
from app.services.projects import invitations
from app.services.projects import purge as project_purge

# A batch holds SQLite's write lock for some tens of milliseconds.
_BATCH_IDS = 5000
_BATCH_ROWS = 2000


@dataclass(frozen=True)
class Purge:
    """One kind of rows that are due; `run` yields how many went with each batch."""

    what: str
    due: int
    run: Callable[[], Iterator[int]]


def plan(settings: Settings, *, now: datetime) -> list[Purge]:
    """What is due; counts only, deletes nothing. A setting of 0 days keeps for ever."""
    purges = [Purge("rows of deleted projects", project_purge.due(), project_purge.run)]
    if days := settings.event_retention_days:
        old_event = Event.created_at < now - timedelta(days=days)
        purges.append(_by_id("events", Event, old_event, delete(Event)))
    if days := settings.session_retention_days:
        # Whole days, because figures are kept by day.
        purges += _sessions_before(now.date() - timedelta(days=days))
    if days := settings.feedback_retention_days:
        old_feedback = Feedback.created_at < now - timedelta(days=days)
        purges.append(_by_id("feedback", Feedback, old_feedback, delete(Feedback)))
    if days := settings.address_hash_retention_days:
        old_hash = (Feedback.created_at < now - timedelta(days=days)) & (
            Feedback.address_hash.is_not(None)
        )
        # The key of duplicates is made from the hash, so it goes with it.
        forget = update(Feedback).values(address_hash=None, duplicate_key=None)
        purges.append(_by_id("address hashes", Feedback, old_hash, forget))
    stale_login = LoginChallenge.expires_at <= now
    purges.append(
        _by_id("logins without a code", LoginChallenge, stale_login, delete(LoginChallenge))
    )
    stale_invitation = ~invitations.is_unexpired(now)
    purges.append(_by_id("expired invitations", Invitation, stale_invitation, delete(Invitation)))
    return purges


def _sessions_before(horizon: date) -> list[Purge]:
    old_session = Session.day < horizon
    sessions = _by_id("sessions", Session, old_session, delete(Session))

    def purge_sessions() -> Iterator[int]:
        _raise_horizon(horizon)
        yield from sessions.run()

    return [
        Purge(sessions.what, sessions.due, purge_sessions),
        _by_key("users of releases", ReleaseUser, ReleaseUser.newest_day < horizon),
        _by_key("days of releases", ReleaseDay, ReleaseDay.day < horizon),
    ]


def _raise_horizon(horizon: date) -> None:
    with write_transaction() as connection:
        insert = insert_into(connection.dialect.name, RetentionHorizon)
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["name"],
                set_={"day": insert.excluded.day},
                where=RetentionHorizon.day < insert.excluded.day,
            ),
            {"name": SESSIONS_HORIZON, "day": horizon},
        )


def _by_id(
    what: str,
    model: type[Event | Session | Feedback | LoginChallenge | Invitation],
    is_due: ColumnElement[bool],
    statement: Delete | Update,
) -> Purge:
    """Walks all ids in order: no index on time is needed, and rows out of order are found too."""

    def run() -> Iterator[int]:
        with read_transaction() as connection:
            lowest, highest = connection.execute(
                select(func.min(model.id), func.max(model.id)).where(is_due)
            ).one()
        if lowest is None:
            return
        for first in range(lowest, highest + 1, _BATCH_IDS):
            in_batch = model.id.between(first, first + _BATCH_IDS - 1)
            with write_transaction() as connection:
                purged = connection.execute(statement.where(is_due, in_batch)).rowcount
            yield purged

    return Purge(what, _count(is_due), run)


def _by_key(
    what: str, model: type[ReleaseUser] | type[ReleaseDay], is_due: ColumnElement[bool]
) -> Purge:
    """For tables without an id of their own."""
    key = tuple_(*model.__table__.primary_key)

    def run() -> Iterator[int]:
        batch = select(*model.__table__.primary_key).where(is_due).limit(_BATCH_ROWS)
        while True:
            with write_transaction() as connection:
                purged = connection.execute(delete(model).where(key.in_(batch))).rowcount
            yield purged
            if purged < _BATCH_ROWS:
                return

    return Purge(what, _count(is_due), run)


def _count(is_due: ColumnElement[bool]) -> int:
    with read_transaction() as connection:
        return connection.execute(select(func.count()).where(is_due)).scalar_one()

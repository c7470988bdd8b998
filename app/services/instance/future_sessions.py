"""Puts sessions of the future right, and makes the figures of their releases anew.

A session goes to the time of the row before it, and to that day, a sum to today; their figures hang
on the day, so all of a release is put right in one transaction.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, or_, select, update

from app.database import read_transaction, write_transaction
from app.domain.times import AHEAD_AT_MOST
from app.models import Project, Release, ReleaseDay, ReleaseUser, Session, SessionSum
from app.services.instance.future_rows import is_ahead, is_any_ahead
from app.services.instance.future_times import time_before
from app.services.sessions import ledger, store_sums


def repair(*, now: datetime) -> Iterator[str]:
    """A line for each release; interrupted, the next run goes on."""
    with read_transaction() as connection:
        moments = _moments(connection, now)
        places = _places(connection, now)
    for project_id, name in places:
        moved = _put_right(project_id, name, moments, now)
        yield f"release {name!r} of project {project_id}: {moved} sessions put right"


def _is_one(now: datetime) -> ColumnElement[bool]:
    times = (Session.started_at, Session.day, Session.reported_at)
    return or_(*(is_ahead(column, now) for column in times))


def _moments(connection: Connection, now: datetime) -> dict[int, datetime]:
    """When each session of the future began, as far as can be told."""
    query = select(Session.id, Session.started_at).where(_is_one(now))
    rows = connection.execute(query.order_by(Session.id)).all()
    moments: dict[int, datetime] = {}
    for row_id, moment in rows:
        if moment > now + AHEAD_AT_MOST:
            moment = time_before(connection, Session.started_at, row_id, moments, now=now)
        moments[row_id] = moment
    return moments


def _places(connection: Connection, now: datetime) -> list[tuple[int, str]]:
    """The releases whose sessions or figures are of the future, by project and name."""
    of_sessions = (
        select(Release.project_id, Release.name)
        .join(Session, Session.release_id == Release.id)
        .where(_is_one(now))
    )
    of_figures = (
        select(Release.project_id, Release.name)
        .join(model, model.release_id == Release.id)
        .where(is_any_ahead(model, now))
        for model in (ReleaseDay, ReleaseUser, SessionSum)
    )
    rows = connection.execute(of_sessions.union(*of_figures)).all()
    return sorted((project_id, name) for project_id, name in rows)


def _put_right(project_id: int, name: str, moments: dict[int, datetime], now: datetime) -> int:
    """How many sessions moved; their release's figures are made anew, in all scopes."""
    with write_transaction() as connection:
        # On PostgreSQL no report of the project comes between.
        turn = select(Project.id).where(Project.id == project_id).with_for_update()
        if connection.execute(turn).scalar() is None:
            return 0  # purged meanwhile
        scopes = connection.execute(
            select(Release.id).where(Release.project_id == project_id, Release.name == name)
        )
        release_ids = list(scopes.scalars())
        rows = connection.execute(
            select(Session.id, Session.ended_at, Session.duration_ms).where(
                Session.release_id.in_(release_ids), _is_one(now)
            )
        ).all()
        changes = []
        for row in rows:
            moment = moments.get(row.id, now)
            ended_at = row.ended_at
            if ended_at is not None and ended_at > now + AHEAD_AT_MOST:
                ended_at = moment
            changes.append(
                {"of": row.id, "began": moment, "of_day": moment.date(), "ended": ended_at}
            )
        if changes:
            connection.execute(
                update(Session)
                .where(Session.id == bindparam("of"))
                .values(
                    started_at=bindparam("began"),
                    day=bindparam("of_day"),
                    ended_at=bindparam("ended", type_=Session.ended_at.type),
                    # Its day is that of its beginning from now on, and so is when it was seen.
                    reported_at=None,
                ),
                changes,
            )
        _put_sums_right(connection, release_ids, now)
        _make_figures(connection, release_ids)
    return len(changes)


def _put_sums_right(connection: Connection, release_ids: list[int], now: datetime) -> None:
    are_these = SessionSum.release_id.in_(release_ids) & is_any_ahead(SessionSum, now)
    columns = SessionSum.__table__.columns
    rows = [row._asdict() for row in connection.execute(select(*columns).where(are_these))]
    connection.execute(delete(SessionSum).where(are_these))
    for row in rows:
        row["day"] = min(row["day"], now.date())
        for name in ("first_seen_at", "last_seen_at"):
            row[name] = min(row[name], now)
    store_sums.keep(connection, rows)


def _make_figures(connection: Connection, release_ids: list[int]) -> None:
    """From the raw sessions and sums, as far back as these are complete."""
    horizon = ledger.horizon_of(connection)
    days = dict(ledger.recomputed_days(connection, horizon, release_ids))
    users = dict(ledger.recomputed_users(connection, horizon, release_ids))
    for model, column in ((ReleaseDay, ReleaseDay.day), (ReleaseUser, ReleaseUser.newest_day)):
        is_theirs = model.release_id.in_(release_ids)
        connection.execute(delete(model).where(is_theirs, column >= horizon))
    if days:
        figures = dict.fromkeys(("users_newest", "users_newest_crashed"), 0)
        rows = [
            {"release_id": release_id, "day": day, **figures, **row}
            for (release_id, day), row in days.items()
        ]
        connection.execute(insert(ReleaseDay), rows)
    if users:
        connection.execute(
            insert(ReleaseUser),
            [
                {"release_id": release_id, "user_key": user_key, **row}
                for (release_id, user_key), row in users.items()
            ],
        )

"""Release health: crash-free rates by release, from the kept figures alone.

A window is the last `days` UTC days, today included, by the day of a session's first POST. It must
reach to today: that is what makes the sum of users' newest days the number of distinct users.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, select, tuple_
from sqlalchemy.orm import aliased

from app.database import read_transaction, snapshot
from app.domain.release_cursor import ReleaseCursor
from app.domain.release_health import DayHealth, ReleaseHealth, Window
from app.domain.session_status import SessionStatus
from app.domain.text import is_storable
from app.models import Release, ReleaseDay
from app.models.sessions import ALL_ENVIRONMENTS, IS_NEWEST_DAY
from app.services.errors import NotFound
from app.services.projects import thresholds

# A release's share is one of the sessions of so many releases, those seen last, and of its own: how
# many there are is up to whoever has a token.
ADDED_UP_RELEASES = 100

SESSIONS_OF_DAY: ColumnElement[int] = (
    ReleaseDay.ok
    + ReleaseDay.exited
    + ReleaseDay.errored
    + ReleaseDay.abnormal
    + ReleaseDay.crashed
)


_POSITION = (ReleaseDay.day, ReleaseDay.last_seen_at, ReleaseDay.release_id)


@dataclass(frozen=True)
class ReleasePage:
    """Rows of the report; `next_before` is where the next page begins, None after the last."""

    rows: list[ReleaseHealth]
    next_before: ReleaseCursor | None


@dataclass(frozen=True)
class _SharedSessions:
    """What shares are shares of: `among` so many releases, `names`; None where these are all."""

    by_day: dict[date, int]
    names: set[str]
    among: int | None

    def on(self, day: date, release: str, own: dict[str, int]) -> int:
        """With the release's own where it is none of them, or its share could be anything."""
        added_up = self.by_day.get(day, 0)
        if release in self.names:
            return added_up
        return added_up + sum(own.get(status, 0) for status in SessionStatus)


def known_name(project_id: int, window: Window, release: str) -> str:
    """The release that a path means: a slash at its end may be the name's, or the address's."""
    if release.endswith("/") and is_storable(release):
        if not of_releases(project_id, window, [release]):
            return release.rstrip("/")
    return release


def list_page(
    project_id: int, window: Window, *, limit: int, before: ReleaseCursor | None = None
) -> ReleasePage:
    """Releases with a session in the window, the one seen last first.

    Only the days of those on the page are read, however many releases there are.
    """
    query = select(*_POSITION).where(*_in_list(project_id, window))
    if before is not None:
        below = (before.day, before.last_seen_at, before.release_id)
        query = query.where(tuple_(*_POSITION) < below)
    query = query.order_by(*(column.desc() for column in _POSITION))
    with snapshot(), read_transaction() as connection:
        found = [ReleaseCursor(*row) for row in connection.execute(query.limit(limit + 1))]
        ids = [each.release_id for each in found[:limit]]
        rows = _figures(connection, project_id, window, ids)
    return ReleasePage(rows, found[limit - 1] if len(found) > limit else None)


def of_releases(project_id: int, window: Window, names: Sequence[str]) -> list[ReleaseHealth]:
    """The rows of the report that have these names; of a release without sessions, none."""
    query = select(Release.id).where(
        Release.project_id == project_id,
        Release.environment == (window.environment or ALL_ENVIRONMENTS),
        Release.name.in_(names),
    )
    with snapshot(), read_transaction() as connection:
        ids = connection.execute(query).scalars().all()
        return _figures(connection, project_id, window, ids)


def _figures(
    connection: Connection, project_id: int, window: Window, release_ids: Sequence[int]
) -> list[ReleaseHealth]:
    """In the order of the list, without those that have no session in the window."""
    query = (
        select(
            Release.name.label("release"),
            *(
                func.sum(getattr(ReleaseDay, status)).label(f"sessions_{status}")
                for status in SessionStatus
            ),
            func.sum(ReleaseDay.users_newest).label("users_total"),
            func.sum(ReleaseDay.users_newest_crashed).label("users_crashed"),
            func.min(ReleaseDay.first_seen_at).label("first_seen_at"),
            func.max(ReleaseDay.last_seen_at).label("last_seen_at"),
        )
        .join(ReleaseDay, ReleaseDay.release_id == Release.id)
        .where(Release.id.in_(release_ids), ReleaseDay.day >= window.first_day)
        .group_by(Release.id, Release.name)
        .order_by(
            func.max(ReleaseDay.day).desc(),
            func.max(ReleaseDay.last_seen_at).desc(),
            Release.id.desc(),
        )
    )
    judged_by = thresholds.read(connection, project_id)
    return [
        ReleaseHealth(**_plain(row._asdict()), thresholds=judged_by)
        for row in connection.execute(query)
    ]


def of_release(project_id: int, window: Window, *, release: str) -> ReleaseHealth:
    """The report's row of one release; raises NotFound when it had no session in the window."""
    # PostgreSQL would refuse to look for a NUL.
    rows = of_releases(project_id, window, [release]) if is_storable(release) else []
    if not rows:
        raise NotFound(f"No session of this release began in the last {window.days} days.")
    return rows[0]


def days_of_release(project_id: int, window: Window, *, release: str) -> list[DayHealth]:
    """One entry a day of the window, oldest first, days without sessions included.

    Where clocks disagree about midnight, a day after today may hold sessions; it is shown then, so
    that the days always add up to the report's row.
    """
    return days_of_releases(project_id, window, releases=[release])[release]


def days_of_releases(
    project_id: int, window: Window, *, releases: Sequence[str]
) -> dict[str, list[DayHealth]]:
    """The entries of `days_of_release` for several releases, by name, with two queries in all.

    Each release has an entry for each day that any of them has.
    """
    with read_transaction() as connection:
        own = connection.execute(
            select(
                Release.name,
                ReleaseDay.day,
                *(getattr(ReleaseDay, status) for status in SessionStatus),
                ReleaseDay.users_active.label("users"),
            )
            .join(Release, Release.id == ReleaseDay.release_id)
            .where(*_in_scope(project_id, window), Release.name.in_(releases))
        ).all()
        shared = _shared_sessions(connection, project_id, window)
    found = {(row.name, row.day): _of_day(row._asdict()) for row in own}
    last_day = max([window.today, *(row.day for row in own)])
    days = [
        window.first_day + timedelta(days=number)
        for number in range((last_day - window.first_day).days + 1)
    ]
    return {
        name: [
            DayHealth(
                day=day,
                **found.get((name, day), {}),
                project_sessions=shared.on(day, name, found.get((name, day), {})),
                shared_among=shared.among,
            )
            for day in days
        ]
        for name in releases
    }


def _shared_sessions(connection: Connection, project_id: int, window: Window) -> _SharedSessions:
    """Of all releases together, or of those seen last."""
    names = seen_last(connection, project_id, window, limit=ADDED_UP_RELEASES + 1)
    is_part = len(names) > ADDED_UP_RELEASES
    release_ids = list(names)[:ADDED_UP_RELEASES]
    query = (
        select(ReleaseDay.day, func.sum(SESSIONS_OF_DAY))
        .where(ReleaseDay.release_id.in_(release_ids), ReleaseDay.day >= window.first_day)
        .group_by(ReleaseDay.day)
    )
    return _SharedSessions(
        by_day={day: int(total) for day, total in connection.execute(query)},
        names={names[release_id] for release_id in release_ids},
        among=ADDED_UP_RELEASES if is_part else None,
    )


def seen_last(
    connection: Connection, project_id: int, window: Window, *, limit: int
) -> dict[int, str]:
    """Names of releases by id, the one seen last first."""
    rows = connection.execute(
        select(ReleaseDay.release_id, Release.name)
        .join(Release, Release.id == ReleaseDay.release_id)
        .where(*_in_list(project_id, window))
        .order_by(*(column.desc() for column in _POSITION))
        .limit(limit)
    )
    return {release_id: name for release_id, name in rows}


def _of_day(row: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in row.items() if name not in ("name", "day")}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """PostgreSQL's sum() of integers is a decimal."""
    return {
        name: int(value) if name.startswith(("sessions_", "users_")) else value
        for name, value in row.items()
    }


def _in_scope(project_id: int, window: Window) -> tuple[ColumnElement[bool], ...]:
    return (
        Release.project_id == project_id,
        Release.environment == (window.environment or ALL_ENVIRONMENTS),
        ReleaseDay.day >= window.first_day,
    )


def _in_list(project_id: int, window: Window) -> tuple[ColumnElement[bool], ...]:
    """The newest day of each release that has a session in the window: an index has just these.

    And now and then an earlier one, which a trigger passed over because somebody held it.
    """
    later = aliased(ReleaseDay)
    is_later = (later.release_id == ReleaseDay.release_id) & (later.day > ReleaseDay.day)
    return (
        ~exists(select(later.day).where(is_later).correlate(ReleaseDay)),
        ReleaseDay.project_id == project_id,
        ReleaseDay.environment == (window.environment or ALL_ENVIRONMENTS),
        ReleaseDay.day >= window.first_day,
        IS_NEWEST_DAY,
    )

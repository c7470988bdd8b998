"""Reads what the release gate compares: kept figures of days, and the crashed sessions by user.

Days and users come from the kept figures. Crashed sessions are counted in an index of their own,
asked for with each day by name: with `day >= ?` SQLite takes another index, and reads all sessions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Integer, case, cast, func, select

from app.domain.rates import Tally
from app.domain.release_gate import Crashes, Side
from app.domain.release_health import Window
from app.domain.session_status import SessionStatus
from app.domain.text import is_storable
from app.domain.user_key import USER_KEY_BYTES
from app.models import Release, ReleaseDay, Session
from app.models.sessions import ALL_ENVIRONMENTS, IS_CRASHED

# So many crashed sessions of a side are counted by user; of more, those of a fair draw.
_COUNTED_CRASHES = 2000
FIRST_KEY = b""
_AFTER_ALL_KEYS = b"\xff" * (USER_KEY_BYTES + 1)
_LATE_DAYS = 14
_LATE_LOOKED_AT = 1000
LATE = timedelta(hours=24)
_CRASHED = list(SessionStatus).index(SessionStatus.CRASHED)


@dataclass(frozen=True)
class ReleaseIds:
    """`figures` has the days of the scope that is asked for, `sessions` the sessions themselves."""

    figures: int
    sessions: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class KeptDay:
    """A day's figures; users as `ReleaseDay` keeps them."""

    sessions: int
    crashed: int
    users: int
    users_newest: int
    users_newest_crashed: int


@dataclass(frozen=True)
class ReleaseFigures:
    """One release in a window: its days that have sessions, of which there is at least one."""

    ids: ReleaseIds
    days: Mapping[date, KeptDay]

    def users_since(self, first_day: date) -> Tally:
        """Distinct users of this day and all later ones."""
        since = [kept for day, kept in self.days.items() if day >= first_day]
        return Tally(
            sum(kept.users_newest for kept in since),
            sum(kept.users_newest_crashed for kept in since),
        )

    def side_on(self, days: Sequence[date], crashes: Crashes = Crashes()) -> Side:
        on_days = [self.days[day] for day in days]
        # Users are kept distinct from a day on; these days cannot have more than each had.
        users = min(self.users_since(min(days)).total, sum(kept.users for kept in on_days))
        return Side(
            sessions=sum(kept.sessions for kept in on_days),
            crashed=sum(kept.crashed for kept in on_days),
            users=users,
            crashes=crashes,
        )


def of_release(
    connection: Connection, project_id: int, window: Window, name: str
) -> ReleaseFigures | None:
    """None where no session of the release began in the window."""
    if not is_storable(name):  # PostgreSQL would refuse to look for a NUL
        return None
    rows = connection.execute(
        select(Release.id, Release.environment).where(
            Release.project_id == project_id, Release.name == name
        )
    )
    scopes = {row.environment: row.id for row in rows}
    figures = scopes.get(window.environment or ALL_ENVIRONMENTS)
    if figures is None:
        return None
    in_all = [id_ for environment, id_ in scopes.items() if environment != ALL_ENVIRONMENTS]
    sessions = [figures] if window.environment else in_all
    days = _kept_days(connection, figures, since=window.first_day)
    return ReleaseFigures(ReleaseIds(figures, tuple(sorted(sessions))), days) if days else None


def _kept_days(connection: Connection, release_id: int, *, since: date) -> dict[date, KeptDay]:
    statuses = [getattr(ReleaseDay, status) for status in SessionStatus]
    rows = connection.execute(
        select(
            ReleaseDay.day,
            ReleaseDay.users_active,
            ReleaseDay.users_newest,
            ReleaseDay.users_newest_crashed,
            *statuses,
        ).where(ReleaseDay.release_id == release_id, ReleaseDay.day >= since)
    )
    return {
        day: KeptDay(
            sessions=sum(by_status),
            crashed=by_status[_CRASHED],
            users=users,
            users_newest=users_newest,
            users_newest_crashed=users_newest_crashed,
        )
        for day, users, users_newest, users_newest_crashed, *by_status in rows
        if sum(by_status)
    }


def is_older_than(connection: Connection, ids: ReleaseIds, day: date) -> bool:
    """Whether days before this one are kept of the release."""
    found = connection.execute(
        select(ReleaseDay.day)
        .where(ReleaseDay.release_id == ids.figures, ReleaseDay.day < day)
        .limit(1)
    )
    return found.first() is not None


def sides(
    connection: Connection, figures: ReleaseFigures, days: Sequence[date], *, settled_until: date
) -> tuple[Side, Side | None]:
    """One release on these days, and on those of them that are settled; None where none is."""
    settled = [day for day in days if day <= settled_until]
    crashes, settled_crashes = _crashes(connection, figures, days, settled_until)
    return (
        figures.side_on(days, crashes),
        figures.side_on(settled, settled_crashes) if settled else None,
    )


def _crashes(
    connection: Connection, figures: ReleaseFigures, days: Sequence[date], settled_until: date
) -> tuple[Crashes, Crashes]:
    """By user, of all these days and of the settled ones."""
    crashed = sum(figures.days[day].crashed for day in days)
    if not crashed:
        return Crashes(), Crashes()
    drawn = min(1.0, _COUNTED_CRASHES / crashed)
    by_user = (
        select(
            func.count().label("crashed"),
            func.sum(case((Session.day <= settled_until, 1), else_=0)).label("settled"),
        )
        .where(
            *_is_crashed(figures.ids, days),
            Session.user_key >= FIRST_KEY,
            Session.user_key < key_below(drawn),
        )
        .group_by(Session.user_key)
        .subquery()
    )
    sums = [
        func.coalesce(func.sum(each), 0)
        for column in (by_user.c.crashed, by_user.c.settled)
        for each in (column, column * column)
    ]
    found = [float(each) / drawn for each in connection.execute(select(*sums)).one()]
    return Crashes(*found[:2]), Crashes(*found[2:])


def key_below(share: float) -> bytes:
    """Keys are digests, so those below a bound are a fair draw of the users."""
    if share >= 1:
        return _AFTER_ALL_KEYS
    return int(share * (1 << 8 * USER_KEY_BYTES)).to_bytes(USER_KEY_BYTES, "big")


def late_share(connection: Connection, ids: ReleaseIds, *, today: date) -> float | None:
    """Of the newest crashed sessions of two weeks, those marked more than 24 h after they began.

    None where none crashed.
    """
    days = _kept_days(connection, ids.figures, since=today - timedelta(days=_LATE_DAYS - 1))
    newest: list[date] = []
    reached = 0
    for day in sorted(days, reverse=True):
        if days[day].crashed and reached < _LATE_LOOKED_AT:
            newest.append(day)
            reached += days[day].crashed
    # The oldest of these days may have more of them than are looked at.
    looked_at = late = 0
    for of_days in (newest[:-1], newest[-1:]):
        if of_days:
            found = _late_of(connection, ids, of_days, at_most=_LATE_LOOKED_AT - looked_at)
            looked_at, late = looked_at + found[0], late + found[1]
    return late / looked_at if looked_at else None


def _late_of(
    connection: Connection, ids: ReleaseIds, days: Sequence[date], *, at_most: int
) -> tuple[int, int]:
    """How many crashed sessions, and how many of them are late; counted by the database, as a
    thousand moments take Python longer than all the rest of a verdict."""
    looked_at = (
        select(
            # A device that was offline tells of it long after it began.
            func.coalesce(Session.reported_at, Session.started_at).label("began"),
            Session.ended_at,
        )
        .where(*_is_crashed(ids, days))
        .limit(at_most)
        .subquery()
    )
    began, ended = looked_at.c.began, looked_at.c.ended_at
    is_late: ColumnElement[bool]
    if connection.dialect.name == "sqlite":
        # Moments are text there; to the second.
        is_late = _unix_seconds(ended) - _unix_seconds(began) > int(LATE.total_seconds())
    else:
        is_late = ended - began > LATE
    counts = select(func.count(), func.coalesce(func.sum(case((is_late, 1), else_=0)), 0))
    total, late = connection.execute(counts.select_from(looked_at)).one()
    return int(total), int(late)


def _unix_seconds(moment: ColumnElement[datetime]) -> ColumnElement[int]:
    return cast(func.strftime("%s", moment), Integer)


def _is_crashed(ids: ReleaseIds, days: Sequence[date]) -> tuple[ColumnElement[bool], ...]:
    return Session.release_id.in_(ids.sessions), Session.day.in_(days), IS_CRASHED

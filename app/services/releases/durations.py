"""How long the sessions of a release lasted: percentiles, of its newest sessions.

No figures are kept of durations, so sessions are read: so many at most, or the page of a release
that many people use would take seconds. The kept figures tell beforehand on which days these are.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select

from app.database import read_transaction
from app.domain import rates
from app.domain.release_health import Durations, Window
from app.models import Release, ReleaseDay, Session
from app.models.sessions import ALL_ENVIRONMENTS
from app.services.releases.health import SESSIONS_OF_DAY

MAX_SESSIONS = 10_000
# Of the one day that is read in part, these environments' sessions, by their share.
_MAX_ENVIRONMENTS = 10


class _Day(NamedTuple):
    """How many sessions of a release in one environment began on a day."""

    release_id: int
    day: date
    sessions: int


def of_release(project_id: int, window: Window, *, release: str) -> Durations:
    """Of all its sessions in the window, or of the newest ones where there are more."""
    with read_transaction() as connection:
        days = [_Day(*row) for row in connection.execute(_days(project_id, window, release))]
        known = sorted(
            duration
            for query in _newest(days)
            for duration in connection.execute(query).scalars()
            if duration is not None
        )
    among = MAX_SESSIONS if sum(day.sessions for day in days) > MAX_SESSIONS else None
    if not known:
        return Durations(None, None, among)
    p50, p95 = (known[rates.nearest_rank(len(known), percent)] for percent in (50, 95))
    return Durations(p50, p95, among)


def _days(project_id: int, window: Window, release: str) -> Select[int, date, int]:
    environment = (
        Release.environment != ALL_ENVIRONMENTS
        if window.environment is None
        else Release.environment == window.environment
    )
    return (
        select(ReleaseDay.release_id, ReleaseDay.day, SESSIONS_OF_DAY)
        .join(Release, Release.id == ReleaseDay.release_id)
        .where(
            Release.project_id == project_id,
            Release.name == release,
            environment,
            ReleaseDay.day >= window.first_day,
        )
        .order_by(ReleaseDay.day.desc())
    )


def _newest(days: Sequence[_Day]) -> Iterator[Select[int | None]]:
    """Whole days, the newest first, and of the day that is too much a part."""
    left, whole = MAX_SESSIONS, []
    for _, of_day in groupby(days, key=lambda each: each.day):
        scopes = list(of_day)
        total = sum(each.sessions for each in scopes)
        if total > left:
            yield from _part_of_day(scopes, total=total, at_most=left)
            break
        whole += scopes
        left -= total
    if whole:
        ids = {each.release_id for each in whole}
        yield _ended(Session.release_id.in_(ids) & (Session.day >= whole[-1].day))


def _part_of_day(
    scopes: Sequence[_Day], *, total: int, at_most: int
) -> Iterator[Select[int | None]]:
    """By the digests of their users, as the index has them: of no hour more than of another."""
    largest = sorted(scopes, key=lambda each: -each.sessions)[:_MAX_ENVIRONMENTS]
    for each in largest:
        if share := at_most * each.sessions // total:
            of_day = (Session.release_id == each.release_id) & (Session.day == each.day)
            read = select(Session.id).where(of_day).order_by(Session.user_key).limit(share)
            yield _ended(Session.id.in_(read.scalar_subquery()))


def _ended(are_these: ColumnElement[bool]) -> Select[int | None]:
    return select(Session.duration_ms).where(
        are_these, Session.ended_at.is_not(None), Session.duration_ms.is_not(None)
    )

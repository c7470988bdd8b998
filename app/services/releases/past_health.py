"""How a release was doing when a piece of feedback came, and how it does now.

Then: the sessions that began in the 14 days up to that day. Not the users: distinct users are kept
for windows that reach to today only, and counting them again would read every session.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from app.database import read_transaction
from app.domain.rates import DEFAULT_THRESHOLDS, Tally, Thresholds
from app.domain.release_health import DEFAULT_DAYS, ReleaseHealth, Window
from app.domain.session_status import SessionStatus
from app.models import Release, ReleaseDay
from app.models.sessions import ALL_ENVIRONMENTS
from app.services.projects import thresholds
from app.services.releases import health as release_health


@dataclass(frozen=True)
class PastHealth:
    """`then` is None where the day was today: `now` says the same and more. `now` is None where no
    session began in its window."""

    release: str
    days: int
    then: Tally | None
    now: ReleaseHealth | None
    judged_by: Thresholds = DEFAULT_THRESHOLDS


def around(project_id: int, release: str, *, day: date, today: date) -> PastHealth | None:
    """None when nothing is known of the release, at either time."""
    window = Window(today=today)
    rows = release_health.of_releases(project_id, window, [release])
    present = rows[0] if rows else None
    then = None if day >= today else _sessions_until(project_id, release, day)
    if present is None and (then is None or not then.total):
        return None
    judged_by = present.thresholds if present else thresholds.of_project(project_id)
    return PastHealth(release, window.days, then, present, judged_by)


def _sessions_until(project_id: int, release: str, day: date) -> Tally:
    counted = [func.sum(getattr(ReleaseDay, status)) for status in SessionStatus]
    query = (
        select(*counted)
        .join(Release, Release.id == ReleaseDay.release_id)
        .where(
            Release.project_id == project_id,
            Release.environment == ALL_ENVIRONMENTS,
            Release.name == release,
            ReleaseDay.day.between(day - timedelta(days=DEFAULT_DAYS - 1), day),
        )
    )
    with read_transaction() as connection:
        sums = connection.execute(query).one()
    by_status = {status: int(n or 0) for status, n in zip(SessionStatus, sums, strict=True)}
    return Tally(sum(by_status.values()), by_status[SessionStatus.CRASHED])

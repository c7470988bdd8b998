"""A page of the list of releases: several readings of release health, all of one moment.

The readings themselves, and what a window is, are in `app.services.releases.health`.
"""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.database import read_transaction, snapshot
from app.domain.release_cursor import ReleaseCursor
from app.domain.release_health import DayHealth, ReleaseHealth, Window
from app.models import ReleaseDay
from app.models.sessions import ALL_ENVIRONMENTS, IS_NEWEST_DAY
from app.services.releases import health as release_health


@dataclass(frozen=True)
class ReleaseOverview:
    """A page of the report; `days` has an entry for each of its rows, by release; `environments`
    are all there are, the one used last first."""

    rows: list[ReleaseHealth]
    next_before: ReleaseCursor | None
    days: dict[str, list[DayHealth]]
    environments: list[str]


def overview(
    project_id: int, window: Window, *, limit: int, before: ReleaseCursor | None = None
) -> ReleaseOverview:
    """Rows of the report, the release seen last first."""
    with snapshot():
        page = release_health.list_page(project_id, window, limit=limit, before=before)
        names = [row.release for row in page.rows]
        return ReleaseOverview(
            rows=page.rows,
            next_before=page.next_before,
            days=release_health.days_of_releases(project_id, window, releases=names),
            environments=environments_of(project_id),
        )


def environments_of(project_id: int) -> list[str]:
    """All environments that sessions told, the one used last first.

    Hops from one to the next in an index, and looks when each was seen last, however many releases
    each has: DISTINCT would read all. How many environments there are, a day's allowance bounds.
    """
    in_any = (ReleaseDay.project_id == project_id, IS_NEWEST_DAY)
    first = select(func.min(ReleaseDay.environment).label("environment")).where(
        *in_any, ReleaseDay.environment > ALL_ENVIRONMENTS
    )
    hops = first.cte("hops", recursive=True)
    one_after = (
        select(func.min(ReleaseDay.environment))
        .where(*in_any, ReleaseDay.environment > hops.c.environment)
        .scalar_subquery()
    )
    hops = hops.union_all(select(one_after).where(hops.c.environment.is_not(None)))
    last_use = (
        select(ReleaseDay.last_seen_at)
        .where(*in_any, ReleaseDay.environment == hops.c.environment)
        .order_by(ReleaseDay.day.desc(), ReleaseDay.last_seen_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(hops.c.environment, last_use).where(hops.c.environment.is_not(None))
    with read_transaction() as connection:
        # By name where both were used at once; in a database that order depends on its language.
        found = sorted(tuple(row) for row in connection.execute(query))
    found.sort(key=lambda row: row[1], reverse=True)
    return [environment for environment, _ in found]

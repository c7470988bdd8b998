"""A page of the list of releases: several readings of release health, all of one moment.

The readings themselves, and what a window is, are in `app.services.releases.health`.
"""

from dataclasses import dataclass

from sqlalchemy import select

from app.database import read_transaction, snapshot
from app.domain.release_health import DayHealth, ReleaseHealth, Window
from app.models import Release
from app.models.sessions import ALL_ENVIRONMENTS
from app.services.releases import health as release_health

# Environments come from apps: there may be any number of them, each up to 600 bytes of a page.
_OFFERED_ENVIRONMENTS = 10


@dataclass(frozen=True)
class ReleaseOverview:
    """A part of the report; `days` has an entry for each of its rows, by release."""

    rows: list[ReleaseHealth]
    days: dict[str, list[DayHealth]]
    releases_count: int
    environments: list[str]


def overview(project_id: int, window: Window, *, skipped: int, limit: int) -> ReleaseOverview:
    """Rows of the report, the release seen last first, without the first `skipped`."""
    with snapshot():
        report = release_health.report(project_id, window)
        rows = report[skipped : skipped + limit]
        names = [row.release for row in rows]
        return ReleaseOverview(
            rows=rows,
            days=release_health.days_of_releases(project_id, window, releases=names),
            releases_count=len(report),
            environments=environments_of(project_id),
        )


def environments_of(project_id: int) -> list[str]:
    """The names of environments that sessions told, sorted; the first ten."""
    query = (
        select(Release.environment)
        .distinct()
        .where(Release.project_id == project_id, Release.environment != ALL_ENVIRONMENTS)
        .order_by(Release.environment)
        .limit(_OFFERED_ENVIRONMENTS)
    )
    with read_transaction() as connection:
        # Sorted here too: in a database the order of texts depends on its language.
        return sorted(connection.execute(query).scalars())

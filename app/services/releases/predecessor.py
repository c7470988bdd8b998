"""Finds the release that a new one is compared with where nobody names one."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, func, select

from app.domain.previous_release import SeenRelease, newest_before
from app.domain.release_health import Window
from app.domain.releases import OTHER, UNKNOWN_RELEASE
from app.models import ReleaseDay
from app.services.releases.health import seen_last

# Looked for among those seen last: how many there are is up to whoever has a token.
_LOOKED_AT = 100


def of_release(
    connection: Connection,
    project_id: int,
    window: Window,
    *,
    release: str,
    release_id: int,
    days: Collection[date],
) -> str | None:
    """The newest one before it, by the order of releases, that had sessions on one of its days."""
    names = seen_last(connection, project_id, window, limit=_LOOKED_AT)
    beside = {
        each: name for each, name in names.items() if name not in (release, UNKNOWN_RELEASE, OTHER)
    }
    on_its_days = set(
        connection.execute(
            select(ReleaseDay.release_id)
            .where(ReleaseDay.release_id.in_(beside), ReleaseDay.day.in_(days))
            .distinct()
        ).scalars()
    )
    rows = connection.execute(
        select(ReleaseDay.release_id, func.min(ReleaseDay.first_seen_at))
        .where(ReleaseDay.release_id.in_([release_id, *on_its_days]))
        .group_by(ReleaseDay.release_id)
    )
    first_seen = {each: moment for each, moment in rows}
    found = newest_before(
        SeenRelease(release, first_seen[release_id]),
        (SeenRelease(beside[each], first_seen[each]) for each in on_its_days),
    )
    return None if found is None else found.name

"""Which releases the events of an issue came from, and of what is merged into it.

Both are read for the newest releases only: an issue may have been seen in thousands.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, func, select

from app.domain.release_order import in_order
from app.models import Issue, IssueRelease
from app.models.events import shown_with

_COUNTED_RELEASES = 50
# Those with most events are chosen among so many of an issue's newest releases.
_COUNTED_AMONG = 100
_SHOWN_RELEASES = 20


@dataclass(frozen=True)
class ReleaseCount:
    """How many events of an issue came from a release."""

    release: str
    events_count: int


def counts_of(connection: Connection, issue_ids: Sequence[int]) -> list[ReleaseCount]:
    """Of all these issues together; of the newest releases those with most events."""
    counted = connection.execute(_release_counts(issue_ids)).all()
    return _with_most_events([ReleaseCount(*count) for count in counted])


def _release_counts(issue_ids: Sequence[int]) -> Select[str, int]:
    """Of the newest releases, the newest first."""
    release, counted = IssueRelease.release, IssueRelease.events_count
    first_seen_at: ColumnElement[Any] = IssueRelease.first_seen_at.expression
    newest = select(release, counted.label("events_count"))
    if len(issue_ids) > 1:  # then an index cannot tell the newest ones
        first_seen_at = func.min(first_seen_at)
        newest = select(release, func.sum(counted).label("events_count")).group_by(release)
    return (
        newest.where(IssueRelease.issue_id.in_(issue_ids))
        .order_by(first_seen_at.desc(), release.desc())
        .limit(_COUNTED_AMONG)
    )


def _with_most_events(counts: Sequence[ReleaseCount]) -> list[ReleaseCount]:
    """Of as many events, the earlier version first."""
    order = {name: n for n, name in enumerate(in_order([each.release for each in counts][::-1]))}
    by_size = sorted(counts, key=lambda each: (-each.events_count, order[each.release]))
    return by_size[:_COUNTED_RELEASES]


def add_to(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Gives each row its newest releases, by version; one that shows others, theirs too."""
    found = connection.execute(
        select(Issue.id, _newest_releases(connection.dialect.name)).where(
            Issue.id.in_([row["id"] for row in rows])
        )
    )
    # SQLite's JSON is text.
    releases = {
        issue_id: json.loads(names) if isinstance(names, str) else names or []
        for issue_id, names in found
    }
    for row in rows:
        if row["merged_count"]:
            names = list(_releases_of_merged(connection, row["id"]))
            row["releases_count"], releases[row["id"]] = len(names), names[:_SHOWN_RELEASES]
        row["releases"] = in_order(releases[row["id"]][::-1])


def _releases_of_merged(connection: Connection, issue_id: int) -> Sequence[str]:
    """Of the issue and all that it shows, the newest first."""
    query = (
        select(IssueRelease.release)
        .where(IssueRelease.issue_id.in_(shown_with(issue_id)))
        .group_by(IssueRelease.release)
        .order_by(func.min(IssueRelease.first_seen_at).desc(), IssueRelease.release.desc())
    )
    return connection.execute(query).scalars().all()


def _newest_releases(dialect_name: str) -> ScalarSelect[Any]:
    """As a list, for each issue by itself: joined to all issues, each one's would be read whole."""
    newest = (
        select(IssueRelease.release)
        .where(IssueRelease.issue_id == Issue.id)
        .order_by(IssueRelease.first_seen_at.desc(), IssueRelease.release.desc())
        .limit(_SHOWN_RELEASES)
        .correlate(Issue)
        .subquery()
    )
    as_list = func.json_group_array if dialect_name == "sqlite" else func.json_agg
    return select(as_list(newest.c.release)).scalar_subquery()

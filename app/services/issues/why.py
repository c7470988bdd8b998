"""Why events are of an issue: what counted of them, as it was kept when they came.

An issue of before that was kept, and without an event since, is read from its newest event: what of
it makes the issue's fingerprint is what counted. Where scrubbing or cutting changed it, nothing is
told rather than something else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from app.domain.grouping import version_1
from app.domain.grouping.fingerprint import grounds
from app.models import Event, Issue

_READ_FROM_EVENTS = 20


@dataclass(frozen=True, kw_only=True)
class IssueGrounds:
    """`told` has one entry for each fingerprint that the issue is known by (`Grounds.told`)."""

    issue_id: int
    told: list[dict[str, Any]]


def read(connection: Connection, issue_ids: Sequence[int]) -> list[IssueGrounds]:
    """In the order of the ids; empty for what cannot be told until its next event."""
    query = select(Issue.id, Issue.grounds).where(Issue.id.in_(issue_ids))
    told = {issue_id: kept or [] for issue_id, kept in connection.execute(query)}
    untold = [issue_id for issue_id in issue_ids if not told[issue_id]]
    told |= _from_events(connection, untold[:_READ_FROM_EVENTS])
    return [IssueGrounds(issue_id=each, told=told[each]) for each in issue_ids]


def _from_events(
    connection: Connection, issue_ids: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    newest = select(func.max(Event.id)).where(Event.issue_id == Issue.id).correlate(Issue)
    query = (
        select(Issue.id, Issue.fingerprint, Event.exception_type, Event.message, Event.content)
        .join(Event, Event.id == newest.scalar_subquery())
        .where(Issue.id.in_(issue_ids))
    )
    found = {}
    for issue_id, fingerprint, exception_type, message, content in connection.execute(query):
        kept = content.get("stack")
        stack = [line for line in kept if isinstance(line, str)] if isinstance(kept, list) else []
        of_each = [read(exception_type, stack=stack, message=message) for read in _VERSIONS]
        found[issue_id] = [each.told() for each in of_each if each.digest() == fingerprint]
    return found


_VERSIONS = (grounds, version_1.grounds)

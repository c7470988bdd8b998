"""Events from SDKs: pinned to one app, grouped into issues, stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, case, insert, literal, select, update

from app.database import insert_into, write
from app.domain.issue_status import EventLevel, IssueStatus
from app.models import Event, Issue, IssueRelease, Project
from app.services import senders
from app.services.errors import BundleMismatch
from app.signals import event_ingested, tell


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """One crash or error: checked, scrubbed, bounded."""

    exception_type: str
    fingerprint: bytes
    message: str | None = None
    level: EventLevel = EventLevel.ERROR
    release: str | None = None
    environment: str
    platform: str | None = None
    app_id: str | None = None
    content: dict[str, Any]
    # How many of each kind scrubbing took out.
    redactions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredEvent:
    id: int
    issue_id: int


def ingest(
    project_id: int, event: NewEvent, *, now: datetime, token_digest: bytes | None = None
) -> StoredEvent:
    """Store an event under its issue, which is made, counted up or reopened.

    Raises BundleMismatch when the project is pinned to another app, and UnknownProjectToken when
    the token that it was sent with is the project's no more; nothing is stored then.
    """

    def store(connection: Connection) -> StoredEvent:
        senders.check(connection, project_id, token_digest)
        return _store(connection, project_id, event, now)

    stored = write(store)
    tell(event_ingested, redactions=event.redactions)
    return stored


def _store(connection: Connection, project_id: int, event: NewEvent, now: datetime) -> StoredEvent:
    _check_bundle(connection, project_id, event.app_id)
    issue_id = _count_in_issue(connection, project_id, event, now)
    if event.release is not None:
        _count_in_release(connection, project_id, issue_id, event.release)
    event_id = connection.execute(
        insert(Event).returning(Event.id),
        {
            "project_id": project_id,
            "issue_id": issue_id,
            "exception_type": event.exception_type,
            "message": event.message,
            "level": event.level,
            "release": event.release,
            "environment": event.environment,
            "platform": event.platform,
            "content": event.content,
            "created_at": now,
        },
    ).scalar_one()
    return StoredEvent(id=event_id, issue_id=issue_id)


def _check_bundle(connection: Connection, project_id: int, app_id: str | None) -> None:
    """The first app that names itself is the project's; the update decides who was first."""
    pinned = _pinned_bundle(connection, project_id)
    if pinned is None and app_id is not None:
        connection.execute(
            update(Project)
            .where(Project.id == project_id, Project.bundle_id.is_(None))
            .values(bundle_id=app_id)
        )
        pinned = _pinned_bundle(connection, project_id)
    if pinned is not None and pinned != app_id:
        raise BundleMismatch(pinned)


def _pinned_bundle(connection: Connection, project_id: int) -> str | None:
    return connection.execute(select(Project.bundle_id).where(Project.id == project_id)).scalar()


def _count_in_issue(connection: Connection, project_id: int, event: NewEvent, now: datetime) -> int:
    """The id of the event's issue, counted up, or made when there is none."""
    was_resolved = Issue.status == IssueStatus.RESOLVED
    moment = literal(now, Issue.last_seen_at.type)
    counted_up = {
        "events_count": Issue.events_count + 1,
        "last_seen_at": case((Issue.last_seen_at < moment, moment), else_=Issue.last_seen_at),
        "first_seen_at": case((Issue.first_seen_at > moment, moment), else_=Issue.first_seen_at),
        "level": event.level,
        "message": event.message,
        "status": case((was_resolved, IssueStatus.OPEN), else_=Issue.status),
        "reopened_at": case((was_resolved, moment), else_=Issue.reopened_at),
    }
    known_id = connection.execute(
        update(Issue)
        .where(Issue.project_id == project_id, Issue.fingerprint == event.fingerprint)
        .values(counted_up)
        .returning(Issue.id)
    ).scalar()
    if known_id is not None:
        return known_id
    # Another transaction may be making the same issue: then this one counts it up after all.
    # Not done at once for every event, because each attempt would use up an id.
    new_id: int = connection.execute(
        insert_into(connection.dialect.name, Issue)
        .on_conflict_do_update(index_elements=["project_id", "fingerprint"], set_=counted_up)
        .returning(Issue.id),
        {
            "project_id": project_id,
            "fingerprint": event.fingerprint,
            "exception_type": event.exception_type,
            "message": event.message,
            "level": event.level,
            "status": IssueStatus.OPEN,
            "events_count": 1,
            "first_seen_at": now,
            "last_seen_at": now,
        },
    ).scalar_one()
    return new_id


def _count_in_release(connection: Connection, project_id: int, issue_id: int, release: str) -> None:
    connection.execute(
        _count_release(connection.dialect.name),
        {
            "issue_id": issue_id,
            "release": release,
            "project_id": project_id,
            "events_count": 1,
        },
    )


@cache
def _count_release(dialect_name: str) -> Executable:
    return insert_into(dialect_name, IssueRelease).on_conflict_do_update(
        index_elements=["issue_id", "release"],
        set_={"events_count": IssueRelease.events_count + 1},
    )

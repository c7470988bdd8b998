"""Events from SDKs: pinned to one app, grouped into issues, stored."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    case,
    exists,
    insert,
    literal,
    or_,
    select,
    update,
)

from app.database import insert_into, write
from app.domain.issue_status import EventLevel, IssueStatus
from app.domain.native_crash import NativeCrash
from app.models import Event, Issue, IssueRelease, Project
from app.services.errors import BundleMismatch
from app.services.projects import senders
from app.services.sessions import native_crashes
from app.services.sessions.native_crashes import CrashedSession
from app.services.sessions.sent_report import LostRace
from app.signals import event_ingested, tell

_MAX_ATTEMPTS = 10


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
    # Told by the launch after it; None for all that happened just now.
    crash: NativeCrash | None = None
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

    A native crash of the run before counts in its own release, and its session becomes crashed.
    Raises BundleMismatch when the project is pinned to another app, and UnknownProjectToken when
    the token that it was sent with is the project's no more; nothing is stored then.
    """
    store = partial(_store, project_id=project_id, event=event, now=now, token_digest=token_digest)
    if event.crash is None:
        stored = write(store)
    else:
        stored = _store_with_session(store, project_id, event, event.crash, now)
    tell(event_ingested, redactions=event.redactions)
    return stored


def _store_with_session(
    store: Callable[..., StoredEvent],
    project_id: int,
    event: NewEvent,
    crash: NativeCrash,
    now: datetime,
) -> StoredEvent:
    """An event that also ends the session in which it happened, both or neither."""
    seen = (
        ()
        if crash.is_of_running_version
        else native_crashes.releases_seen(project_id, event.fingerprint, crash)
    )
    for _ in range(_MAX_ATTEMPTS):
        crashed = native_crashes.find(project_id, crash, now=now)
        release = crashed.release if crashed and event.release else event.release
        try:
            return write(
                partial(
                    store,
                    event=replace(event, release=release),
                    crashed=crashed,
                    releases_seen=seen,
                )
            )
        except LostRace:
            continue
    raise RuntimeError(f"a session was neither moved nor gone in {_MAX_ATTEMPTS} attempts")


def _store(
    connection: Connection,
    *,
    project_id: int,
    event: NewEvent,
    now: datetime,
    token_digest: bytes | None,
    crashed: CrashedSession | None = None,
    releases_seen: Collection[str] = (),
) -> StoredEvent:
    """`releases_seen` are those of the version that crashed in which the issue was seen before."""
    senders.check(connection, project_id, token_digest)
    _check_bundle(connection, project_id, event.app_id)
    issue_id = _count_in_issue(connection, project_id, event, now, releases_seen)
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
    if crashed is not None:
        # Last, because a day's figures are what others wait for.
        native_crashes.charge(connection, project_id, crashed, token_digest)
    return StoredEvent(id=event_id, issue_id=issue_id)


def _check_bundle(connection: Connection, project_id: int, app_id: str | None) -> None:
    """The first app that names itself is the project's; the update decides who was first."""
    is_on, pinned = _pinning(connection, project_id)
    if is_on and pinned is None and app_id is not None:
        connection.execute(
            update(Project)
            .where(Project.id == project_id, Project.bundle_id.is_(None), Project.bundle_pinning)
            .values(bundle_id=app_id)
        )
        is_on, pinned = _pinning(connection, project_id)
    if is_on and pinned is not None and pinned != app_id:
        raise BundleMismatch(pinned, sent=app_id)


def _pinning(connection: Connection, project_id: int) -> tuple[bool, str | None]:
    """Whether it is on, and the app that is pinned."""
    query = select(Project.bundle_pinning, Project.bundle_id).where(Project.id == project_id)
    found = connection.execute(query).one_or_none()
    return (found.bundle_pinning, found.bundle_id) if found else (False, None)


def _count_in_issue(
    connection: Connection,
    project_id: int,
    event: NewEvent,
    now: datetime,
    releases_seen: Collection[str],
) -> int:
    """The id of the event's issue, counted up, or made when there is none."""
    is_reopened = _reopens(event, now, releases_seen)
    moment = literal(now, Issue.last_seen_at.type)
    counted_up = {
        "events_count": Issue.events_count + 1,
        "last_seen_at": case((Issue.last_seen_at < moment, moment), else_=Issue.last_seen_at),
        "first_seen_at": case((Issue.first_seen_at > moment, moment), else_=Issue.first_seen_at),
        "level": event.level,
        "message": event.message,
        "status": case((is_reopened, IssueStatus.OPEN), else_=Issue.status),
        "reopened_at": case((is_reopened, moment), else_=Issue.reopened_at),
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


def _reopens(event: NewEvent, now: datetime, releases_seen: Collection[str]) -> ColumnElement[bool]:
    """What crashed before its issue was resolved says nothing against that; nor does what crashed
    in a release in which it was seen before, and is reported by a newer one, which may mend it."""
    reopens, crash = Issue.status == IssueStatus.RESOLVED, event.crash
    if crash is None:
        return reopens
    if crashed_at := native_crashes.crash_time(crash, now=now):
        reopens &= or_(Issue.resolved_at.is_(None), Issue.resolved_at < crashed_at)
    if not crash.is_of_running_version:
        seen = select(IssueRelease.issue_id).where(
            IssueRelease.issue_id == Issue.id,
            # By the name that it is stored under, also where others store it meanwhile.
            IssueRelease.release.in_({event.release, *releases_seen}),
        )
        reopens &= ~exists(seen.correlate(Issue))
    return reopens


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

"""Stores events from SDKs, each under its issue, in a project that may be pinned to one app."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, insert, select, update

from app.database import write
from app.domain.native_crash import NativeCrash
from app.models import Event, Project
from app.services.errors import BundleMismatch
from app.services.issues.grouping import count_in_issue, count_in_release
from app.services.issues.new_event import NewEvent
from app.services.projects import senders
from app.services.sessions import native_crashes
from app.services.sessions.native_crashes import CrashedSession
from app.services.sessions.sent_report import LostRace
from app.signals import event_ingested, tell

__all__ = ["NewEvent", "StoredEvent", "ingest"]

_MAX_ATTEMPTS = 10


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
    issue_id = count_in_issue(connection, project_id, event, now, releases_seen)
    if event.release is not None:
        count_in_release(connection, project_id, issue_id, event.release, now)
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

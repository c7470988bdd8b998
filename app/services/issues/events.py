"""Stores events from SDKs, each under its issue, in a project that may be pinned to one app."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    bindparam,
    cast,
    insert,
    select,
    update,
)

from app.database import write, write_single, writers_take_turns
from app.database.prepared import Prepared, Statement
from app.domain.losses import LossKind, LossReason
from app.domain.native_crash import NativeCrash
from app.domain.releases import OTHER, UNKNOWN_RELEASE
from app.extensions import settings
from app.models import Event, Project
from app.services import losses
from app.services.errors import BundleMismatch
from app.services.issues import event_bytes, known_postgresql
from app.services.issues.grouping import count_in_issue, count_in_release, known_issue
from app.services.issues.new_event import NewEvent
from app.services.projects import senders
from app.services.releases import names as release_names
from app.services.releases.names import Allowance, Names, knows_names
from app.services.sessions import native_crashes
from app.services.sessions.native_crashes import CrashedSession
from app.services.sessions.sent_report import LostRace
from app.signals import event_ingested, tell

__all__ = ["AdmittedEvent", "NewEvent", "StoredEvent", "add", "admitted", "ingest", "note_stored"]

_MAX_ATTEMPTS = 10


@dataclass(frozen=True)
class StoredEvent:
    """`issue_id` is the issue that shows it.

    `is_other`: its release or environment was one too many for the day; or its issue was.
    """

    id: int
    issue_id: int
    is_other: bool = False
    is_in_other_issue: bool = False
    # Of its fingerprint, and the name that it is counted under: feedback about it is tied to both.
    own_issue_id: int = 0
    release: str | None = None


@dataclass(frozen=True)
class AdmittedEvent:
    """What is to be stored of an event; `size` in bytes, with all that it was sent with."""

    event: NewEvent
    size: int
    has_room: bool


def admitted(project_id: int, event: NewEvent, *, now: datetime) -> AdmittedEvent:
    """Past a day's bytes it is kept without its content; `note_stored` counts that as lost."""
    size = event_bytes.size_of(event.content_json, event.message)
    has_room = event_bytes.has_room(project_id, size, now=now)
    if not has_room:
        event = replace(
            event, message=None, content={"_meta": {"not_kept": LossReason.OVER_QUOTA.value}}
        )
    return AdmittedEvent(event, size, has_room)


def note_stored(
    project_id: int, sent: AdmittedEvent, stored: StoredEvent, *, now: datetime
) -> None:
    """Tell of it and count it; to be called after the commit."""
    if sent.has_room:
        event_bytes.note_kept(project_id, sent.size, now=now)
    tell(event_ingested, redactions=sent.event.redactions)
    for is_so, reason in (
        (not sent.has_room, LossReason.OVER_QUOTA),
        (stored.is_other, LossReason.TOO_MANY_NAMES),
        (stored.is_in_other_issue, LossReason.TOO_MANY_ISSUES),
    ):
        if is_so:
            losses.count(project_id, kind=LossKind.EVENT, reason=reason, now=now)


def ingest(
    project_id: int, event: NewEvent, *, now: datetime, token_digest: bytes | None = None
) -> StoredEvent:
    """Store an event under its issue, which is made, counted up or reopened.

    Past a day's bytes it is kept without its content, which counts as lost.

    A native crash of the run before counts in its own release, and its session becomes crashed.
    Raises BundleMismatch when the project is pinned to another app, and UnknownProjectToken when
    the token that it was sent with is the project's no more; nothing is stored then.
    """
    sent = admitted(project_id, event, now=now)
    event = sent.event
    store = partial(
        _store,
        project_id=project_id,
        event=event,
        now=now,
        token_digest=token_digest,
        allowance=Allowance.of(settings()),
        most_new_issues=settings().new_issues_per_day,
    )
    if event.crash is None:
        stored = _store_known(project_id, event, now, token_digest) or write(store)
    else:
        stored = _store_with_session(store, project_id, event, event.crash, now)
    note_stored(project_id, sent, stored, now=now)
    return stored


def _store_known(
    project_id: int, event: NewEvent, now: datetime, token_digest: bytes | None
) -> StoredEvent | None:
    """None on SQLite, where several statements cost what one does, and where more is new."""
    if writers_take_turns():
        return None
    stored = write_single(
        partial(
            known_postgresql.store_known,
            project_id=project_id,
            event=event,
            now=now,
            token_digest=token_digest,
        )
    )
    if stored is None:
        return None
    event_id, issue_id = stored
    return StoredEvent(event_id, issue_id, own_issue_id=issue_id, release=event.release)


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
        else native_crashes.releases_seen(project_id, known_issue(project_id, event), crash)
    )
    for _ in range(_MAX_ATTEMPTS):
        crashed = native_crashes.find(project_id, crash, now=now)
        is_told = crashed is not None and crashed.release != OTHER
        release = crashed.release if crashed and is_told and event.release else event.release
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
    allowance: Allowance,
    most_new_issues: int,
    crashed: CrashedSession | None = None,
    releases_seen: Collection[str] = (),
) -> StoredEvent:
    """`releases_seen` are those of the version that crashed in which the issue was seen before."""
    senders.check(connection, project_id, token_digest)
    project = _settle_bundle(connection, project_id, event)
    stored = _add(
        connection,
        project,
        event,
        project_id=project_id,
        now=now,
        allowance=allowance,
        most_new_issues=most_new_issues,
        releases_seen=releases_seen,
    )
    if crashed is not None:
        # Last, because a day's figures are what others wait for.
        native_crashes.charge(connection, project_id, crashed, token_digest)
    return stored


def add(
    connection: Connection,
    project_id: int,
    event: NewEvent,
    *,
    sentry_id: bytes,
    now: datetime,
    allowance: Allowance,
    most_new_issues: int,
) -> StoredEvent:
    """Store it in the caller's transaction, which has made sure of who sends; it pins no app."""
    return _add(
        connection,
        _project(connection, project_id, event),
        event,
        project_id=project_id,
        now=now,
        allowance=allowance,
        most_new_issues=most_new_issues,
        more={"sentry_id": sentry_id},
    )


def _add(
    connection: Connection,
    project: "_Project",
    event: NewEvent,
    *,
    project_id: int,
    now: datetime,
    allowance: Allowance,
    most_new_issues: int,
    releases_seen: Collection[str] = (),
    more: Mapping[str, Any] = MappingProxyType({}),
) -> StoredEvent:
    """`more` are columns that some dialects alone fill."""
    is_other = False
    if not project.knows_names:
        event, is_other = _with_admitted_names(connection, project_id, event, now, allowance)
    issue = count_in_issue(
        connection, project_id, event, now, releases_seen, most_new=most_new_issues
    )
    if event.release is not None:
        count_in_release(connection, project_id, issue.id, event.release, now)
    insert_ = _INSERT_OF_SENTRY if more else _INSERT
    event_id = insert_.value(
        connection,
        {
            "project_id": project_id,
            "issue_id": issue.id,
            "exception_type": event.exception_type,
            "message": event.message,
            "level": event.level,
            "release": event.release,
            "environment": event.environment,
            "platform": event.platform,
            "content_json": event.content_json,
            "created_at": now,
            "crashed_at": _crashed_at(event, now),
            **more,
        },
    )
    return StoredEvent(
        id=event_id,
        issue_id=issue.shown_in,
        is_other=is_other,
        is_in_other_issue=issue.is_other,
        own_issue_id=issue.id,
        release=event.release,
    )


def _insert(dialect_name: str) -> Statement:
    written: ColumnElement[Any] = bindparam("content_json", type_=Text())
    if dialect_name != "sqlite":  # whose JSON is text
        written = cast(written, Event.content.type)
    return insert(Event).values(content=written).returning(Event.id)


# The second has a column more, which events of our dialect do not pay for.
_INSERT, _INSERT_OF_SENTRY = Prepared(_insert), Prepared(_insert)


def _crashed_at(event: NewEvent, now: datetime) -> datetime | None:
    if event.crash is None:
        return None
    return native_crashes.crash_time(event.crash, now=now) or now


class _Project(NamedTuple):
    """What an event must know of its project."""

    pinning: bool
    bundle_id: str | None
    knows_names: bool  # both of the event's, together


def _settle_bundle(connection: Connection, project_id: int, event: NewEvent) -> _Project:
    """The first app that names itself is the project's; the update decides who was first."""
    project, app_id = _project(connection, project_id, event), event.app_id
    if project.pinning and project.bundle_id is None and app_id is not None:
        connection.execute(
            update(Project)
            .where(Project.id == project_id, Project.bundle_id.is_(None), Project.bundle_pinning)
            .values(bundle_id=app_id)
        )
        project = _project(connection, project_id, event)
    if project.pinning and project.bundle_id is not None and project.bundle_id != app_id:
        raise BundleMismatch(project.bundle_id, sent=app_id)
    return project


def _project(connection: Connection, project_id: int, event: NewEvent) -> _Project:
    values = {
        "project_id": project_id,
        "release": event.release or UNKNOWN_RELEASE,
        "environment": event.environment,
    }
    found = _PROJECT.rows(connection, values)
    return _Project(*found[0]) if found else _Project(False, None, False)


def _select_project(_dialect_name: str) -> Select[*tuple[Any, ...]]:
    is_known = knows_names(bindparam("release"), bindparam("environment")).label("knows_names")
    return select(Project.bundle_pinning, Project.bundle_id, is_known).where(
        Project.id == bindparam("project_id")
    )


_PROJECT = Prepared(_select_project)


def _with_admitted_names(
    connection: Connection, project_id: int, event: NewEvent, now: datetime, allowance: Allowance
) -> tuple[NewEvent, bool]:
    """The event under the names that it is counted under, and whether these are others.

    What it told stays in its content.
    """
    asked = Names(event.release or UNKNOWN_RELEASE, event.environment)
    names = release_names.admit(connection, project_id, asked, day=now.date(), allowance=allowance)
    if names == asked:
        return event, False
    told = {"release": event.release} if names.release != asked.release else {}
    if names.environment != asked.environment:
        told["environment"] = event.environment
    meta = {**event.content.get("_meta", {}), "other": told}
    renamed = replace(
        event,
        release=names.release if event.release else None,
        environment=names.environment,
        content={**event.content, "_meta": meta},
    )
    return renamed, True

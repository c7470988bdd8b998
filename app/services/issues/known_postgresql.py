"""The one statement that stores an event on PostgreSQL, where nothing but the event is new.

Nearly all events are such: the token holds, the project has its app and knows release and
environment, and the issue is there, alone, told and known by the present fingerprint. Then a round
trip does for what would take seven. Where any of it is not so, nothing is stored, and
`app.services.issues.events` goes the long way, which decides and tells.

Rows are locked in the order of the long way: the token, the issue, its release.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.sql.selectable import CTE

from app.database import insert_into
from app.database.prepared import Prepared
from app.domain.releases import UNKNOWN_RELEASE
from app.models import Event, Issue, IssueRelease, Project
from app.services.issues.grouping import count_up_known
from app.services.issues.new_event import NewEvent
from app.services.projects import senders
from app.services.releases.names import knows_names

_EVENT = ("exception_type", "message", "level", "release", "environment", "platform")


def store_known(
    connection: Connection,
    project_id: int,
    event: NewEvent,
    *,
    now: datetime,
    token_digest: bytes | None,
) -> tuple[int, int] | None:
    """The ids of the event and of its issue; None where there was more to do, and nothing done.

    The connection commits each statement by itself.
    """
    found = _STORE.rows(
        connection,
        {
            "of_project": project_id,
            "token_digest": token_digest,
            "app": event.app_id,
            "known_release": event.release or UNKNOWN_RELEASE,
            "known_environment": event.environment,
            "present": event.fingerprint,
            "former": event.former_fingerprint,
            "seen_at": now,
            "content_json": event.content_json,
            **{f"told_{name}": getattr(event, name) for name in _EVENT},
        },
    )
    return (found[0][0], found[0][1]) if found else None


def _store(dialect_name: str) -> Insert:
    known = (
        count_up_known(dialect_name)
        .where(
            senders.still_holds(project="of_project"),
            _needs_nothing_of_project(),
            Issue.fingerprint == bindparam("present", type_=Issue.fingerprint.type),
            Issue.grounds.is_not(None),
            Issue.merged_into_id.is_(None),
        )
        .cte("known")
    )
    columns = {
        "project_id": bindparam("of_project", type_=Event.project_id.type),
        "issue_id": known.c.id,
        **{name: _told(name) for name in _EVENT},
        "content": cast(bindparam("content_json", type_=Text()), Event.content.type),
        "created_at": bindparam("seen_at", type_=Event.created_at.type),
    }
    statement = insert(Event).from_select(
        list(columns), select(*columns.values()), include_defaults=False
    )
    return statement.add_cte(_count_release(dialect_name, known)).returning(
        Event.id, Event.issue_id
    )


def _needs_nothing_of_project() -> ColumnElement[bool]:
    """Neither to be pinned, nor to refuse another app, nor to admit names."""
    app = bindparam("app", type_=Project.bundle_id.type)
    release, environment = (
        bindparam(name, type_=Event.environment.type)
        for name in ("known_release", "known_environment")
    )
    return exists(
        select(Project.id).where(
            Project.id == bindparam("of_project", type_=Project.id.type),
            or_(
                ~Project.bundle_pinning,
                Project.bundle_id == app,
                and_(Project.bundle_id.is_(None), app.is_(None)),
            ),
            knows_names(release, environment),
        )
    )


def _count_release(dialect_name: str, known: CTE) -> CTE:
    release = _told("release")
    row = {
        "issue_id": known.c.id,
        "release": release,
        "project_id": bindparam("of_project", type_=Issue.project_id.type),
        "events_count": literal(1, IssueRelease.events_count.type),
        "first_seen_at": bindparam("seen_at", type_=IssueRelease.first_seen_at.type),
    }
    counted = insert_into(dialect_name, IssueRelease).from_select(
        list(row),
        select(*row.values()).where(release.is_not(None)),
        include_defaults=False,
    )
    return counted.on_conflict_do_update(
        index_elements=["issue_id", "release"],
        set_={"events_count": IssueRelease.events_count + 1},
    ).cte("counted")


def _told(name: str) -> ColumnElement[Any]:
    return bindparam(f"told_{name}", type_=getattr(Event, name).type)


_STORE = Prepared(_store)

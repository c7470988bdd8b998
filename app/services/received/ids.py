"""Meets the ids that SDKs tell, and locks their rows: whoever tells one of them next waits.

So of an event and the feedback about it that come at once, the second sees the first; and of two
copies, the second finds what the first one stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, update

from app.database import insert_into
from app.database.prepared import Prepared, Statement
from app.domain.sentry.ids import IdKind
from app.models import SentryId


class IdKey(NamedTuple):
    """In the order of the table's key, in which all lock."""

    kind: IdKind
    sentry_id: bytes


@dataclass(frozen=True)
class Known:
    """`row_id` is what was stored with the id, and may be gone since; None: nothing yet.

    `since` is when it was told first, or stored last.
    """

    row_id: int | None
    since: datetime


def meet(
    connection: Connection, project_id: int, keys: Iterable[IdKey], *, now: datetime
) -> dict[IdKey, Known]:
    """All that is known of the ids; they are known from the commit on, and locked until then."""
    known = {}
    for key in sorted(set(keys)):
        values = {"project_id": project_id, **key._asdict(), "received_at": now}
        ((row_id, since),) = _MEET.rows(connection, values)
        known[key] = Known(row_id, since)
    return known


def give(
    connection: Connection, project_id: int, key: IdKey, *, row_id: int, now: datetime
) -> Known:
    """Whatever comes with the id from now on is what this row has."""
    _GIVE.rows(
        connection,
        {
            "of_project": project_id,
            "of_kind": key.kind,
            "of_id": key.sentry_id,
            "new_row_id": row_id,
            "new_received_at": now,
        },
    )
    return Known(row_id, now)


def _meet(dialect_name: str) -> Statement:
    return (
        insert_into(dialect_name, SentryId)
        .on_conflict_do_update(
            index_elements=["project_id", "kind", "sentry_id"], set_={"row_id": SentryId.row_id}
        )
        .returning(SentryId.row_id, SentryId.received_at)
    )


_MEET = Prepared(_meet)
_GIVE = Prepared(
    lambda _: update(SentryId)
    .where(
        SentryId.project_id == bindparam("of_project"),
        SentryId.kind == bindparam("of_kind"),
        SentryId.sentry_id == bindparam("of_id"),
    )
    .values(
        row_id=bindparam("new_row_id"),
        received_at=bindparam("new_received_at", type_=SentryId.received_at.type),
    )
)

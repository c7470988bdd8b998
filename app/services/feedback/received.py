"""Feedback as SDKs of the Sentry dialect send it, in the transaction of all that came with it.

It is scrubbed already, and may be about an event that is not here yet: that event takes it when it
comes. The rows of both ids are locked by then (`app.services.received.ids`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, update

from app.database.prepared import Prepared
from app.domain.feedback_status import FeedbackStatus
from app.domain.search_text import search_text
from app.domain.sentry.feedback import ReceivedFeedback
from app.models import Feedback, FeedbackText
from app.models.feedback import AWAITS_EVENT
from app.services.feedback.fields import SEARCHED, Submission
from app.services.feedback.submissions import (
    StoredFeedback,
    duplicate_key,
    links_to_event,
    store_once,
)

_SEARCHED = itemgetter(*SEARCHED)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Whose it is, when it came, and how long equal feedback counts as the same."""

    project_id: int
    address_hash: bytes
    now: datetime
    duplicate_window: timedelta


def add(
    connection: Connection,
    received: ReceivedFeedback,
    arrival: Arrival,
    *,
    event_id: int | None,
    notes: Mapping[str, Any],
) -> StoredFeedback:
    """Store it, unless it is a copy; `event_id` is the event that it is about, where that is known.

    `notes` are told in its details.
    """
    values = _values(received, arrival, notes)
    links: dict[str, object] | None = None
    if event_id is not None:
        links = links_to_event(connection, arrival.project_id, event_id)
    if links is not None:
        values |= {"event_id": event_id, **links}
    return store_once(connection, values, duplicate_window=arrival.duplicate_window)


def replace(
    connection: Connection, feedback_id: int, received: ReceivedFeedback, *, project_id: int
) -> bool:
    """Put it in the place of an earlier report about the same event; False where that is gone.

    That keeps its id, its status and its time, and suppresses no copy of its old words.
    """
    said = {"message": received.message, "name": received.name, "email": received.email}
    is_it = (Feedback.id == feedback_id) & (Feedback.project_id == project_id)
    found = connection.execute(
        update(Feedback)
        .where(is_it)
        .values(**said, duplicate_key=None)
        .returning(*(getattr(Feedback, name) for name in SEARCHED))
    ).one_or_none()
    if found is None:
        return False
    connection.execute(
        update(FeedbackText)
        .where(FeedbackText.project_id == project_id, FeedbackText.feedback_id == feedback_id)
        .values(folded=search_text(found))
    )
    return True


def tie_to_event(
    connection: Connection,
    project_id: int,
    sentry_id: bytes,
    *,
    event_id: int,
    issue_id: int,
    release: str | None,
) -> None:
    """What was said about an event before it came is about this one."""
    _TIE.rows(
        connection,
        {
            "of_project": project_id,
            "ref": sentry_id,
            "new_event_id": event_id,
            "new_issue_id": issue_id,
            "new_release": release,
        },
    )


_TIE = Prepared(
    lambda _: update(Feedback)
    .where(
        Feedback.project_id == bindparam("of_project"),
        Feedback.sentry_event_ref == bindparam("ref"),
        AWAITS_EVENT,
    )
    .values(
        event_id=bindparam("new_event_id"),
        issue_id=bindparam("new_issue_id"),
        event_release=bindparam("new_release"),
    )
)


def _values(
    received: ReceivedFeedback, arrival: Arrival, notes: Mapping[str, Any]
) -> dict[str, Any]:
    submission = Submission(
        message=received.message,
        name=received.name,
        email=received.email,
        url=received.url,
        app_version=received.app_version,
    )
    values: dict[str, Any] = {
        **vars(submission),
        "project_id": arrival.project_id,
        "event_id": None,
        "issue_id": None,
        "event_release": None,
        "status": FeedbackStatus.OPEN,
        "created_at": arrival.now,
        "address_hash": arrival.address_hash,
        "token_digest": None,  # whoever stores has made sure of it
        "details": {**received.details, **notes},
        "sentry_event_ref": received.event_ref,
    }
    about = received.event_ref.hex() if received.event_ref else None
    values["duplicate_key"] = duplicate_key(arrival.address_hash, arrival.project_id, about, values)
    values["folded"] = search_text(_SEARCHED(values))
    return values

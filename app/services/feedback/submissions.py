"""Feedback as an app's users submit it: scrubbed, tied to its event, stored once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select, update

from app.database import single_statements, write, writers_take_turns
from app.domain.feedback_status import FeedbackStatus
from app.domain.scrubber import examine
from app.domain.search_text import search_text
from app.models import Event, Feedback
from app.services.errors import NotFound
from app.services.feedback.fields import COMPARED, SCRUBBED, SEARCHED, Submission
from app.services.feedback.insert import insert_with_text
from app.services.projects import senders
from app.signals import feedback_submitted, tell

# Losing the race to insert and then finding the winner deleted or expired can happen once or
# twice; more means that something else is wrong.
_MAX_ATTEMPTS = 5
# What another host stored a moment ago may be of a moment to come; what is further ahead was stored
# while a clock was wrong, and would suppress others until then.
_CLOCKS_DIFFER_BY = timedelta(minutes=1)
_COMPARED = itemgetter(*COMPARED)
_SEARCHED = itemgetter(*SEARCHED)


@dataclass(frozen=True)
class StoredFeedback:
    id: int
    is_new: bool


def submit(
    project_id: int,
    submission: Submission,
    *,
    address_hash: bytes,
    now: datetime,
    duplicate_window: timedelta,
    event_id: int | None = None,
    token_digest: bytes | None = None,
) -> StoredFeedback:
    """Store one piece of feedback, scrubbed; sending it again is harmless.

    The same message by the same name and e-mail from the same address, for the same event, within
    `duplicate_window` of the first is that first one. Raises NotFound when the project has no such
    event, and UnknownProjectToken when the token that it was sent with is the project's no more.
    """
    values: dict[str, Any] = {
        **vars(submission),
        "project_id": project_id,
        "event_id": event_id,
        "issue_id": None,
        "event_release": None,
        "status": FeedbackStatus.OPEN,
        "created_at": now,
        "address_hash": address_hash,
        "token_digest": token_digest,
    }
    redactions = _scrub(values)
    values["duplicate_key"] = duplicate_key(address_hash, project_id, event_id, values)
    values["folded"] = search_text(_SEARCHED(values))

    def store(connection: Connection) -> StoredFeedback:
        links: dict[str, object] = {}
        if event_id is not None:
            senders.check(connection, project_id, token_digest)
            found = links_to_event(connection, project_id, event_id)
            if found is None:
                raise NotFound("There is no such event in this project.")
            links = found
        return store_once(connection, values | links, duplicate_window=duplicate_window)

    stored = _store_at_once(values) or write(store)
    tell(feedback_submitted, is_new=stored.is_new, redactions=redactions)
    return stored


def _scrub(values: dict[str, Any]) -> dict[str, int]:
    """Take out what must not be stored; returns how many matches there were of each kind."""
    found: dict[str, int] = {}
    for name in SCRUBBED:
        if values[name] is not None:
            scrubbed = examine(values[name])
            values[name] = scrubbed.text
            for kind, count in scrubbed.found.items():
                found[kind] = found.get(kind, 0) + count
    return found


def links_to_event(
    connection: Connection, project_id: int, event_id: int
) -> dict[str, object] | None:
    """What feedback has of the event that it is about; None where the project has no such event."""
    # The lock keeps the event until the feedback that points to it is stored (PostgreSQL; on
    # SQLite the whole transaction already does).
    event = connection.execute(
        select(Event.issue_id, Event.release)
        .where(Event.id == event_id, Event.project_id == project_id)
        .with_for_update(read=True, key_share=True)
    ).one_or_none()
    return event and {"issue_id": event.issue_id, "event_release": event.release}


def _store_at_once(values: dict[str, Any]) -> StoredFeedback | None:
    """Where one statement does all there is to do; mostly it does, as most feedback is new."""
    if writers_take_turns() or values["event_id"] is not None:
        return None
    with single_statements() as connection:
        new_id = insert_with_text(connection, values)
    return StoredFeedback(id=new_id, is_new=True) if new_id is not None else None


def store_once(
    connection: Connection, values: Mapping[str, Any], *, duplicate_window: timedelta
) -> StoredFeedback:
    """Insert, and let the unique key decide: looking first and inserting then would race."""
    key = values["duplicate_key"]
    for _ in range(_MAX_ATTEMPTS):
        new_id = insert_with_text(connection, values)
        if new_id is not None:
            return StoredFeedback(id=new_id, is_new=True)
        senders.check(connection, values["project_id"], values["token_digest"])
        first = connection.execute(
            select(Feedback.id, Feedback.created_at).where(Feedback.duplicate_key == key)
        ).one_or_none()
        if first is None:  # deleted since the insert was refused
            continue
        age = values["created_at"] - first.created_at
        if -min(_CLOCKS_DIFFER_BY, duplicate_window) < age < duplicate_window:
            return StoredFeedback(id=first.id, is_new=False)
        connection.execute(
            update(Feedback)
            .where(Feedback.id == first.id, Feedback.duplicate_key == key)
            .values(duplicate_key=None)
        )
    raise RuntimeError(f"feedback was neither stored nor found in {_MAX_ATTEMPTS} attempts")


def duplicate_key(
    address_hash: bytes, project_id: int, about: int | str | None, values: Mapping[str, Any]
) -> bytes:
    """Equal for what counts as the same feedback about an event, or about none; 32 bytes."""
    said = (project_id, about, *_COMPARED(values))
    # As JSON, because there no end of one part can be taken for the beginning of the next.
    return hashlib.sha256(address_hash + json.dumps(said).encode()).digest()

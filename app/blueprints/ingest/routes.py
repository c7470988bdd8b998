"""The public routes: feedback, sessions, events.

Each may answer 404: a project may be deleted between the check of its token and the write.
"""

from datetime import timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from app.blueprints.ingest.blueprint import public_post
from app.blueprints.ingest.event_body import event_of_body, max_event_body_bytes
from app.blueprints.ingest.event_schema import EventSchema
from app.blueprints.ingest.schemas import (
    EventStoredSchema,
    FeedbackSchema,
    FeedbackStoredSchema,
    SessionSchema,
    SessionStoredSchema,
)
from app.current import this_g
from app.domain.losses import LossKind
from app.extensions import now, settings
from app.limits.allowances import event_allowance, feedback_allowance, session_allowance
from app.services import feedback, sessions
from app.services.issues import events
from app.web.incoming import json_body, lenient_json_body, row_id
from app.web.openapi import Credentials, documented

_feedback_schema = FeedbackSchema()
_session_schema = SessionSchema()


@public_post("/feedback", kind=LossKind.FEEDBACK)
@documented(
    body=FeedbackSchema,
    answers={202: FeedbackStoredSchema},
    credentials=Credentials.PROJECT_TOKEN,
    refuses=(404, 429),
)
@feedback_allowance
def submit_feedback() -> ResponseReturnValue:
    """Store one piece of feedback; sending it again is harmless."""
    return _submit(event_id=None)


@public_post("/events/<event_id>/feedback", kind=LossKind.FEEDBACK)
@documented(
    body=FeedbackSchema,
    answers={202: FeedbackStoredSchema},
    credentials=Credentials.PROJECT_TOKEN,
    refuses=(404, 429),
)
@feedback_allowance
def submit_event_feedback(event_id: str) -> ResponseReturnValue:
    """Store feedback tied to a captured event, and to the issue it belongs to."""
    return _submit(event_id=row_id(event_id))


@public_post("/sessions", kind=LossKind.SESSION)
@documented(
    body=SessionSchema,
    answers={202: SessionStoredSchema},
    credentials=Credentials.PROJECT_TOKEN,
    refuses=(404, 429),
)
@session_allowance
def report_session() -> ResponseReturnValue:
    """Open a session or move it on; reports may come in any order, and more than once."""
    posted = _session_schema.load(lenient_json_body())
    sender = this_g().sender
    sessions.record(sender.project_id, posted.report, now=now(), token_digest=sender.token_digest)
    return {"ok": True, "session_id": posted.session_id_as_sent}, 202


# Who sets the bare host as endpoint posts events to `/`.
@public_post("/ingest", "/", kind=LossKind.EVENT, max_body_bytes=max_event_body_bytes)
@documented(
    body=EventSchema,
    answers={202: EventStoredSchema},
    credentials=Credentials.PROJECT_TOKEN,
    refuses=(403, 404, 429),
)
@event_allowance
def ingest_event() -> ResponseReturnValue:
    """Store one crash or error under its issue."""
    event = event_of_body()
    sender = this_g().sender
    stored = events.ingest(sender.project_id, event, now=now(), token_digest=sender.token_digest)
    return {"ok": True, "event_id": stored.id, "issue_id": stored.issue_id}, 202


def _submit(*, event_id: int | None) -> tuple[dict[str, Any], int]:
    submission = _feedback_schema.load(json_body())
    of_request = this_g()
    stored = feedback.submit(
        of_request.project_id,
        submission,
        event_id=event_id,
        token_digest=of_request.sender.token_digest,
        address_hash=of_request.address_hash,
        now=now(),
        duplicate_window=timedelta(seconds=settings().duplicate_window_seconds),
    )
    return {"ok": True, "feedback_id": stored.id}, 202

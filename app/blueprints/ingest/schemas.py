"""What SDKs post about feedback and sessions, field by field (contract sections 3.2 and 3.3)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, post_load

from app.domain import field_limits
from app.domain.field_limits import APP_ID_MAX_BYTES, FACT_MAX_BYTES, LABEL_MAX_CHARS
from app.domain.releases import DEFAULT_ENVIRONMENT, UNKNOWN_RELEASE
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.text import shortened
from app.domain.user_key import session_user_key
from app.services.feedback import Submission
from app.web.schemas import (
    AnswerSchema,
    LooseInteger,
    LooseText,
    WireChoice,
    WireEmail,
    WireName,
    WireSchema,
    WireText,
    WireUuid,
)


class FeedbackSchema(WireSchema):
    """What a user wrote, alone or about an event."""

    example = {
        "message": "The checkout page stays blank after payment",
        "name": "Alice",
        "email": "alice@example.com",
        "url": "https://app.example.com/checkout",
        "app_version": "1.4.2",
    }

    message = WireText(required=True, max_chars=field_limits.MESSAGE_MAX_CHARS)
    name = WireText(max_chars=field_limits.NAME_MAX_CHARS)
    email = WireEmail()
    url = WireText(max_chars=field_limits.URL_MAX_CHARS)
    app_version = WireName(max_chars=field_limits.APP_VERSION_MAX_CHARS)

    @post_load
    def _to_submission(self, values: dict[str, Any], **_: object) -> Submission:
        return Submission(**values)


@dataclass(frozen=True)
class PostedSession:
    session_id_as_sent: str
    report: SessionReport


class SessionSchema(WireSchema):
    """How a session goes; the same body may come several times, in any order.

    Nothing in an optional field costs the status: no SDK sends a report again.
    """

    example = {
        "session_id": "123e4567-e89b-12d3-a456-426614174000",
        "status": "ok",
        "release": "1.4.2",
        "environment": "production",
        "user_id_anon": "a1b2",
    }

    session_id = WireUuid(required=True)
    status = WireChoice(tuple(SessionStatus), required=True)
    release = LooseText(max_chars=LABEL_MAX_CHARS)
    environment = LooseText(max_chars=LABEL_MAX_CHARS)
    app_version = LooseText(max_chars=LABEL_MAX_CHARS)
    os_name = LooseText(max_chars=LABEL_MAX_CHARS)
    user_id_anon = LooseText(max_chars=LABEL_MAX_CHARS)
    app_id = LooseText(max_chars=LABEL_MAX_CHARS)
    duration_ms = LooseInteger()

    @post_load
    def _to_posted(self, values: dict[str, Any], **_: object) -> PostedSession:
        report = SessionReport(
            session_id=UUID(values["session_id"]).bytes,
            status=SessionStatus(values["status"]),
            release=values["release"] or values["app_version"] or UNKNOWN_RELEASE,
            environment=values["environment"] or DEFAULT_ENVIRONMENT,
            app_version=shortened(values["app_version"], max_bytes=FACT_MAX_BYTES),
            os_name=shortened(values["os_name"], max_bytes=FACT_MAX_BYTES),
            app_id=shortened(values["app_id"], max_bytes=APP_ID_MAX_BYTES),
            user_key=session_user_key(values["user_id_anon"]),
            duration_ms=values["duration_ms"],
        )
        return PostedSession(values["session_id"], report)


class FeedbackStoredSchema(AnswerSchema):
    """The feedback is safely stored, now or before."""

    example = {"ok": True, "feedback_id": 42}

    ok = fields.Boolean()
    feedback_id = fields.Integer()


class SessionStoredSchema(AnswerSchema):
    """The session is stored; its id as it was sent."""

    example = {"ok": True, "session_id": "123e4567-e89b-12d3-a456-426614174000"}

    ok = fields.Boolean()
    session_id = fields.UUID()


class EventStoredSchema(AnswerSchema):
    """The event is stored, under its issue."""

    example = {"ok": True, "event_id": 1234, "issue_id": 88}

    ok = fields.Boolean()
    event_id = fields.Integer()
    issue_id = fields.Integer()

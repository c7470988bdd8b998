"""What the routes about feedback take and show (contract section 4.1)."""

from marshmallow import fields

from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.domain.feedback_status import FeedbackStatus
from app.domain.field_limits import MAX_ID
from app.web.schemas import (
    AnswerSchema,
    QueryInteger,
    QueryMoment,
    WireChoice,
    WireSchema,
    WireText,
    WireTime,
)

SEARCH_MAX_CHARS = 200


class FeedbackQuerySchema(WireSchema):
    """How `GET …/feedback` may be narrowed."""

    include = WireChoice(("all",))
    status = WireChoice(tuple(FeedbackStatus))
    q = WireText(max_chars=SEARCH_MAX_CHARS)
    since = QueryMoment()
    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = QueryInteger(lowest=1, highest=MAX_ID)


class FeedbackStatusSchema(WireSchema):
    """The body of `PATCH …/feedback/{feedback}`."""

    example = {"status": "handled"}

    status = WireChoice(tuple(FeedbackStatus), required=True)


class FeedbackRowSchema(AnswerSchema):
    """One piece of feedback, with exactly the contracted fields."""

    example = {
        "id": 42,
        "event_id": 1234,
        "issue_id": 88,
        "name": "Alice",
        "email": "alice@example.com",
        "message": "The checkout page stays blank after payment",
        "status": "open",
        "handled_at": None,
        "url": "https://app.example.com/checkout",
        "app_version": "1.4.2",
        "created_at": "2026-05-07T17:25:00Z",
    }

    id = fields.Integer()
    event_id = fields.Integer(allow_none=True)
    issue_id = fields.Integer(allow_none=True)
    name = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    message = fields.String()
    status = fields.String(metadata={"enum": list(FeedbackStatus)})
    handled_at = WireTime(allow_none=True)
    url = fields.String(allow_none=True)
    app_version = fields.String(allow_none=True)
    created_at = WireTime()


class FeedbackPageSchema(AnswerSchema):
    """The newest feedback first."""

    example = {"feedback": [FeedbackRowSchema.example]}

    feedback = fields.List(fields.Nested(FeedbackRowSchema))


class ChangedFeedbackSchema(AnswerSchema):
    """The feedback with its new status."""

    example = {"feedback": FeedbackRowSchema.example}

    feedback = fields.Nested(FeedbackRowSchema)

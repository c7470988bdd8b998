"""What triage takes and shows (contract section 4.1)."""

from marshmallow import fields

from app.domain.feedback_status import FeedbackStatus
from app.domain.field_limits import MAX_ID
from app.schemas import QueryInteger, QueryMoment, WireChoice, WireSchema, WireText, WireTime

PAGE_MAX_ROWS = 100
SEARCH_MAX_CHARS = 200

_STATUSES = tuple(FeedbackStatus)


class FeedbackQuerySchema(WireSchema):
    """How `GET …/feedback` may be narrowed."""

    include = WireChoice(("all",))
    status = WireChoice(_STATUSES)
    q = WireText(max_chars=SEARCH_MAX_CHARS)
    since = QueryMoment()
    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = QueryInteger(lowest=1, highest=MAX_ID)


class StatusSchema(WireSchema):
    """The body of `PATCH …/feedback/{feedback}`."""

    status = WireChoice(_STATUSES, required=True)


class FeedbackRowSchema(WireSchema):
    """One piece of feedback, with exactly the contracted fields."""

    id = fields.Integer()
    event_id = fields.Integer()
    issue_id = fields.Integer()
    name = fields.String()
    email = fields.String()
    message = fields.String()
    status = fields.String()
    handled_at = WireTime()
    url = fields.String()
    app_version = fields.String()
    created_at = WireTime()

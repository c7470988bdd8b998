"""What the routes about issues take and show (contract section 4.5)."""

from typing import Any

from marshmallow import fields, post_dump

from app.blueprints.dashboard.feedback.schemas import FeedbackRowSchema
from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.domain.issue_cursor import ISSUE_CURSOR_PATTERN, read_issue_cursor
from app.domain.issue_status import EventLevel, IssueStatus
from app.web.schemas import AnswerSchema, QueryInteger, WireChoice, WireSchema, WireText, WireTime


class IssueCursorField(WireText):
    """`<microseconds since 1970>-<id>`, as the `Link` header writes it."""

    default_error_messages = {"cursor": "The {name} must come from a Link header."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=40, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        cursor = read_issue_cursor(value)
        if cursor is None:
            raise self.make_error("cursor")
        return cursor

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{ISSUE_CURSOR_PATTERN}$"}


class IssueQuerySchema(WireSchema):
    """How `GET …/issues` may be narrowed."""

    status = WireChoice(tuple(IssueStatus))
    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = IssueCursorField()


class IssueStatusSchema(WireSchema):
    """The body of `PATCH …/issues/{issue}`."""

    example = {"status": "resolved"}

    status = WireChoice(tuple(IssueStatus), required=True)


class IssueRowSchema(AnswerSchema):
    """One bug; `reopened_at` is when an event last came though it was resolved."""

    example = {
        "id": 88,
        "exception_type": "TypeError",
        "message": "total is undefined",
        "level": "error",
        "status": "open",
        "events_count": 17,
        "first_seen_at": "2026-05-06T08:00:00Z",
        "last_seen_at": "2026-05-07T17:25:00Z",
        "reopened_at": None,
        "releases": ["1.4.2"],
        "releases_count": 1,
    }

    id = fields.Integer()
    exception_type = fields.String()
    message = fields.String(allow_none=True)
    level = fields.String(metadata={"enum": list(EventLevel)})
    status = fields.String(metadata={"enum": list(IssueStatus)})
    events_count = fields.Integer()
    first_seen_at = WireTime()
    last_seen_at = WireTime()
    reopened_at = WireTime(allow_none=True)
    releases = fields.List(
        fields.String(), metadata={"description": "The newest 20 of those it was seen in."}
    )
    releases_count = fields.Integer()


class EventMetaSchema(WireSchema):
    """What was not kept of an event, or not as it came."""

    cut = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "How many strings, stack lines, breadcrumbs … were cut, by kind."},
    )
    left_out = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={
            "description": "Pictures, which are never kept, and the names of fields"
            " whose value could not be used."
        },
    )
    other = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={
            "description": "`release` and `environment` as the event told them, where they were one"
            " new name too many for the day: the event itself is in `other` then."
        },
    )
    not_kept = fields.String(
        metadata={
            "description": "Why nothing of its content is there, its message included: `over_quota`"
            " where the project had used up its EVENT_BYTES_PER_DAY. Absent otherwise."
        }
    )


class EventContentSchema(AnswerSchema):
    """What is kept of an event beside its columns; for the description alone."""

    user_id_anon = fields.String(allow_none=True)
    stack = fields.List(fields.String(), metadata={"description": "Its lines, as they came."})
    breadcrumbs = fields.List(
        fields.Raw(), metadata={"description": "The newest 50, as they came; the newest last."}
    )
    context = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "The flat keys, such as `os_name` and `device_model`."},
    )
    contexts = fields.Dict()
    mechanism = fields.Dict(metadata={"description": "`type` and `handled`, as they came."})
    tags = fields.Dict()
    extra = fields.Dict()
    native_crash = fields.Dict(
        metadata={
            "description": "Of a native crash of the run before alone: `version`, `reported_by` and"
            " `crashed_at`."
        }
    )
    meta = fields.Nested(EventMetaSchema, data_key="_meta")


class EventRowSchema(AnswerSchema):
    """One crash or error, with all that was kept of it."""

    example = {
        "id": 1234,
        "issue_id": 88,
        "exception_type": "TypeError",
        "message": "total is undefined",
        "level": "error",
        "release": "1.4.2",
        "environment": "production",
        "platform": "web",
        "created_at": "2026-05-07T17:25:00Z",
        "user_id_anon": "a1b2",
        "stack": ["at pay (cart.js:10:3)", "at onPress (cart.js:2:1)"],
        "breadcrumbs": [{"category": "tap", "message": "Pay", "ts": 1778174699000}],
        "context": {"os_name": "Android", "device_model": "Pixel 9"},
        "contexts": {},
        "mechanism": {"type": "onerror", "handled": False},
        "tags": {},
        "extra": {},
        "_meta": {"cut": {}},
    }

    id = fields.Integer()
    issue_id = fields.Integer()
    exception_type = fields.String()
    message = fields.String(allow_none=True)
    level = fields.String(metadata={"enum": list(EventLevel)})
    release = fields.String(allow_none=True)
    environment = fields.String()
    platform = fields.String(allow_none=True)
    content = fields.Dict(metadata={"lifted": EventContentSchema})
    created_at = WireTime()

    @post_dump
    def _lift_content(self, row: dict[str, Any], **_: object) -> dict[str, Any]:
        """What was kept beside the columns (stack, breadcrumbs, …, `_meta`) stands among them."""
        return {**row.pop("content"), **row}


class IssuePageSchema(AnswerSchema):
    """The issues seen last first."""

    example = {"issues": [IssueRowSchema.example]}

    issues = fields.List(fields.Nested(IssueRowSchema))


class IssueDetailSchema(AnswerSchema):
    """An issue with its newest events and its feedback."""

    example = {
        "issue": IssueRowSchema.example,
        "events": [EventRowSchema.example],
        "feedback": [FeedbackRowSchema.example],
    }

    issue = fields.Nested(IssueRowSchema)
    events = fields.List(fields.Nested(EventRowSchema))
    feedback = fields.List(fields.Nested(FeedbackRowSchema))


class ChangedIssueSchema(AnswerSchema):
    """The issue with its new status."""

    example = {"issue": IssueRowSchema.example}

    issue = fields.Nested(IssueRowSchema)

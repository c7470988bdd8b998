"""What the routes about issues take and show (contract section 4.5)."""

from typing import Any

from marshmallow import fields, post_dump

from app.blueprints.dashboard.feedback.schemas import FeedbackRowSchema
from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.domain.issue_cursor import ISSUE_CURSOR_PATTERN, read_issue_cursor
from app.domain.issue_status import EventLevel, IssueStatus
from app.services.issues.merges import MOST_MERGED
from app.web.schemas import (
    AnswerSchema,
    QueryInteger,
    WireChoice,
    WireIds,
    WireSchema,
    WireText,
    WireTime,
)


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


class IssueIdsSchema(WireSchema):
    """The body of `POST …/issues/{issue}/merge`: the issues that are to be part of this one."""

    example = {"ids": [91, 92]}

    ids = WireIds(max_count=MOST_MERGED, required=True)


class TakenOutIdsSchema(WireSchema):
    """The body of `POST …/issues/{issue}/take-apart`; without `ids`, all that it was made of."""

    example = {"ids": [92]}

    ids = WireIds(max_count=MOST_MERGED)


class IssueRowSchema(AnswerSchema):
    """One bug; `reopened_at` is when an event last came though it was resolved. What is merged into
    it counts in its figures."""

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
        "merged_count": 1,
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
    merged_count = fields.Integer(
        metadata={"description": "How many issues are merged into it, and into these."}
    )


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


class MergedIssueSchema(AnswerSchema):
    """An issue that is merged into another: what it counts, and the status that it had, and gets
    back when it is taken out."""

    example = {
        "id": 91,
        "exception_type": "TypeError",
        "message": "total is null",
        "status": "resolved",
        "events_count": 2,
        "first_seen_at": "2026-05-06T09:00:00Z",
        "last_seen_at": "2026-05-07T16:00:00Z",
        "merged_into_id": 88,
        "merged_at": "2026-05-07T18:00:00Z",
    }

    id = fields.Integer()
    exception_type = fields.String()
    message = fields.String(allow_none=True)
    status = fields.String(metadata={"enum": list(IssueStatus)})
    events_count = fields.Integer()
    first_seen_at = WireTime()
    last_seen_at = WireTime()
    merged_into_id = fields.Integer(
        metadata={"description": "Another than this issue where that one was merged later."}
    )
    merged_at = WireTime()


class CountedFrameSchema(AnswerSchema):
    """A line of the stack without what differs between builds and devices; empty where nothing of
    it lasts."""

    function = fields.String()
    file = fields.String()


class GroundsSchema(AnswerSchema):
    """What counted: events of which all this is the same are of one issue."""

    example = {
        "issue_id": 88,
        "version": 2,
        "exception_type": "TypeError",
        "frames": [{"function": "pay", "file": "cart"}, {"function": "onPress", "file": "cart"}],
        "lines": [],
        "message": None,
        "text": "What counted: the exception type TypeError and the functions pay in cart and"
        " onPress in cart. The message did not count.",
    }

    issue_id = fields.Integer(metadata={"description": "This issue, or one merged into it."})
    version = fields.Integer(metadata={"description": "Of the rules of grouping."})
    exception_type = fields.String()
    frames = fields.List(
        fields.Nested(CountedFrameSchema), metadata={"description": "Of the app's own code."}
    )
    lines = fields.List(
        fields.String(), metadata={"description": "Of a stack in no known language."}
    )
    message = fields.String(
        allow_none=True,
        metadata={
            "description": "With `<id>` in place of numbers, ids and times, and `<value>` of what"
            " was quoted; null where the message did not count."
        },
    )
    text = fields.String(metadata={"description": "The same in words."})


class IssuePageSchema(AnswerSchema):
    """The issues seen last first."""

    example = {"issues": [IssueRowSchema.example]}

    issues = fields.List(fields.Nested(IssueRowSchema))


class IssueDetailSchema(AnswerSchema):
    """An issue with its newest events and its feedback, what is merged into it, and why its events
    are one. Of an issue that is merged into another, that other one."""

    example = {
        "issue": IssueRowSchema.example,
        "events": [EventRowSchema.example],
        "feedback": [FeedbackRowSchema.example],
        "merged": [MergedIssueSchema.example],
        "grounds": [GroundsSchema.example],
    }

    issue = fields.Nested(IssueRowSchema)
    events = fields.List(fields.Nested(EventRowSchema))
    feedback = fields.List(fields.Nested(FeedbackRowSchema))
    merged = fields.List(fields.Nested(MergedIssueSchema))
    grounds = fields.List(fields.Nested(GroundsSchema))


class TakenApartSchema(AnswerSchema):
    """The issue without what was taken out, and this."""

    example = {"issue": IssueRowSchema.example, "taken_out": [IssueRowSchema.example]}

    issue = fields.Nested(IssueRowSchema)
    taken_out = fields.List(fields.Nested(IssueRowSchema))


class ChangedIssueSchema(AnswerSchema):
    """The issue as it is now."""

    example = {"issue": IssueRowSchema.example}

    issue = fields.Nested(IssueRowSchema)

"""What the read side takes and shows (contract sections 4.1, 4.2 and 4.5)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import fields, post_dump

from app.domain.feedback_status import FeedbackStatus
from app.domain.field_limits import LABEL_MAX_CHARS, MAX_ID
from app.domain.issue_status import IssueStatus
from app.domain.release_health import DEFAULT_DAYS, MAX_DAYS
from app.schemas import QueryInteger, QueryMoment, WireChoice, WireSchema, WireText, WireTime
from app.services.issues import IssueCursor

PAGE_MAX_ROWS = 100
SEARCH_MAX_CHARS = 200

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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

    status = WireChoice(tuple(FeedbackStatus), required=True)


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


class IssueCursorField(WireText):
    """`<microseconds since 1970>-<id>`, as the `Link` header writes it."""

    default_error_messages = {"cursor": "The {name} must come from a Link header."}
    _FORM = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=40, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        match = self._FORM.fullmatch(value)
        if match is None:
            raise self.make_error("cursor")
        return IssueCursor(_EPOCH + int(match[1]) * _MICROSECOND, int(match[2]))


def write_issue_cursor(cursor: IssueCursor) -> str:
    return f"{(cursor.last_seen_at - _EPOCH) // _MICROSECOND}-{cursor.id}"


class IssueQuerySchema(WireSchema):
    """How `GET …/issues` may be narrowed."""

    status = WireChoice(tuple(IssueStatus))
    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = IssueCursorField()


class IssueStatusSchema(WireSchema):
    """The body of `PATCH …/issues/{issue}`."""

    status = WireChoice(tuple(IssueStatus), required=True)


class IssueRowSchema(WireSchema):
    """One bug; `reopened_at` is when an event last came though it was resolved."""

    id = fields.Integer()
    exception_type = fields.String()
    message = fields.String()
    level = fields.String()
    status = fields.String()
    events_count = fields.Integer()
    first_seen_at = WireTime()
    last_seen_at = WireTime()
    reopened_at = WireTime()
    releases = fields.List(fields.String())


class EventRowSchema(WireSchema):
    """One crash or error, with all that was kept of it."""

    id = fields.Integer()
    issue_id = fields.Integer()
    exception_type = fields.String()
    message = fields.String()
    level = fields.String()
    release = fields.String()
    environment = fields.String()
    platform = fields.String()
    content = fields.Dict()
    created_at = WireTime()

    @post_dump
    def _lift_content(self, row: dict[str, Any], **_: object) -> dict[str, Any]:
        """What was kept beside the columns (stack, breadcrumbs, …, `_meta`) stands among them."""
        return {**row.pop("content"), **row}


class ReleaseQuerySchema(WireSchema):
    """How a release-health report may be narrowed."""

    days = QueryInteger(lowest=1, highest=MAX_DAYS, load_default=DEFAULT_DAYS)
    environment = WireText(max_chars=LABEL_MAX_CHARS)
    release = WireText(max_chars=LABEL_MAX_CHARS)


class VerdictQuerySchema(WireSchema):
    """What a release is compared with."""

    against = WireText(max_chars=LABEL_MAX_CHARS, required=True)
    days = QueryInteger(lowest=1, highest=MAX_DAYS, load_default=DEFAULT_DAYS)
    environment = WireText(max_chars=LABEL_MAX_CHARS)


class ReleaseHealthSchema(WireSchema):
    """The contracted fields, then the rest of the ledger and how sure the rates are."""

    release = fields.String()
    sessions_total = fields.Integer()
    sessions_crashed = fields.Integer()
    sessions_errored = fields.Integer()
    users_total = fields.Integer()
    users_crashed = fields.Integer()
    crash_free_sessions = fields.Float()
    crash_free_users = fields.Float()
    first_seen_at = WireTime()
    last_seen_at = WireTime()
    sessions_ok = fields.Integer()
    sessions_exited = fields.Integer()
    sessions_abnormal = fields.Integer()
    crash_free_sessions_interval = fields.List(fields.Float())
    crash_free_users_interval = fields.List(fields.Float())
    verdict = fields.String()


class DayHealthSchema(WireSchema):
    """One day of a release, for a chart."""

    day = fields.Date()
    sessions = fields.Integer()
    ok = fields.Integer()
    exited = fields.Integer()
    errored = fields.Integer()
    abnormal = fields.Integer()
    crashed = fields.Integer()
    crash_free = fields.Float()
    users = fields.Integer()
    adoption = fields.Float()

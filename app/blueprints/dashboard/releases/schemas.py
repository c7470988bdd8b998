"""What the routes about release health take and show (contract section 4.2)."""

from typing import Any

from marshmallow import fields

from app.blueprints.dashboard.feedback.schemas import FeedbackRowSchema
from app.blueprints.dashboard.issues.schemas import IssueRowSchema
from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.domain.field_limits import LABEL_MAX_CHARS
from app.domain.rates import Comparison, Verdict
from app.domain.release_cursor import RELEASE_CURSOR_PATTERN, read_release_cursor
from app.domain.release_health import DEFAULT_DAYS, MAX_DAYS
from app.web.schemas import AnswerSchema, QueryInteger, WireName, WireSchema, WireText, WireTime


class ReleaseCursorField(WireText):
    """`<day>-<microseconds since 1970>-<id>`, as the `Link` header writes it."""

    default_error_messages = {"cursor": "The {name} must come from a Link header."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=50, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        cursor = read_release_cursor(value)
        if cursor is None:
            raise self.make_error("cursor")
        return cursor

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{RELEASE_CURSOR_PATTERN}$"}


class ReleaseQuerySchema(WireSchema):
    """Which sessions release health is told of."""

    days = QueryInteger(lowest=1, highest=MAX_DAYS, load_default=DEFAULT_DAYS)
    environment = WireName(max_chars=LABEL_MAX_CHARS)


class ReleasePageQuerySchema(ReleaseQuerySchema):
    """How a release-health report may be narrowed, and where its page begins."""

    release = WireName(max_chars=LABEL_MAX_CHARS)
    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = ReleaseCursorField()


class NamedReleaseQuerySchema(ReleaseQuerySchema):
    """Which release, whatever it is called."""

    name = WireName(max_chars=LABEL_MAX_CHARS, required=True)


class VerdictQuerySchema(WireSchema):
    """What a release is compared with."""

    against = WireName(max_chars=LABEL_MAX_CHARS, required=True)
    days = QueryInteger(lowest=1, highest=MAX_DAYS, load_default=DEFAULT_DAYS)
    environment = WireName(max_chars=LABEL_MAX_CHARS)


class NamedVerdictQuerySchema(VerdictQuerySchema):
    """Which release, whatever it is called, and what it is compared with."""

    name = WireName(max_chars=LABEL_MAX_CHARS, required=True)


class ReleaseHealthSchema(AnswerSchema):
    """The contracted fields, then the rest of the ledger and how sure the rates are."""

    example = {
        "release": "1.4.2",
        "sessions_total": 1000,
        "sessions_crashed": 4,
        "sessions_errored": 9,
        "users_total": 310,
        "users_crashed": 3,
        "crash_free_sessions": 0.996,
        "crash_free_users": 0.9903,
        "first_seen_at": "2026-05-06T08:00:00Z",
        "last_seen_at": "2026-05-07T17:25:00Z",
        "sessions_ok": 20,
        "sessions_exited": 966,
        "sessions_abnormal": 1,
        "crash_free_sessions_interval": [0.9898, 0.9984],
        "crash_free_users_interval": [0.9719, 0.9967],
        "verdict": "undecided",
    }

    release = fields.String()
    sessions_total = fields.Integer()
    sessions_crashed = fields.Integer()
    sessions_errored = fields.Integer()
    users_total = fields.Integer()
    users_crashed = fields.Integer()
    crash_free_sessions = fields.Float(allow_none=True)
    crash_free_users = fields.Float(allow_none=True)
    first_seen_at = WireTime()
    last_seen_at = WireTime()
    sessions_ok = fields.Integer()
    sessions_exited = fields.Integer()
    sessions_abnormal = fields.Integer()
    crash_free_sessions_interval = fields.List(fields.Float(), allow_none=True)
    crash_free_users_interval = fields.List(fields.Float(), allow_none=True)
    verdict = fields.String(metadata={"enum": list(Verdict)})


class DayHealthSchema(AnswerSchema):
    """One day of a release, for a chart."""

    example = {
        "day": "2026-05-07",
        "sessions": 600,
        "ok": 20,
        "exited": 570,
        "errored": 8,
        "abnormal": 0,
        "crashed": 2,
        "crash_free": 0.9967,
        "users": 200,
        "adoption": 0.75,
    }

    day = fields.Date()
    sessions = fields.Integer()
    ok = fields.Integer()
    exited = fields.Integer()
    errored = fields.Integer()
    abnormal = fields.Integer()
    crashed = fields.Integer()
    crash_free = fields.Float(allow_none=True)
    users = fields.Integer()
    adoption = fields.Float(allow_none=True)


class ReleaseReportSchema(AnswerSchema):
    """A row a release, the one seen last first."""

    example = {"releases": [ReleaseHealthSchema.example]}

    releases = fields.List(fields.Nested(ReleaseHealthSchema))


class ReleaseDetailSchema(ReleaseHealthSchema):
    """The report's row of one release, and what belongs to it."""

    example = {
        **ReleaseHealthSchema.example,
        "days": [DayHealthSchema.example],
        "adoption_among": None,
        "duration_p50_ms": 60000,
        "duration_p95_ms": 900000,
        "durations_among": None,
        "issues": [IssueRowSchema.example],
        "feedback": [FeedbackRowSchema.example],
    }

    days = fields.List(fields.Nested(DayHealthSchema))
    adoption_among = fields.Integer(
        allow_none=True,
        metadata={
            "description": "`adoption` is a share of the sessions of so many releases, those seen"
            " last, and of this one; null: of all."
        },
    )
    duration_p50_ms = fields.Integer(allow_none=True)
    duration_p95_ms = fields.Integer(allow_none=True)
    durations_among = fields.Integer(
        allow_none=True,
        metadata={"description": "Durations are of so many newest sessions; null: of all."},
    )
    issues = fields.List(fields.Nested(IssueRowSchema))
    feedback = fields.List(fields.Nested(FeedbackRowSchema))


class VerdictSchema(AnswerSchema):
    """Whether the release is worse, and why."""

    example = {
        "verdict": "undecided",
        "reason": "Crash-free users: 99.03 % of 310 against 98.80 % of 250; the difference is"
        " between -1.51 and +2.12 percentage points (95 %): too few to tell.",
    }

    verdict = fields.String(metadata={"enum": list(Comparison)})
    reason = fields.String()

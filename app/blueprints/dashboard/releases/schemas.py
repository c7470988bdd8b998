"""What the routes about release health take and show (contract section 4.2)."""

from typing import Any

from marshmallow import fields

from app.blueprints.dashboard.feedback.schemas import FeedbackRowSchema
from app.blueprints.dashboard.issues.schemas import IssueRowSchema
from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.blueprints.dashboard.threshold_schemas import ThresholdsSchema
from app.domain.field_limits import LABEL_MAX_CHARS
from app.domain.rates import TOLERATED_LOSS, Comparison, Verdict
from app.domain.release_cursor import RELEASE_CURSOR_PATTERN, read_release_cursor
from app.domain.release_health import DEFAULT_DAYS, MAX_DAYS
from app.domain.release_slices import Differs, SliceBy
from app.services.releases.slices import MAX_SLICES
from app.services.releases.verdicts import (
    SETTLE_MAX_DAYS,
    TOLERANCE_HIGHEST,
    TOLERANCE_LOWEST,
    Unit,
)
from app.web.schemas import (
    AnswerSchema,
    QueryInteger,
    QueryNumber,
    WireChoice,
    WireName,
    WireSchema,
    WireText,
    WireTime,
)


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


class SlicedQuerySchema(ReleaseQuerySchema):
    """Also, what releases are sliced by."""

    by = WireChoice(
        tuple(SliceBy),
        metadata={"description": "Cuts each release into slices, with exact users in each."},
    )


class ReleasePageQuerySchema(SlicedQuerySchema):
    """How a release-health report may be narrowed, and where its page begins."""

    release = WireName(max_chars=LABEL_MAX_CHARS)
    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = ReleaseCursorField()


class NamedReleaseQuerySchema(SlicedQuerySchema):
    """Which release, whatever it is called."""

    name = WireName(max_chars=LABEL_MAX_CHARS, required=True)


class VerdictQuerySchema(ReleaseQuerySchema):
    """What a release is compared with, and how."""

    against = WireName(
        max_chars=LABEL_MAX_CHARS,
        metadata={
            "description": "Without it: the newest older release that had sessions on its days."
        },
    )
    unit = WireChoice(
        tuple(Unit),
        load_default=Unit.SESSIONS,
        metadata={"description": "`users` is for one look: do not poll it."},
    )
    tolerance = QueryNumber(
        lowest=TOLERANCE_LOWEST,
        highest=TOLERANCE_HIGHEST,
        load_default=TOLERATED_LOSS,
        metadata={"description": "The loss that may pass, in crashes a session."},
    )
    settle = QueryInteger(
        lowest=0,
        highest=SETTLE_MAX_DAYS,
        load_default=0,
        metadata={"description": "So many of the newest days do not count for `pass`; 1: today."},
    )


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


class OtherSliceSchema(AnswerSchema):
    """Sessions of a release that have something in common; the figures are those of a row.

    `difference` is how many more of its sessions crash than of all others of the release, as a
    share, with an interval that is the wider the more slices there are; `differs` is null where
    chance may explain it, or the release has no others.
    """

    example = {
        "values": 12,
        "sessions_total": 60,
        "sessions_crashed": 0,
        "sessions_errored": 1,
        "users_total": 21,
        "users_crashed": 0,
        "crash_free_sessions": 1.0,
        "crash_free_users": 1.0,
        "sessions_ok": 2,
        "sessions_exited": 57,
        "sessions_abnormal": 0,
        "crash_free_sessions_interval": [0.9398, 1.0],
        "crash_free_users_interval": [0.8454, 1.0],
        "verdict": "undecided",
        "difference": -0.004255,
        "difference_interval": [-0.012, 0.061],
        "differs": None,
    }

    values = fields.Integer(metadata={"description": "How many different values it has."})
    sessions_total = fields.Integer()
    sessions_crashed = fields.Integer()
    sessions_errored = fields.Integer()
    users_total = fields.Integer(
        metadata={"description": "Distinct ones; who is in two slices counts in both."}
    )
    users_crashed = fields.Integer()
    crash_free_sessions = fields.Float(allow_none=True)
    crash_free_users = fields.Float(allow_none=True)
    sessions_ok = fields.Integer()
    sessions_exited = fields.Integer()
    sessions_abnormal = fields.Integer()
    crash_free_sessions_interval = fields.List(fields.Float(), allow_none=True)
    crash_free_users_interval = fields.List(fields.Float(), allow_none=True)
    verdict = fields.String(metadata={"enum": list(Verdict)})
    difference = fields.Float(allow_none=True)
    difference_interval = fields.List(fields.Float(), allow_none=True)
    differs = fields.String(allow_none=True, metadata={"enum": [*Differs, None]})


class SliceSchema(OtherSliceSchema):
    """A slice of one value."""

    example = {"value": "Android", **OtherSliceSchema.example, "values": 1}

    value = fields.String(allow_none=True, metadata={"description": "null: not told."})


class SlicesSchema(AnswerSchema):
    """A release cut into slices."""

    example = {
        "by": "os_name",
        "values": [SliceSchema.example],
        "other": OtherSliceSchema.example,
    }

    by = fields.String(metadata={"enum": list(SliceBy)})
    values = fields.List(
        fields.Nested(SliceSchema),
        attribute="slices",
        metadata={
            "description": f"The {MAX_SLICES} with most sessions: those that differ from the rest"
            " first, the largest difference first of all."
        },
    )
    other = fields.Nested(
        OtherSliceSchema, allow_none=True, metadata={"description": "All further values together."}
    )


class JudgedReleaseSchema(ReleaseHealthSchema):
    """A row, and by what it was judged."""

    example = {**ReleaseHealthSchema.example, "thresholds": ThresholdsSchema.example}

    thresholds = fields.Nested(ThresholdsSchema)


class SlicedReleaseSchema(JudgedReleaseSchema):
    """A row with `?by=`."""

    example = {**JudgedReleaseSchema.example, "slices": SlicesSchema.example}

    slices = fields.Nested(SlicesSchema)


class ReleaseReportSchema(AnswerSchema):
    """A row a release, the one seen last first."""

    example = {"releases": [JudgedReleaseSchema.example]}

    releases = fields.List(fields.Nested(JudgedReleaseSchema))


class SlicedReportSchema(AnswerSchema):
    """The report with `?by=`."""

    example = {"releases": [SlicedReleaseSchema.example]}

    releases = fields.List(fields.Nested(SlicedReleaseSchema))


class ReleaseDetailSchema(JudgedReleaseSchema):
    """The report's row of one release, and what belongs to it."""

    example = {
        **JudgedReleaseSchema.example,
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


class SlicedDetailSchema(ReleaseDetailSchema):
    """One release with `?by=`."""

    example = {**ReleaseDetailSchema.example, "slices": SlicesSchema.example}

    slices = fields.Nested(SlicesSchema)


class ComparedSideSchema(AnswerSchema):
    """One release on the days that both have."""

    example = {
        "sessions": 640,
        "crashed": 2,
        "users": 310,
        "crash_rate": 0.003125,
        "crash_rate_interval": [0.000857, 0.011328],
        "design_effect": 1.0,
        "wary_design_effect": 1.48,
    }

    sessions = fields.Integer()
    crashed = fields.Integer()
    users = fields.Integer()
    crash_rate = fields.Float(metadata={"description": "Weighed day by day."})
    crash_rate_interval = fields.List(fields.Float(), metadata={"description": "95 %, one look."})
    design_effect = fields.Float(
        metadata={"description": "How many of its sessions tell as much as one, by what was seen."}
    )
    wary_design_effect = fields.Float(
        metadata={"description": "The same, with a crash loop that nobody may have met yet."}
    )


class VerdictSchema(AnswerSchema):
    """Whether the release crashes more often, why, and what is missing."""

    example = {
        "verdict": "undecided",
        "reason": "Too few sessions to be certain: 0.31 % of the sessions of 1.4.2 crashed and"
        " 0.31 % of those of 1.4.1 on the same day; about 480 more sessions of 1.4.2 may decide"
        " it; the tolerance is more than twice the rate of 1.4.1, so even a release that crashes"
        " 4 times as often would pass: a smaller one tells more.",
        "release": "1.4.2",
        "against": "1.4.1",
        "unit": "sessions",
        "tolerance": 0.01,
        "minimum": 0,
        "interval": [-0.011843, 0.012312],
        "sessions_needed": 480,
        "new": ComparedSideSchema.example,
        "old": ComparedSideSchema.example,
        "days": ["2026-05-07"],
        "sliding": False,
        "settle": 0,
        "settled_until": "2026-05-07",
        "late": 0.0,
    }

    verdict = fields.String(metadata={"enum": list(Comparison)})
    reason = fields.String()
    release = fields.String()
    against = fields.String(allow_none=True)
    unit = fields.String(metadata={"enum": list(Unit)})
    tolerance = fields.Float()
    minimum = fields.Integer(
        metadata={
            "description": "The fewest sessions (users, with that unit) on each side for a word, as"
            " the project asks for them."
        }
    )
    interval = fields.List(
        fields.Float(),
        allow_none=True,
        metadata={
            "description": "The losses that are still possible, in crashes a session; above 0 if"
            " and only if the verdict is `fail`."
        },
    )
    sessions_needed = fields.Integer(
        allow_none=True,
        metadata={
            "description": "How many more sessions of the release a word may take, by magnitude;"
            " null: past a thousand times as many, or nothing to compare."
        },
    )
    new = fields.Nested(ComparedSideSchema, allow_none=True)
    old = fields.Nested(ComparedSideSchema, allow_none=True)
    days = fields.List(fields.Date(), metadata={"description": "Those that both have."})
    sliding = fields.Boolean(
        metadata={"description": "Whether the release is older than the days that are looked at."}
    )
    settle = fields.Integer()
    settled_until = fields.Date(metadata={"description": "The last day that counts for `pass`."})
    late = fields.Float(
        allow_none=True,
        metadata={
            "description": "Of the older release's newest crashes, those told more than 24 h after"
            " their session began."
        },
    )

"""What the routes about projects take and show (contract section 4.4)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, missing

from app.blueprints.dashboard.threshold_schemas import (
    ProjectThresholdsSchema,
    ThresholdsChangeSchema,
)
from app.domain.field_limits import LABEL_MAX_CHARS, PLATFORM_MAX_CHARS, PROJECT_NAME_MAX_CHARS
from app.domain.text import trimmed
from app.web.schemas import AnswerSchema, WireBoolean, WireName, WireSchema, WireText, WireTime


class ClearableName(WireName):
    """A name that null or a blank string clears; what is not sent stays as it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(load_default=missing, **kwargs)

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        if value is None or (isinstance(value, str) and not trimmed(value)):
            return None
        return super().deserialize(value, attr, data, **kwargs)


class NewProjectSchema(WireSchema):
    """The body of `POST /api/projects`."""

    example = {"name": "My app", "platform": "flutter"}

    name = WireText(max_chars=PROJECT_NAME_MAX_CHARS, required=True)
    platform = WireText(max_chars=PLATFORM_MAX_CHARS)


class ProjectChangeSchema(ThresholdsChangeSchema):
    """The body of `PATCH /api/projects/{project}`; only what it holds is changed."""

    example = {"name": "My shop", "bundle_id": None, "sessions_good_from": 0.995}

    name = WireText(max_chars=PROJECT_NAME_MAX_CHARS, load_default=missing)
    platform = WireText(max_chars=PLATFORM_MAX_CHARS, load_default=missing)
    bundle_id = ClearableName(max_chars=LABEL_MAX_CHARS)
    bundle_pinning = WireBoolean(load_default=missing)


class ConfirmationSchema(WireSchema):
    """The body of `DELETE /api/projects/{project}`: the project's name."""

    example = {"confirm": "My shop"}

    confirm = WireText(max_chars=PROJECT_NAME_MAX_CHARS, required=True)


class ProjectSchema(AnswerSchema):
    """A project with exactly the contracted fields."""

    example = {
        "id": 1,
        "name": "My app",
        "platform": "flutter",
        "bundle_id": "com.acme.app",
        "token_preview": "pio_live_1a2b...",
        "events_count_30d": 1204,
        "created_at": "2026-05-07T17:25:00Z",
    }

    id = fields.Integer()
    name = fields.String()
    platform = fields.String(allow_none=True)
    bundle_id = fields.String(allow_none=True)
    token_preview = fields.String()
    events_count_30d = fields.Integer()
    created_at = WireTime()


class KindShareSchema(AnswerSchema):
    """What a project keeps of one kind: `feedback`, `sessions` with the figures of releases,
    `events`, `issues`, or `other`. Bytes are an estimate."""

    example = {"kind": "events", "rows": 1204, "bytes": 4_300_000}

    kind = fields.String()
    rows = fields.Integer()
    bytes = fields.Integer()


class DiskUseSchema(AnswerSchema):
    """All that a project keeps, with indexes, as it was counted last; it is counted again every few
    minutes where somebody looks. `rows` are counted, `bytes` are an estimate."""

    example = {
        "bytes": 4_300_000,
        "kinds": [KindShareSchema.example],
        "counted_at": "2026-05-07T17:25:00Z",
    }

    bytes = fields.Integer()
    kinds = fields.List(fields.Nested(KindShareSchema))
    counted_at = WireTime()


class DsnSchema(AnswerSchema):
    """Where SDKs of Sentry send to, by the address that this request went to; no secret."""

    example = {"dsn": "https://0a1b2c3d4e5f60718293a4b5c6d7e8f9@feedback.example.com/1"}

    dsn = fields.String()


class ProjectDetailSchema(ProjectSchema, ProjectThresholdsSchema, DsnSchema):
    """A project; what its releases are judged by (of each unit, the rates that are good and fair,
    and the fewest for a verdict); whether events of other apps are refused (`bundle_pinning`); its
    share of the disk (`disk`, null before it was counted); and what it was sent of events: bytes
    of their content as they came, in all days that are kept and today (UTC)."""

    example = {
        **ProjectSchema.example,
        **ProjectThresholdsSchema.example,
        **DsnSchema.example,
        "bundle_pinning": True,
        "disk": DiskUseSchema.example,
        "event_bytes": 1_204_000,
        "event_bytes_today": 35_000,
        "event_bytes_per_day": 200_000_000,
    }

    bundle_pinning = fields.Boolean()
    disk = fields.Nested(DiskUseSchema, allow_none=True)
    event_bytes = fields.Integer()
    event_bytes_today = fields.Integer()
    event_bytes_per_day = fields.Integer(
        allow_none=True,
        metadata={"description": "Past it events are kept without content; null is no bound."},
    )


class ProjectListSchema(AnswerSchema):
    """The projects, under both names that clients ask for."""

    example = {"data": [ProjectSchema.example], "projects": [ProjectSchema.example]}

    data = fields.List(fields.Nested(ProjectSchema))
    projects = fields.List(fields.Nested(ProjectSchema))


class NewTokenSchema(AnswerSchema):
    """A project token, shown only here."""

    example = {"token": "pio_live_…"}

    token = fields.String()


class CreatedProjectSchema(ProjectSchema, DsnSchema):
    """A new project, with its token, which is shown only here."""

    example = {**ProjectSchema.example, **DsnSchema.example, **NewTokenSchema.example}

    token = fields.String()

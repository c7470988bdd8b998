"""What the routes about a project's audit take and show."""

from marshmallow import fields

from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.domain.audit_action import AuditAction
from app.domain.field_limits import MAX_ID
from app.web.schemas import AnswerSchema, QueryInteger, WireSchema, WireTime


class AuditQuerySchema(WireSchema):
    """How `GET …/audit` may be narrowed."""

    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = QueryInteger(lowest=1, highest=MAX_ID)


class AuditRowSchema(AnswerSchema):
    """One deed; `actor` is null when it was done from the instance's shell."""

    example = {
        "id": 12,
        "actor": "you@example.com",
        "action": "feedback.handled",
        "target_id": 42,
        "detail": {},
        "created_at": "2026-05-07T17:25:00Z",
    }

    id = fields.Integer()
    actor = fields.String(allow_none=True)
    action = fields.String(metadata={"enum": list(AuditAction)})
    target_id = fields.Integer(allow_none=True)
    detail = fields.Dict()
    created_at = WireTime()


class AuditPageSchema(AnswerSchema):
    """The newest deeds first."""

    example = {"audit": [AuditRowSchema.example]}

    audit = fields.List(fields.Nested(AuditRowSchema))

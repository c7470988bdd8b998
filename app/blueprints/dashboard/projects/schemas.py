"""What the routes about projects, their people and their audit take and show (section 4.4)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, missing

from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.domain.audit_action import AuditAction
from app.domain.field_limits import (
    LABEL_MAX_CHARS,
    MAX_ID,
    PLATFORM_MAX_CHARS,
    PROJECT_NAME_MAX_CHARS,
)
from app.domain.roles import INVITABLE_ROLES, Role
from app.domain.text import trimmed
from app.web.schemas import (
    AnswerSchema,
    QueryInteger,
    WireBoolean,
    WireChoice,
    WireEmail,
    WireSchema,
    WireText,
    WireTime,
)

INVITATION_MAX_CHARS = 100


class ClearableText(WireText):
    """Text that null or a blank string clears; what is not sent stays as it is."""

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


class ProjectChangeSchema(WireSchema):
    """The body of `PATCH /api/projects/{project}`; only what it holds is changed."""

    example = {"name": "My shop", "bundle_id": None}

    name = WireText(max_chars=PROJECT_NAME_MAX_CHARS, load_default=missing)
    platform = WireText(max_chars=PLATFORM_MAX_CHARS, load_default=missing)
    bundle_id = ClearableText(max_chars=LABEL_MAX_CHARS)
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


class ProjectDetailSchema(ProjectSchema):
    """A project, and whether events of other apps are refused (`bundle_pinning`)."""

    example = {**ProjectSchema.example, "bundle_pinning": True}

    bundle_pinning = fields.Boolean()


class RoleSchema(WireSchema):
    """The body of `PATCH …/members/{member}`."""

    example = {"role": "viewer"}

    role = WireChoice(INVITABLE_ROLES, required=True)


class NewMemberSchema(RoleSchema):
    """The body of `POST …/members`."""

    example = {"email": "jo@example.com", "role": "member"}

    email = WireEmail(required=True)


class AcceptanceSchema(WireSchema):
    """The body of `POST /api/invitations/accept`."""

    example = {"invitation": "pio_invite_…"}

    invitation = WireText(max_chars=INVITATION_MAX_CHARS, required=True)


class MemberSchema(AnswerSchema):
    """Somebody who has joined; `id` is the account's."""

    example = {
        "id": 3,
        "email": "jo@example.com",
        "name": "Jo",
        "role": "member",
        "created_at": "2026-05-07T17:25:00Z",
    }

    id = fields.Integer()
    email = fields.String()
    name = fields.String(allow_none=True)
    role = fields.String(metadata={"enum": list(Role)})
    created_at = WireTime()


class InvitationSchema(AnswerSchema):
    """Somebody who is awaited; never says whether the address has an account."""

    example = {
        "id": 7,
        "email": "jo@example.com",
        "role": "member",
        "created_at": "2026-05-07T17:25:00Z",
        "expires_at": "2026-05-21T17:25:00Z",
    }

    id = fields.Integer()
    email = fields.String()
    role = fields.String(metadata={"enum": list(INVITABLE_ROLES)})
    created_at = WireTime()
    expires_at = WireTime()


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


class ProjectListSchema(AnswerSchema):
    """The same list under both names."""

    example = {"data": [ProjectSchema.example], "projects": [ProjectSchema.example]}

    data = fields.List(fields.Nested(ProjectSchema))
    projects = fields.List(fields.Nested(ProjectSchema))


class NewTokenSchema(AnswerSchema):
    """A project token, shown only here."""

    example = {"token": "pio_live_…"}

    token = fields.String()


class CreatedProjectSchema(ProjectSchema):
    """A new project, with its token, which is shown only here."""

    example = {**ProjectSchema.example, **NewTokenSchema.example}

    token = fields.String()


class TeamSchema(AnswerSchema):
    """Who has joined, and who is awaited."""

    example = {"members": [MemberSchema.example], "invitations": [InvitationSchema.example]}

    members = fields.List(fields.Nested(MemberSchema))
    invitations = fields.List(fields.Nested(InvitationSchema))


class NewInvitationSchema(InvitationSchema):
    """An invitation with its token, which is shown only here."""

    example = {**InvitationSchema.example, **AcceptanceSchema.example}

    invitation = fields.String()


class ChangedMemberSchema(AnswerSchema):
    """The member with the new role."""

    example = {"member": MemberSchema.example}

    member = fields.Nested(MemberSchema)


class JoinedSchema(AnswerSchema):
    """Which project was joined, and as what."""

    example = {"project_id": 1, "role": "member"}

    project_id = fields.Integer()
    role = fields.String(metadata={"enum": list(INVITABLE_ROLES)})


class AuditPageSchema(AnswerSchema):
    """The newest deeds first."""

    example = {"audit": [AuditRowSchema.example]}

    audit = fields.List(fields.Nested(AuditRowSchema))

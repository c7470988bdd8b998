"""What the routes about projects, their people and their audit take and show (section 4.4)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, missing

from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.domain.field_limits import (
    LABEL_MAX_CHARS,
    MAX_ID,
    PLATFORM_MAX_CHARS,
    PROJECT_NAME_MAX_CHARS,
)
from app.domain.roles import INVITABLE_ROLES
from app.domain.text import trimmed
from app.schemas import QueryInteger, WireChoice, WireEmail, WireSchema, WireText, WireTime

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

    name = WireText(max_chars=PROJECT_NAME_MAX_CHARS, required=True)
    platform = WireText(max_chars=PLATFORM_MAX_CHARS)


class ProjectChangeSchema(WireSchema):
    """The body of `PATCH /api/projects/{project}`; only what it holds is changed."""

    name = WireText(max_chars=PROJECT_NAME_MAX_CHARS, load_default=missing)
    platform = WireText(max_chars=PLATFORM_MAX_CHARS, load_default=missing)
    bundle_id = ClearableText(max_chars=LABEL_MAX_CHARS)


class ConfirmationSchema(WireSchema):
    """The body of `DELETE /api/projects/{project}`: the project's name."""

    confirm = WireText(max_chars=PROJECT_NAME_MAX_CHARS, required=True)


class ProjectSchema(WireSchema):
    """A project with exactly the contracted fields."""

    id = fields.Integer()
    name = fields.String()
    platform = fields.String()
    bundle_id = fields.String()
    token_preview = fields.String()
    events_count_30d = fields.Integer()
    created_at = WireTime()


class RoleSchema(WireSchema):
    """The body of `PATCH …/members/{member}`."""

    role = WireChoice(INVITABLE_ROLES, required=True)


class NewMemberSchema(RoleSchema):
    """The body of `POST …/members`."""

    email = WireEmail(required=True)


class AcceptanceSchema(WireSchema):
    """The body of `POST /api/invitations/accept`."""

    invitation = WireText(max_chars=INVITATION_MAX_CHARS, required=True)


class MemberSchema(WireSchema):
    """Somebody who has joined; `id` is the account's."""

    id = fields.Integer()
    email = fields.String()
    name = fields.String()
    role = fields.String()
    created_at = WireTime()


class InvitationSchema(WireSchema):
    """Somebody who is awaited; never says whether the address has an account."""

    id = fields.Integer()
    email = fields.String()
    role = fields.String()
    created_at = WireTime()


class AuditQuerySchema(WireSchema):
    """How `GET …/audit` may be narrowed."""

    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = QueryInteger(lowest=1, highest=MAX_ID)


class AuditRowSchema(WireSchema):
    """One deed; `actor` is null when it was done from the instance's shell."""

    id = fields.Integer()
    actor = fields.String()
    action = fields.String()
    target_id = fields.Integer()
    detail = fields.Dict()
    created_at = WireTime()

"""What the routes about a project's members and invitations take and show."""

from marshmallow import fields

from app.domain.roles import INVITABLE_ROLES, Role
from app.web.schemas import AnswerSchema, WireChoice, WireCode, WireEmail, WireSchema, WireTime

INVITATION_MAX_CHARS = 100


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

    invitation = WireCode(max_chars=INVITATION_MAX_CHARS, required=True)


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

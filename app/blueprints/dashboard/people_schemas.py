"""What the routes about a person take and show."""

from marshmallow import fields

from app.blueprints.dashboard.project_schemas import AuditRowSchema
from app.blueprints.dashboard.schemas import EventRowSchema, FeedbackRowSchema
from app.domain.roles import INVITABLE_ROLES
from app.schemas import AnswerSchema, WireEmail, WireSchema, WireTime

_IN_PROJECT = {"project_id": 1}


class PersonSchema(WireSchema):
    """Whom it is about; in a body, because addresses of requests end up in logs."""

    example = {"email": "alice@example.com"}

    email = WireEmail(required=True)


class PersonFeedbackSchema(FeedbackRowSchema):
    """Feedback that names the person, and the project it is in."""

    example = {**FeedbackRowSchema.example, **_IN_PROJECT}

    project_id = fields.Integer()


class PersonEventSchema(EventRowSchema):
    """An event that names the person, and the project it is in."""

    example = {**EventRowSchema.example, **_IN_PROJECT}

    project_id = fields.Integer()


class PersonIssueSchema(AnswerSchema):
    """An issue whose words name the person."""

    example = {
        "id": 88,
        **_IN_PROJECT,
        "exception_type": "NotFound",
        "message": "/u/jo%40b.example",
    }

    id = fields.Integer()
    project_id = fields.Integer()
    exception_type = fields.String()
    message = fields.String(allow_none=True)


class PersonInvitationSchema(AnswerSchema):
    """An invitation of the person."""

    example = {
        "id": 7,
        **_IN_PROJECT,
        "email": "alice@example.com",
        "role": "viewer",
        "created_at": "2026-05-07T17:25:00Z",
    }

    id = fields.Integer()
    project_id = fields.Integer()
    email = fields.String()
    role = fields.String(metadata={"enum": list(INVITABLE_ROLES)})
    created_at = WireTime()


class PersonMembershipSchema(AnswerSchema):
    """What the person is in a project."""

    example = {**_IN_PROJECT, "role": "viewer", "created_at": "2026-05-07T17:25:00Z"}

    project_id = fields.Integer()
    role = fields.String(metadata={"enum": list(INVITABLE_ROLES)})
    created_at = WireTime()


class PersonAuditEntrySchema(AuditRowSchema):
    """A deed of the person's, or one that names them."""

    example = {**AuditRowSchema.example, **_IN_PROJECT}

    project_id = fields.Integer()


class PersonRowsSchema(AnswerSchema):
    """Every row of the project that names the person."""

    example = {
        "feedback": [PersonFeedbackSchema.example],
        "events": [],
        "issues": [],
        "invitations": [],
        "memberships": [],
        "audit": [],
    }

    feedback = fields.List(fields.Nested(PersonFeedbackSchema))
    events = fields.List(fields.Nested(PersonEventSchema))
    issues = fields.List(fields.Nested(PersonIssueSchema))
    invitations = fields.List(fields.Nested(PersonInvitationSchema))
    memberships = fields.List(fields.Nested(PersonMembershipSchema))
    audit = fields.List(fields.Nested(PersonAuditEntrySchema))


class ErasedCountsSchema(AnswerSchema):
    """How many rows are gone; of issues and the audit, how many do not name the person any more."""

    example = {
        "feedback": 3,
        "events": 0,
        "issues": 0,
        "invitations": 1,
        "memberships": 0,
        "audit": 2,
    }

    feedback = fields.Integer()
    events = fields.Integer()
    issues = fields.Integer()
    invitations = fields.Integer()
    memberships = fields.Integer()
    audit = fields.Integer()


class ErasedSchema(AnswerSchema):
    """What is gone."""

    example = {"erased": ErasedCountsSchema.example}

    erased = fields.Nested(ErasedCountsSchema)

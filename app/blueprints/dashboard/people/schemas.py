"""What the routes about a person take and show."""

from marshmallow import fields

from app.blueprints.dashboard.feedback.schemas import FeedbackRowSchema
from app.blueprints.dashboard.issues.schemas import EventRowSchema
from app.blueprints.dashboard.projects.audit_schemas import AuditRowSchema
from app.domain.roles import INVITABLE_ROLES
from app.domain.session_status import SessionStatus
from app.web.schemas import AnswerSchema, WireEmail, WireSchema, WireTime

_IN_PROJECT = {"project_id": 1}


class PersonSchema(WireSchema):
    """Whom it is about; in a body, because addresses of requests end up in logs."""

    example = {"email": "alice@example.com"}

    email = WireEmail(required=True)


class PersonFeedbackSchema(FeedbackRowSchema):
    """Feedback that names the person, and the project it is in."""

    example = {**FeedbackRowSchema.example, **_IN_PROJECT, "details": None}

    project_id = fields.Integer()
    details = fields.Dict(
        allow_none=True, metadata={"description": "What an SDK of the Sentry dialect told beside."}
    )


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
        "grounds": None,
    }

    id = fields.Integer()
    project_id = fields.Integer()
    exception_type = fields.String()
    message = fields.String(allow_none=True)
    grounds = fields.List(
        fields.Dict(),
        allow_none=True,
        metadata={"description": "What counted of its events, as they are grouped by it."},
    )


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


class PersonSessionSchema(AnswerSchema):
    """A session of the person's, or one that a label of names them."""

    example = {
        "id": 5,
        **_IN_PROJECT,
        "session_id": "123e4567-e89b-12d3-a456-426614174000",
        "release": "1.4.2",
        "environment": "production",
        "status": "exited",
        "app_version": "1.4.2",
        "os_name": "Android 16",
        "app_id": "com.acme.app",
        "duration_ms": 61000,
        "started_at": "2026-05-07T17:25:00Z",
        "ended_at": "2026-05-07T17:26:01Z",
        "errors": 0,
        "unhandled": False,
        "abnormal_mechanism": None,
        "reported_at": None,
        "is_theirs": True,
    }

    id = fields.Integer()
    project_id = fields.Integer()
    session_id = fields.String(metadata={"format": "uuid"})
    release = fields.String()
    environment = fields.String()
    status = fields.String(metadata={"enum": list(SessionStatus)})
    app_version = fields.String(allow_none=True)
    os_name = fields.String(allow_none=True)
    app_id = fields.String(allow_none=True)
    duration_ms = fields.Integer(allow_none=True)
    started_at = WireTime()
    ended_at = WireTime(allow_none=True)
    errors = fields.Integer()
    unhandled = fields.Boolean()
    abnormal_mechanism = fields.String(allow_none=True)
    reported_at = WireTime(
        allow_none=True,
        metadata={"description": "When its first report came, where it began at another time."},
    )
    is_theirs = fields.Boolean(
        metadata={"description": "Whether the app sent the address as its user's id."}
    )


class PersonReleaseSchema(AnswerSchema):
    """A release whose name, or whose environment's, names the person."""

    example = {**_IN_PROJECT, "name": "1.4.2-jo@b.example", "environment": None, "issue_id": 88}

    project_id = fields.Integer()
    name = fields.String()
    environment = fields.String(
        allow_none=True, metadata={"description": "Null: in all of them together."}
    )
    issue_id = fields.Integer(
        allow_none=True, metadata={"description": "An issue that was seen in the release."}
    )


class PersonProjectNameSchema(AnswerSchema):
    """What the project is called, when that names the person."""

    example = {**_IN_PROJECT, "name": "For jo@b.example", "platform": "web", "bundle_id": None}

    project_id = fields.Integer()
    name = fields.String()
    platform = fields.String(allow_none=True)
    bundle_id = fields.String(allow_none=True)


class PersonRowsSchema(AnswerSchema):
    """Every row of the project that names the person."""

    example = {
        "feedback": [PersonFeedbackSchema.example],
        "events": [],
        "issues": [],
        "invitations": [],
        "memberships": [],
        "audit": [],
        "sessions": [PersonSessionSchema.example],
        "releases": [],
        "project_names": [],
    }

    feedback = fields.List(fields.Nested(PersonFeedbackSchema))
    events = fields.List(fields.Nested(PersonEventSchema))
    issues = fields.List(fields.Nested(PersonIssueSchema))
    invitations = fields.List(fields.Nested(PersonInvitationSchema))
    memberships = fields.List(fields.Nested(PersonMembershipSchema))
    audit = fields.List(fields.Nested(PersonAuditEntrySchema))
    sessions = fields.List(fields.Nested(PersonSessionSchema))
    releases = fields.List(fields.Nested(PersonReleaseSchema))
    project_names = fields.List(fields.Nested(PersonProjectNameSchema))


class ErasedCountsSchema(AnswerSchema):
    """How many rows are gone: feedback, events, invitations, memberships. Of the others, how many
    do not name the person any more; `releases` are names of releases and environments."""

    example = {
        "feedback": 3,
        "events": 0,
        "issues": 0,
        "invitations": 1,
        "memberships": 0,
        "audit": 2,
        "sessions": 12,
        "releases": 0,
        "project_names": 0,
    }

    feedback = fields.Integer()
    events = fields.Integer()
    issues = fields.Integer()
    invitations = fields.Integer()
    memberships = fields.Integer()
    audit = fields.Integer()
    sessions = fields.Integer()
    releases = fields.Integer()
    project_names = fields.Integer()


class ErasedSchema(AnswerSchema):
    """What is gone."""

    example = {"erased": ErasedCountsSchema.example}

    erased = fields.Nested(ErasedCountsSchema)

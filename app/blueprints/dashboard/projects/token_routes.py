"""The tokens that apps send to a project: which there are, one more, one less (contract section 2).

Only the owner sees them here: who may triage need not know which apps are out there.
"""

from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint
from app.blueprints.dashboard.schemas import DeletedSchema
from app.domain.field_limits import TOKEN_LABEL_MAX_CHARS
from app.domain.roles import Role
from app.extensions import now
from app.services.projects import tokens as project_tokens
from app.web.incoming import json_body, row_id
from app.web.openapi import documented
from app.web.schemas import AnswerSchema, WireSchema, WireText, WireTime


class NewProjectTokenSchema(WireSchema):
    """The body of `POST …/tokens`: which app or build the token is for."""

    example = {"label": "iOS app"}

    label = WireText(max_chars=TOKEN_LABEL_MAX_CHARS, required=True)


class ProjectTokenSchema(AnswerSchema):
    """A project token without its secret; `last_used_at` is exact to the hour."""

    example = {
        "id": 2,
        "label": "iOS app",
        "token_preview": "pio_live_1a2b...",
        "created_at": "2026-05-07T17:25:00Z",
        "last_used_at": "2026-05-07T18:00:00Z",
    }

    id = fields.Integer()
    label = fields.String()
    token_preview = fields.String()
    created_at = WireTime()
    last_used_at = WireTime(allow_none=True)


class MadeProjectTokenSchema(ProjectTokenSchema):
    """With `token`, which is shown only here."""

    example = {**ProjectTokenSchema.example, "last_used_at": None, "token": "pio_live_…"}

    token = fields.String()


class ProjectTokenAnswerSchema(AnswerSchema):
    """The token that was made."""

    example = {"token": MadeProjectTokenSchema.example}

    token = fields.Nested(MadeProjectTokenSchema)


class ProjectTokenListSchema(AnswerSchema):
    """All tokens of a project, oldest first."""

    example = {"tokens": [ProjectTokenSchema.example]}

    tokens = fields.List(fields.Nested(ProjectTokenSchema))


_new_schema = NewProjectTokenSchema()
_row_schema = ProjectTokenSchema()
_made_schema = MadeProjectTokenSchema()


@blueprint.get("/projects/<project>/tokens")
@documented(answers={200: ProjectTokenListSchema}, refuses=(403,))
def list_project_tokens(project: str) -> ResponseReturnValue:
    """List the project's tokens, oldest first, without their secrets."""
    rows = project_tokens.list_of(project_for(Role.OWNER, project))
    return {"tokens": _row_schema.dump(rows, many=True)}


@blueprint.post("/projects/<project>/tokens")
@documented(body=NewProjectTokenSchema, answers={201: ProjectTokenAnswerSchema}, refuses=(403,))
def add_project_token(project: str) -> ResponseReturnValue:
    """Add a token; only this answer shows it. The others stay good."""
    project_id = project_for(Role.OWNER, project)
    label = _new_schema.load(json_body())["label"]
    made = project_tokens.add(project_id, label, actor=actor(), now=now())
    return {"token": _made_schema.dump(made)}, 201


@blueprint.delete("/projects/<project>/tokens/<token>")
@documented(answers={200: DeletedSchema}, refuses=(403, 422))
def revoke_project_token(project: str, token: str) -> ResponseReturnValue:
    """Revoke a token; it is dead at once, in every worker. The last one stays (422)."""
    project_id = project_for(Role.OWNER, project)
    project_tokens.revoke(project_id, row_id(token), actor=actor(), now=now())
    return {"deleted": True}

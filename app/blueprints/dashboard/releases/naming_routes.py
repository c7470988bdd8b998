"""Name a release by hand, past the day's allowance of new names: a build may do so with a token."""

from dataclasses import asdict

from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint
from app.domain.field_limits import LABEL_MAX_CHARS
from app.domain.roles import Role
from app.extensions import now
from app.services.releases import naming
from app.web.incoming import json_body
from app.web.openapi import documented
from app.web.schemas import AnswerSchema, WireName, WireSchema


class NewReleaseSchema(WireSchema):
    """The body of `POST …/releases`: what the app sends as `release`, and as `environment`."""

    example = {"release": "com.acme.app@1.4.3+71", "environment": "production"}

    release = WireName(max_chars=LABEL_MAX_CHARS, required=True)
    environment = WireName(max_chars=LABEL_MAX_CHARS)


class NamedReleaseSchema(AnswerSchema):
    """What is counted by its own name from now on."""

    example = NewReleaseSchema.example

    release = fields.String()
    environment = fields.String()


class NamedReleaseAnswerSchema(AnswerSchema):
    """The release that was named."""

    example = {"release": NamedReleaseSchema.example}

    release = fields.Nested(NamedReleaseSchema)


_new_schema = NewReleaseSchema()


@blueprint.post("/projects/<project>/releases")
@documented(body=NewReleaseSchema, answers={201: NamedReleaseAnswerSchema})
def name_release(project: str) -> ResponseReturnValue:
    """Name a release before it comes: it never counts under `other`. Again is harmless."""
    project_id = project_for(Role.OWNER, project)
    told = _new_schema.load(json_body())
    named = naming.name_release(
        project_id,
        told["release"],
        environment=told.get("environment"),
        actor=actor(),
        now=now(),
    )
    return {"release": asdict(named)}, 201

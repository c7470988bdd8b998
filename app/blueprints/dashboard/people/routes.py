"""What a project keeps about one person: for them to read, and to be forgotten."""

from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint
from app.blueprints.dashboard.people.schemas import (
    ErasedCountsSchema,
    ErasedSchema,
    PersonRowsSchema,
    PersonSchema,
)
from app.domain.roles import Role
from app.extensions import now
from app.services.people import erasure as person_erasure
from app.services.people import export as person_export
from app.web.incoming import json_body
from app.web.openapi import documented

_person_schema = PersonSchema()
_rows_schema = PersonRowsSchema()


@blueprint.post("/projects/<project>/people/export")
@documented(body=PersonSchema, answers={200: PersonRowsSchema}, refuses=(403,))
def export_person(project: str) -> ResponseReturnValue:
    """Read every row of the project that names an address; changes nothing."""
    project_id = project_for(Role.OWNER, project)
    email = _person_schema.load(json_body())["email"]
    return dict(_rows_schema.dump(person_export.export_from_project(project_id, email)))


@blueprint.post("/projects/<project>/people/erase")
@documented(body=PersonSchema, answers={200: ErasedSchema}, refuses=(403,))
def erase_person(project: str) -> ResponseReturnValue:
    """Delete every row of the project that names an address, for good.

    Feedback and events go whole. The audit, issues and names stay, with `[REDACTED]` for the
    address; sessions stay without their user, so no figure of release health moves.
    """
    project_id = project_for(Role.OWNER, project)
    email = _person_schema.load(json_body())["email"]
    erased = person_erasure.erase_from_project(project_id, email, actor=actor(), now=now())
    return {"erased": {kind: erased[kind] for kind in ErasedCountsSchema().fields}}

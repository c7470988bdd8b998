"""Projects: list, make, read, change, delete, and a new token (contract section 4.4)."""

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint
from app.blueprints.dashboard.project_schemas import (
    ConfirmationSchema,
    NewProjectSchema,
    ProjectChangeSchema,
    ProjectSchema,
)
from app.domain.roles import Role
from app.extensions import now
from app.incoming import json_body
from app.services import project_summaries, projects

_new_schema = NewProjectSchema()
_change_schema = ProjectChangeSchema()
_confirmation_schema = ConfirmationSchema()
_project_schema = ProjectSchema()


@blueprint.get("/projects")
def list_projects() -> ResponseReturnValue:
    """What the account owns or is a member of; the CLI reads one name, the docs say the other."""
    rows = _project_schema.dump(
        project_summaries.list_of_account(g.account_id, now=now()), many=True
    )
    return {"data": rows, "projects": rows}


@blueprint.post("/projects")
def create_project() -> ResponseReturnValue:
    """The only answer that shows the token."""
    wanted = _new_schema.load(json_body())
    made = projects.create(
        wanted["name"],
        platform=wanted["platform"],
        owner_id=g.account_id,
        actor=actor(),
        now=now(),
    )
    g.project_id = made.id
    return {**_shown(made.id), "token": made.token}, 201


@blueprint.get("/projects/<project>")
def read_project(project: str) -> ResponseReturnValue:
    """One project."""
    return _shown(project_for(Role.VIEWER, project))


@blueprint.patch("/projects/<project>")
def change_project(project: str) -> ResponseReturnValue:
    """Name, platform, bundle id; without one, the next event that names an app pins it."""
    project_id = project_for(Role.OWNER, project)
    values = _change_schema.load(json_body())
    projects.change(project_id, values, actor=actor(), now=now())
    return _shown(project_id)


@blueprint.delete("/projects/<project>")
def delete_project(project: str) -> ResponseReturnValue:
    """With everything under it, once the name is repeated."""
    project_id = project_for(Role.OWNER, project)
    confirm = _confirmation_schema.load(json_body())["confirm"]
    projects.mark_deleted(project_id, confirm=confirm, actor=actor(), now=now())
    return {"deleted": True}


@blueprint.post("/projects/<project>/regenerate")
def regenerate_token(project: str) -> ResponseReturnValue:
    """A new token; the old one is dead."""
    project_id = project_for(Role.OWNER, project)
    return {"token": projects.rotate_token(project_id, actor=actor(), now=now()).token}


def _shown(project_id: int) -> dict[str, Any]:
    return {**_project_schema.dump(project_summaries.read(project_id, now=now()))}

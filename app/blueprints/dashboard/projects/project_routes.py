"""Projects: list, make, read, change, delete, and a new token (contract section 4.4)."""

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint
from app.blueprints.dashboard.projects.project_schemas import (
    ConfirmationSchema,
    CreatedProjectSchema,
    DsnSchema,
    NewProjectSchema,
    NewTokenSchema,
    ProjectChangeSchema,
    ProjectDetailSchema,
    ProjectListSchema,
    ProjectSchema,
)
from app.blueprints.dashboard.schemas import DeletedSchema
from app.domain.roles import Role
from app.domain.sentry.credentials import dsn_text
from app.extensions import now, settings
from app.services import projects
from app.services.pages import project_summaries
from app.services.projects import disk_shares
from app.web.incoming import json_body, this_instance
from app.web.openapi import documented

_new_schema = NewProjectSchema()
_change_schema = ProjectChangeSchema()
_confirmation_schema = ConfirmationSchema()
_project_schema = ProjectSchema()
_detail_schema = ProjectDetailSchema()


@blueprint.get("/projects")
@documented(answers={200: ProjectListSchema})
def list_projects() -> ResponseReturnValue:
    """List what the account owns or is a member of.

    The same list has two names: the CLI reads one, the docs say the other.
    """
    rows = _project_schema.dump(
        project_summaries.list_of_account(g.account_id, now=now()), many=True
    )
    return {"data": rows, "projects": rows}


@blueprint.post("/projects")
@documented(body=NewProjectSchema, answers={201: CreatedProjectSchema}, refuses=(404,))
def create_project() -> ResponseReturnValue:
    """Make a project; only this answer shows its token."""
    wanted = _new_schema.load(json_body())
    made = projects.create(
        wanted["name"],
        platform=wanted["platform"],
        owner_id=g.account_id,
        actor=actor(),
        now=now(),
    )
    g.project_id = made.id
    summary = project_summaries.read(made.id, now=now())
    shown = {**_project_schema.dump(summary), "dsn": _dsn(made.id, summary.sentry_key)}
    return {**shown, "token": made.token}, 201


@blueprint.get("/projects/<project>")
@documented(answers={200: ProjectDetailSchema})
def read_project(project: str) -> ResponseReturnValue:
    """Show a project."""
    return _shown(project_for(Role.VIEWER, project))


@blueprint.patch("/projects/<project>")
@documented(body=ProjectChangeSchema, answers={200: ProjectDetailSchema}, refuses=(403,))
def change_project(project: str) -> ResponseReturnValue:
    """Change name, platform, bundle id, pinning of events to it, or what releases are judged by.

    Without a bundle id, the next event that names an app pins it; then events of other apps, and
    those that name none, are refused. With `bundle_pinning` false none pins, and none is refused.
    """
    project_id = project_for(Role.OWNER, project)
    values = _change_schema.load(json_body())
    projects.change(project_id, values, actor=actor(), now=now())
    return _shown(project_id)


@blueprint.delete("/projects/<project>")
@documented(body=ConfirmationSchema, answers={200: DeletedSchema}, refuses=(403,))
def delete_project(project: str) -> ResponseReturnValue:
    """Delete a project with everything under it, once the name is repeated."""
    project_id = project_for(Role.OWNER, project)
    confirm = _confirmation_schema.load(json_body())["confirm"]
    projects.mark_deleted(project_id, confirm=confirm, actor=actor(), now=now())
    return {"deleted": True}


@blueprint.post("/projects/<project>/regenerate")
@documented(answers={200: NewTokenSchema}, refuses=(403,))
def regenerate_token(project: str) -> ResponseReturnValue:
    """Replace all tokens of the project by a new one; the others are dead."""
    project_id = project_for(Role.OWNER, project)
    return {"token": projects.rotate_token(project_id, actor=actor(), now=now()).token}


@blueprint.post("/projects/<project>/rotate-key")
@documented(answers={200: DsnSchema}, refuses=(403,))
def rotate_sentry_key(project: str) -> ResponseReturnValue:
    """Give the project's DSN a new key; whatever sends with the old one is refused.

    Tokens stay, as the DSN does when tokens are replaced.
    """
    project_id = project_for(Role.OWNER, project)
    made = projects.rotate_sentry_key(project_id, actor=actor(), now=now())
    return {"dsn": _dsn(project_id, made.sentry_key)}


def _dsn(project_id: int, key: str) -> str:
    return dsn_text(this_instance(), key=key, project_id=project_id)


def _shown(project_id: int) -> dict[str, Any]:
    summary = project_summaries.read(project_id, now=now())
    share = disk_shares.of_project(project_id, today=now().date())
    per_day = settings().event_bytes_per_day or None
    values = {
        **vars(summary),
        **vars(share),
        "event_bytes_per_day": per_day,
        "dsn": _dsn(project_id, summary.sentry_key),
    }
    return {**_detail_schema.dump(values)}

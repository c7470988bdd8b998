"""A new key for a project's DSN, which silences the apps that have the old one: asked first."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.domain.roles import Role
from app.extensions import now
from app.services import projects
from app.web.openapi import page


@blueprint.get("/projects/<project>/dsn/replace")
@page
def confirm_replacing_dsn(project: str) -> ResponseReturnValue:
    """What falls silent."""
    return render_template("console/replace_dsn.html", project_id=project_for(Role.OWNER, project))


@blueprint.post("/projects/<project>/dsn/replace")
@page
def replace_dsn(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.OWNER, project)
    projects.rotate_sentry_key(project_id, actor=current_user.email, now=now())
    flash("The DSN has a new key.", "good")
    return redirect(url_for(".list_tokens", project=project_id))

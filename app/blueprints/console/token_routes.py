"""A new token for a project, and the project's end: both ask first."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm, Text
from app.domain.field_limits import PROJECT_NAME_MAX_CHARS
from app.domain.roles import Role
from app.extensions import now
from app.openapi import page
from app.services import project_summaries, projects
from app.services.errors import Invalid


class DeletionForm(ConsoleForm):
    confirm = Text("Name of the project", max_chars=PROJECT_NAME_MAX_CHARS)


@blueprint.get("/projects/<project>/token")
@page
def read_token(project: str) -> ResponseReturnValue:
    """What a new token would do; the present one is not shown to anybody."""
    project_id = project_for(Role.VIEWER, project)
    summary = project_summaries.read(project_id, now=now())
    return render_template("console/token.html", project=summary, token=None)


@blueprint.post("/projects/<project>/token")
@page
def replace_token(project: str) -> ResponseReturnValue:
    """The answer shows the new one, once; so it is a page, not a redirect to one."""
    project_id = project_for(Role.OWNER, project)
    made = projects.rotate_token(project_id, actor=current_user.email, now=now())
    summary = project_summaries.read(project_id, now=now())
    return render_template("console/token.html", project=summary, token=made.token)


@blueprint.route("/projects/<project>/delete", methods=["GET", "POST"])
@page
def delete_project(project: str) -> ResponseReturnValue:
    """The name has to be typed: a click is made too easily."""
    project_id = project_for(Role.OWNER, project)
    form = DeletionForm()
    if form.validate_on_submit():
        confirm, actor = form.confirm.data, current_user.email
        try:
            projects.mark_deleted(project_id, confirm=confirm, actor=actor, now=now())
        except Invalid:
            form.refuse(Invalid("confirm", "This is not the name of the project."))
        else:
            flash("The project is deleted.", "good")
            return redirect(url_for(".list_projects"))
    return render_template("console/delete_project.html", form=form), form.status

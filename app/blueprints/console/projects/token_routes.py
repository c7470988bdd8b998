"""The tokens of a project, and the project's end: what silences apps or deletes asks first."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm, Text
from app.domain.field_limits import PROJECT_NAME_MAX_CHARS, TOKEN_LABEL_MAX_CHARS
from app.domain.roles import Role
from app.domain.sentry.credentials import dsn_text
from app.extensions import now
from app.services import projects
from app.services.errors import Invalid, NotFound
from app.services.pages import project_summaries
from app.services.projects import tokens as project_tokens
from app.web.incoming import row_id, this_instance
from app.web.openapi import page


class LabelForm(ConsoleForm):
    label = Text("Label", max_chars=TOKEN_LABEL_MAX_CHARS)


class DeletionForm(ConsoleForm):
    confirm = Text("Name of the project", max_chars=PROJECT_NAME_MAX_CHARS)


@blueprint.get("/projects/<project>/tokens")
@page
def list_tokens(project: str) -> ResponseReturnValue:
    """Which tokens there are; none of them is shown to anybody."""
    project_id = project_for(Role.VIEWER, project)
    return _token_page(project_id, LabelForm())


@blueprint.post("/projects/<project>/tokens")
@page
def add_token(project: str) -> ResponseReturnValue:
    """The answer shows the new one, once; so it is a page, not a redirect to one."""
    project_id, form = project_for(Role.OWNER, project), LabelForm()
    if form.validate():
        try:
            made = project_tokens.add(
                project_id, form.label.data, actor=current_user.email, now=now()
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return _token_page(project_id, LabelForm(formdata=None), token=made.token)
    return _token_page(project_id, form), form.status


@blueprint.get("/projects/<project>/tokens/replace")
@page
def confirm_replacing(project: str) -> ResponseReturnValue:
    """What a new token in place of all others would do."""
    project_id = project_for(Role.OWNER, project)
    summary = project_summaries.read(project_id, now=now())
    tokens = project_tokens.list_of(project_id)
    return render_template("console/replace_tokens.html", project=summary, tokens=tokens)


@blueprint.post("/projects/<project>/tokens/replace")
@page
def replace_tokens(project: str) -> ResponseReturnValue:
    """The answer shows the new one, once; so it is a page, not a redirect to one."""
    project_id = project_for(Role.OWNER, project)
    made = projects.rotate_token(project_id, actor=current_user.email, now=now())
    return _token_page(project_id, LabelForm(formdata=None), token=made.token, is_only=True)


@blueprint.get("/projects/<project>/tokens/<token>/revoke")
@page
def confirm_revoking(project: str, token: str) -> ResponseReturnValue:
    """Which token it is, and what falls silent."""
    project_id, token_id = project_for(Role.OWNER, project), row_id(token)
    summary = project_summaries.read(project_id, now=now())
    for row in project_tokens.list_of(project_id):
        if row.id == token_id:
            return render_template("console/revoke_token.html", project=summary, row=row)
    raise NotFound("There is no such token.")


@blueprint.post("/projects/<project>/tokens/<token>/revoke")
@page
def revoke_token(project: str, token: str) -> ResponseReturnValue:
    project_id = project_for(Role.OWNER, project)
    try:
        project_tokens.revoke(project_id, row_id(token), actor=current_user.email, now=now())
    except Invalid as refusal:
        flash(str(refusal), "bad")
    else:
        flash("The token is revoked.", "good")
    return redirect(url_for(".list_tokens", project=project_id))


def _token_page(
    project_id: int, form: LabelForm, *, token: str | None = None, is_only: bool = False
) -> str:
    """`token` is a new one, to be shown now; `is_only` tells that it replaced all others."""
    summary = project_summaries.read(project_id, now=now())
    return render_template(
        "console/tokens.html",
        project=summary,
        dsn=dsn_text(this_instance(), key=summary.sentry_key, project_id=project_id),
        tokens=project_tokens.list_of(project_id),
        form=form,
        token=token,
        is_only=is_only,
    )


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

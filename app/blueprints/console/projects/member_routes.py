"""Who may see a project: the owner invites, changes roles and removes; everybody may leave."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm, Email, OneOf
from app.domain.roles import INVITABLE_ROLES, Role
from app.extensions import now
from app.services.errors import Invalid
from app.services.projects import invitations, members
from app.web.incoming import row_id
from app.web.openapi import page

_ROLES = {Role.MEMBER.value: "member: reads and triages", Role.VIEWER.value: "viewer: only reads"}


class InvitationForm(ConsoleForm):
    email = Email()
    role = OneOf("Role", _ROLES)


class RoleForm(ConsoleForm):
    role = OneOf("Role", {role.value: role.value for role in INVITABLE_ROLES})


@blueprint.get("/projects/<project>/people")
@page
def list_people(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.VIEWER, project)
    return _people_page(project_id, InvitationForm())


@blueprint.post("/projects/<project>/people")
@page
def invite(project: str) -> ResponseReturnValue:
    """The answer shows the invitation, once."""
    project_id = project_for(Role.OWNER, project)
    form = InvitationForm()
    if not form.validate():
        return _people_page(project_id, form), form.status
    try:
        invitation = invitations.invite(
            project_id,
            email=form.email.data,
            role=Role(form.role.data),
            actor=current_user.email,
            now=now(),
        )
    except Invalid as refusal:
        form.refuse(refusal)
        return _people_page(project_id, form), form.status
    return (
        render_template(
            "console/invited.html",
            invitation=invitation,
            address=url_for(".join", _external=True, _anchor=invitation.token),
        ),
        201,
    )


@blueprint.post("/projects/<project>/people/<member>/role")
@page
def set_role(project: str, member: str) -> ResponseReturnValue:
    project_id = project_for(Role.OWNER, project)
    form = RoleForm()
    if not form.validate():
        raise NotFound("There is no such role.")
    changed = members.set_role(
        project_id,
        row_id(member),
        role=Role(form.role.data),
        actor=current_user.email,
        now=now(),
    )
    flash(f"{changed.email} is now a {changed.role}.", "good")
    return redirect(url_for(".list_people", project=project_id))


@blueprint.route("/projects/<project>/people/<member>/remove", methods=["GET", "POST"])
@page
def remove_member(project: str, member: str) -> ResponseReturnValue:
    """Asks first. Of oneself it is leaving, which needs nobody's leave."""
    account_id = row_id(member)
    is_leaving = account_id == current_user.account_id
    project_id = project_for(Role.VIEWER if is_leaving else Role.OWNER, project)
    form = ConsoleForm()
    if form.validate_on_submit():
        members.remove(project_id, account_id, actor=current_user.email, now=now())
        flash("You have left the project." if is_leaving else "Removed.", "good")
        target = ".list_projects" if is_leaving else ".list_people"
        return redirect(url_for(target, project=None if is_leaving else project_id))
    team = members.list_team(project_id)
    person = next((row for row in team.members if row.id == account_id), None)
    if person is None or person.role == Role.OWNER:
        raise NotFound("There is no such member in this project.")
    return render_template("console/remove_member.html", person=person, is_leaving=is_leaving)


@blueprint.post("/projects/<project>/invitations/<invitation>/withdraw")
@page
def withdraw_invitation(project: str, invitation: str) -> ResponseReturnValue:
    project_id = project_for(Role.OWNER, project)
    invitations.withdraw(project_id, row_id(invitation), actor=current_user.email, now=now())
    flash("The invitation is withdrawn.", "good")
    return redirect(url_for(".list_people", project=project_id))


def _people_page(project_id: int, form: InvitationForm) -> str:
    return render_template(
        "console/people.html",
        team=members.list_team(project_id),
        form=form,
        role_form=RoleForm(formdata=None),
    )

"""The members of a project: the owner invites, changes roles and removes; everybody may leave."""

from urllib.parse import quote

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


@blueprint.get("/projects/<project>/members")
@page
def list_members(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.VIEWER, project)
    return _members_page(project_id, InvitationForm())


@blueprint.post("/projects/<project>/members")
@page
def invite_member(project: str) -> ResponseReturnValue:
    """The answer shows the invitation, once."""
    project_id = project_for(Role.OWNER, project)
    form = InvitationForm()
    if not form.validate():
        return _members_page(project_id, form), form.status
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
        return _members_page(project_id, form), form.status
    return (
        render_template(
            "console/invited.html",
            invitation=invitation,
            address=url_for(".join", _external=True, _anchor=invitation.token),
        ),
        201,
    )


@blueprint.post("/projects/<project>/members/<member>/role")
@page
def set_member_role(project: str, member: str) -> ResponseReturnValue:
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
    return redirect(url_for(".list_members", project=project_id))


@blueprint.route("/projects/<project>/members/<member>/remove", methods=["GET", "POST"])
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
        target = ".list_projects" if is_leaving else ".list_members"
        return redirect(url_for(target, project=None if is_leaving else project_id))
    team = members.list_team(project_id)
    found = next((row for row in team.members if row.id == account_id), None)
    if found is None or found.role == Role.OWNER:
        raise NotFound("There is no such member in this project.")
    return render_template("console/remove_member.html", member=found, is_leaving=is_leaving)


@blueprint.post("/projects/<project>/invitations/<invitation>/withdraw")
@page
def withdraw_invitation(project: str, invitation: str) -> ResponseReturnValue:
    project_id = project_for(Role.OWNER, project)
    invitations.withdraw(project_id, row_id(invitation), actor=current_user.email, now=now())
    flash("The invitation is withdrawn.", "good")
    return redirect(url_for(".list_members", project=project_id))


@blueprint.route("/projects/<project>/people", methods=["GET", "POST"])
@blueprint.route("/projects/<project>/people/<path:rest>", methods=["GET", "POST"])
@page
def lead_to_members(project: str, rest: str = "") -> ResponseReturnValue:
    """Members were called people here: bookmarks, and pages open since then, still work.

    308 keeps the method, so that a form that is sent does what it says.
    """
    members_page = url_for(".list_members", project=project)
    return redirect(f"{members_page}/{quote(rest)}" if rest else members_page, 308)


def _members_page(project_id: int, form: InvitationForm) -> str:
    return render_template(
        "console/members.html",
        team=members.list_team(project_id),
        form=form,
        role_form=RoleForm(formdata=None),
    )

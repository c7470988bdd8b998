"""Who else may see a project: invite, join, change the role, remove."""

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint
from app.blueprints.dashboard.project_schemas import (
    AcceptanceSchema,
    InvitationSchema,
    MemberSchema,
    NewMemberSchema,
    RoleSchema,
)
from app.domain.roles import Role
from app.extensions import now
from app.incoming import json_body, row_id
from app.services import invitations, members

_new_schema = NewMemberSchema()
_role_schema = RoleSchema()
_acceptance_schema = AcceptanceSchema()
_member_schema = MemberSchema()
_invitation_schema = InvitationSchema()


@blueprint.get("/projects/<project>/members")
def list_members(project: str) -> ResponseReturnValue:
    """The owner, those who joined, and those who are awaited."""
    team = members.list_team(project_for(Role.VIEWER, project))
    return {
        "members": _member_schema.dump(team.members, many=True),
        "invitations": _invitation_schema.dump(team.invitations, many=True),
    }


@blueprint.post("/projects/<project>/members")
def invite_member(project: str) -> ResponseReturnValue:
    """The same answer whether or not the address has an account; the token is shown only here."""
    project_id = project_for(Role.OWNER, project)
    invited = _new_schema.load(json_body())
    invitation = invitations.invite(
        project_id,
        email=invited["email"],
        role=Role(invited["role"]),
        actor=actor(),
        now=now(),
    )
    return {**_invitation_schema.dump(invitation.row), "invitation": invitation.token}, 201


@blueprint.patch("/projects/<project>/members/<member>")
def set_member_role(project: str, member: str) -> ResponseReturnValue:
    """Member or viewer."""
    project_id = project_for(Role.OWNER, project)
    role = Role(_role_schema.load(json_body())["role"])
    row = members.set_role(project_id, row_id(member), role=role, actor=actor(), now=now())
    return {"member": _member_schema.dump(row)}


@blueprint.delete("/projects/<project>/members/<member>")
def remove_member(project: str, member: str) -> ResponseReturnValue:
    """The owner removes anybody; everybody may leave."""
    account_id = row_id(member)
    needed = Role.VIEWER if account_id == g.account_id else Role.OWNER
    project_id = project_for(needed, project)
    members.remove(project_id, account_id, actor=actor(), now=now())
    return {"deleted": True}


@blueprint.delete("/projects/<project>/invitations/<invitation>")
def withdraw_invitation(project: str, invitation: str) -> ResponseReturnValue:
    """Its token is dead."""
    project_id = project_for(Role.OWNER, project)
    invitations.withdraw(project_id, row_id(invitation), actor=actor(), now=now())
    return {"deleted": True}


@blueprint.post("/invitations/accept")
def accept_invitation() -> ResponseReturnValue:
    """Join with an invitation's token, as the account that has the invited address."""
    token = _acceptance_schema.load(json_body())["invitation"]
    joined = invitations.accept(token, account_id=g.account_id, now=now())
    g.project_id = joined.project_id
    return {"project_id": joined.project_id, "role": joined.role}

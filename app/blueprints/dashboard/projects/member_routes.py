"""Who else may see a project: invite, join, change the role, remove."""

from flask import g
from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import actor, project_for
from app.blueprints.dashboard.blueprint import blueprint
from app.blueprints.dashboard.projects.member_schemas import (
    AcceptanceSchema,
    ChangedMemberSchema,
    InvitationSchema,
    JoinedSchema,
    MemberSchema,
    NewInvitationSchema,
    NewMemberSchema,
    RoleSchema,
    TeamSchema,
)
from app.blueprints.dashboard.schemas import DeletedSchema
from app.domain.roles import Role
from app.extensions import now
from app.services.projects import invitations, members
from app.web.incoming import json_body, row_id
from app.web.openapi import documented

_new_schema = NewMemberSchema()
_role_schema = RoleSchema()
_acceptance_schema = AcceptanceSchema()
_member_schema = MemberSchema()
_invitation_schema = InvitationSchema()


@blueprint.get("/projects/<project>/members")
@documented(answers={200: TeamSchema})
def list_members(project: str) -> ResponseReturnValue:
    """List the owner, those who joined, and those who are awaited."""
    team = members.list_team(project_for(Role.VIEWER, project))
    return {
        "members": _member_schema.dump(team.members, many=True),
        "invitations": _invitation_schema.dump(team.invitations, many=True),
    }


@blueprint.post("/projects/<project>/members")
@documented(body=NewMemberSchema, answers={201: NewInvitationSchema}, refuses=(403,))
def invite_member(project: str) -> ResponseReturnValue:
    """Invite somebody by address; the token is shown only here.

    The answer is the same whether or not the address has an account.
    """
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
@documented(body=RoleSchema, answers={200: ChangedMemberSchema}, refuses=(403,))
def set_member_role(project: str, member: str) -> ResponseReturnValue:
    """Make somebody a member or a viewer."""
    project_id = project_for(Role.OWNER, project)
    role = Role(_role_schema.load(json_body())["role"])
    row = members.set_role(project_id, row_id(member), role=role, actor=actor(), now=now())
    return {"member": _member_schema.dump(row)}


@blueprint.delete("/projects/<project>/members/<member>")
@documented(answers={200: DeletedSchema}, refuses=(403, 422))
def remove_member(project: str, member: str) -> ResponseReturnValue:
    """Remove somebody, as the owner, or leave."""
    account_id = row_id(member)
    needed = Role.VIEWER if account_id == g.account_id else Role.OWNER
    project_id = project_for(needed, project)
    members.remove(project_id, account_id, actor=actor(), now=now())
    return {"deleted": True}


@blueprint.delete("/projects/<project>/invitations/<invitation>")
@documented(answers={200: DeletedSchema}, refuses=(403,))
def withdraw_invitation(project: str, invitation: str) -> ResponseReturnValue:
    """Withdraw an invitation; its token is dead."""
    project_id = project_for(Role.OWNER, project)
    invitations.withdraw(project_id, row_id(invitation), actor=actor(), now=now())
    return {"deleted": True}


@blueprint.post("/invitations/accept")
@documented(body=AcceptanceSchema, answers={200: JoinedSchema}, refuses=(404,))
def accept_invitation() -> ResponseReturnValue:
    """Join with an invitation's token, as the account that has the invited address."""
    token = _acceptance_schema.load(json_body())["invitation"]
    joined = invitations.accept(token, account_id=g.account_id, now=now())
    g.project_id = joined.project_id
    return {"project_id": joined.project_id, "role": joined.role}

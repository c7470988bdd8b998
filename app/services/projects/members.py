"""The members of a project, and what each of them may do in it.

They join through `app.services.projects.invitations`; until then they are none.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, literal, select, update

from app.database import read_transaction, single_statements, write_transaction
from app.domain.audit_action import AuditAction
from app.domain.roles import Role
from app.models import Account, Project, ProjectMember
from app.models.columns import columns_of
from app.models.projects import IS_ALIVE
from app.services import audit
from app.services.errors import Forbidden, Invalid, NotFound, Unauthenticated
from app.services.projects import invitations

# Built once: every request about a project asks this.
_ACCESS = (
    select(Project.name, Project.owner_id, ProjectMember.role)
    .outerjoin(
        ProjectMember,
        (ProjectMember.project_id == Project.id)
        & (ProjectMember.account_id == bindparam("account_id")),
    )
    .where(Project.id == bindparam("project_id"), IS_ALIVE)
)


@dataclass(frozen=True)
class Admission:
    """What somebody is in a project that they may see."""

    project_id: int
    project_name: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """`id` is the account's; `created_at` is when they joined, or made the project."""

    id: int
    email: str
    name: str | None
    role: str
    created_at: datetime


@dataclass(frozen=True)
class Team:
    """The owner first, then those who joined, then those who are awaited."""

    members: list[MemberRow]
    invitations: list[invitations.InvitationRow]


def email_of(account_id: int) -> str:
    """What the audit calls whoever is logged in; raises Unauthenticated as `accounts.get` does."""
    with read_transaction() as connection:
        email = connection.execute(select(Account.email).where(Account.id == account_id)).scalar()
    if email is None:
        raise Unauthenticated
    return email


def admit(project_id: int, *, account_id: int, needed: Role) -> Admission:
    """Let the account do what `needed` may do.

    Raises NotFound for whoever is no member: nobody learns that a project exists. Raises Forbidden
    for a member whose role does not suffice.
    """
    with single_statements() as connection:
        known = connection.execute(
            _ACCESS, {"project_id": project_id, "account_id": account_id}
        ).one_or_none()
    if known is None:
        raise NotFound("There is no such project.")
    if known.owner_id == account_id:
        return Admission(project_id, known.name, Role.OWNER)
    if known.role is None:
        raise NotFound("There is no such project.")
    _require(Role(known.role), needed)
    return Admission(project_id, known.name, Role(known.role))


def list_team(project_id: int) -> Team:
    owner = (
        _accounts()
        .add_columns(literal(Role.OWNER.value).label("role"), Project.created_at)
        .join(Project, Project.owner_id == Account.id)
        .where(Project.id == project_id)
    )
    joined = _members(project_id).order_by(ProjectMember.created_at, Account.id)
    with read_transaction() as connection:
        rows = [
            MemberRow(**row._asdict())
            for query in (owner, joined)
            for row in connection.execute(query)
        ]
        return Team(rows, invitations.pending(connection, project_id))


def set_role(
    project_id: int, account_id: int, *, role: Role, actor: str | None, now: datetime
) -> MemberRow:
    """Raises NotFound, and Invalid for the owner; audited only when the role changes."""
    with write_transaction() as connection:
        member = _joined(connection, project_id, account_id)
        if member.role != role:
            connection.execute(
                update(ProjectMember)
                .where(
                    ProjectMember.project_id == project_id, ProjectMember.account_id == account_id
                )
                .values(role=role)
            )
            audit.record(
                connection,
                project_id,
                AuditAction.MEMBER_ROLE_CHANGED,
                actor=actor,
                now=now,
                target_id=account_id,
                **{"email": member.email, "from": member.role, "to": role},
            )
        return _joined(connection, project_id, account_id)


def remove(project_id: int, account_id: int, *, actor: str | None, now: datetime) -> None:
    """From the commit on the project does not exist for them. Raises as `set_role` does."""
    with write_transaction() as connection:
        member = _joined(connection, project_id, account_id)
        connection.execute(
            delete(ProjectMember).where(
                ProjectMember.project_id == project_id, ProjectMember.account_id == account_id
            )
        )
        audit.record(
            connection,
            project_id,
            AuditAction.MEMBER_REMOVED,
            actor=actor,
            now=now,
            target_id=account_id,
            email=member.email,
            role=member.role,
        )


def note_departure(
    connection: Connection, account_id: int, *, actor: str | None, now: datetime
) -> None:
    """In the audit of each project that the account, which is about to go, is a member of."""
    joined = connection.execute(
        _accounts()
        .add_columns(ProjectMember.role, ProjectMember.project_id)
        .join(ProjectMember, ProjectMember.account_id == Account.id)
        .where(Account.id == account_id)
    ).all()
    for row in joined:
        audit.record(
            connection,
            row.project_id,
            AuditAction.MEMBER_REMOVED,
            actor=actor,
            now=now,
            target_id=account_id,
            email=row.email,
            role=row.role,
        )


def _require(role: Role, needed: Role) -> None:
    if not role.may_act_as(needed):
        wanted = " or ".join(each for each in Role if each.may_act_as(needed))
        raise Forbidden(f"This needs the role {wanted} in the project; yours is {role}.")


def _accounts() -> Select[*tuple[Any, ...]]:
    columns = columns_of(MemberRow, Account, apart_from=["role", "created_at"])
    return select(*columns).select_from(Account)


def _members(project_id: int) -> Select[*tuple[object, ...]]:
    return (
        _accounts()
        .add_columns(ProjectMember.role, ProjectMember.created_at)
        .join(ProjectMember, ProjectMember.account_id == Account.id)
        .where(ProjectMember.project_id == project_id)
    )


def _joined(connection: Connection, project_id: int, account_id: int) -> MemberRow:
    row = connection.execute(
        _members(project_id).where(Account.id == account_id).with_for_update(of=ProjectMember)
    ).one_or_none()
    if row is not None:
        return MemberRow(**row._asdict())
    owner_id = connection.execute(select(Project.owner_id).where(Project.id == project_id)).scalar()
    if owner_id == account_id:
        raise Invalid("member", "The owner stays the owner; delete the project instead.")
    raise NotFound("There is no such member in this project.")

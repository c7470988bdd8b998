"""How members come into a project: invited by address, they join with the invitation's token.

An address alone lets nobody in, because addresses are not verified: whoever registers one first
would have it. Nor does an invitation tell whether its address has an account:
docs/decisions/0012-invitations-tell-nothing.md.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, select

from app.database import insert_into, write_transaction
from app.domain import tokens
from app.domain.audit_action import AuditAction
from app.domain.email_address import email_key
from app.domain.lifetimes import INVITATION_LIFETIME
from app.domain.roles import Role
from app.models import Account, Invitation, Project, ProjectMember
from app.models.columns import columns_of
from app.models.projects import IS_ALIVE
from app.services import audit
from app.services.errors import Invalid, NotFound


@dataclass(frozen=True, kw_only=True)
class InvitationRow:
    id: int
    email: str
    role: str
    created_at: datetime

    @property
    def expires_at(self) -> datetime:
        """From then on its token lets nobody in; inviting again makes a new one."""
        return self.created_at + INVITATION_LIFETIME


@dataclass(frozen=True)
class NewInvitation:
    """`token` is for the invited person; it cannot be read again later."""

    row: InvitationRow
    token: str = field(repr=False)


@dataclass(frozen=True)
class Joined:
    project_id: int
    role: str


_ROW = columns_of(InvitationRow, Invitation)


def invite(
    project_id: int, *, email: str, role: Role, actor: str | None, now: datetime
) -> NewInvitation:
    """Invite an address; inviting it again replaces its role and its token.

    Raises Invalid for one who has joined already.
    """
    token = tokens.new_invitation()
    key = email_key(email)
    with write_transaction() as connection:
        _refuse_joined(connection, project_id, key)
        fresh = {"email": email, "role": role, "digest": tokens.digest(token), "created_at": now}
        row = connection.execute(
            insert_into(connection.dialect.name, Invitation)
            .values(project_id=project_id, email_key=key, **fresh)
            .on_conflict_do_update(index_elements=["project_id", "email_key"], set_=fresh)
            .returning(*_ROW)
        ).one()
        audit.record(
            connection,
            project_id,
            AuditAction.MEMBER_INVITED,
            actor=actor,
            now=now,
            target_id=row.id,
            email=email,
            role=role,
        )
    return NewInvitation(InvitationRow(**row._asdict()), token)


def pending(connection: Connection, project_id: int) -> list[InvitationRow]:
    """Those who have not come yet, the first invited first."""
    query = select(*_ROW).where(Invitation.project_id == project_id).order_by(Invitation.id)
    return [InvitationRow(**row._asdict()) for row in connection.execute(query)]


def withdraw(project_id: int, invitation_id: int, *, actor: str | None, now: datetime) -> None:
    """Raises NotFound."""
    with write_transaction() as connection:
        gone = connection.execute(
            delete(Invitation)
            .where(Invitation.id == invitation_id, Invitation.project_id == project_id)
            .returning(Invitation.email, Invitation.role)
        ).one_or_none()
        if gone is None:
            raise NotFound("There is no such invitation to this project.")
        audit.record(
            connection,
            project_id,
            AuditAction.INVITATION_WITHDRAWN,
            actor=actor,
            now=now,
            target_id=invitation_id,
            email=gone.email,
            role=gone.role,
        )


def accept(token: str, *, account_id: int, now: datetime) -> Joined:
    """Join with an invitation's token, which works once and only for the address it was made for.

    Raises NotFound, in the same words whatever does not fit.
    """
    query = (
        select(Invitation.id, Invitation.project_id)
        .join(Project, Project.id == Invitation.project_id)
        .join(Account, Account.email_key == Invitation.email_key)
        .where(
            Invitation.digest == tokens.digest(token),
            is_unexpired(now),
            IS_ALIVE,
            Account.id == account_id,
        )
    )
    with write_transaction() as connection:
        found = connection.execute(query).one_or_none()
        role = found and join(
            connection, found.project_id, found.id, account_id=account_id, now=now
        )
    if not found or role is None:
        raise NotFound(
            "There is no such invitation for your address: it was used, replaced, withdrawn, or is"
            f" older than {INVITATION_LIFETIME.days} days."
        )
    return Joined(found.project_id, role)


def is_unexpired(now: datetime) -> ColumnElement[bool]:
    return Invitation.created_at > now - INVITATION_LIFETIME


def join(
    connection: Connection, project_id: int, invitation_id: int, *, account_id: int, now: datetime
) -> str | None:
    """Use up an invitation: the account is now a member.

    The role; None when another transaction used or withdrew it first.
    """
    role: str | None = connection.execute(
        delete(Invitation).where(Invitation.id == invitation_id).returning(Invitation.role)
    ).scalar()
    if role is None:
        return None
    email = connection.execute(select(Account.email).where(Account.id == account_id)).scalar()
    connection.execute(
        insert_into(connection.dialect.name, ProjectMember).values(
            project_id=project_id, account_id=account_id, role=role, created_at=now
        )
        # Invited once more in the very moment of joining.
        .on_conflict_do_update(index_elements=["project_id", "account_id"], set_={"role": role})
    )
    audit.record(
        connection,
        project_id,
        AuditAction.MEMBER_JOINED,
        actor=email,
        now=now,
        target_id=account_id,
        role=role,
    )
    return role


def _refuse_joined(connection: Connection, project_id: int, key: str) -> None:
    """Only those whom the members' list shows anyway."""
    owner = select(Project.id).join(Account, Account.id == Project.owner_id)
    is_owner = exists(owner.where(Project.id == project_id, Account.email_key == key))
    member = select(ProjectMember.role).join(Account, Account.id == ProjectMember.account_id)
    is_member = exists(
        member.where(ProjectMember.project_id == project_id, Account.email_key == key)
    )
    if connection.execute(select(is_owner | is_member)).scalar():
        raise Invalid("email", "The email belongs to somebody who is in the project already.")

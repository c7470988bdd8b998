"""Deleting an account and everything it owns, without holding the database for long.

The row cannot simply go: its projects would go with it, a million rows of them in one transaction.
It stays as a tombstone that holds no personal data, until its last project is purged
(docs/decisions/0011).
"""

from datetime import datetime

from sqlalchemy import Connection, delete, exists, select, update

from app.database import write_transaction
from app.models import Account, LoginChallenge, Project, ProjectMember, RecoveryCode, UserToken
from app.services import passwords
from app.services.errors import Invalid

# No address has this form, so a tombstone never keeps anybody from registering.
_TOMBSTONE = "deleted:"
_NO_PASSWORD = "!"  # no hash, so no password fits

IS_DELETED = Account.email_key.startswith(_TOMBSTONE)


def delete_account(account_id: int, *, password: str, now: datetime) -> None:
    """At once nobody can log in or read; the address is free. Raises Invalid (password)."""
    proof = passwords.prove(account_id, password=password)
    with write_transaction() as connection:
        if proof is None or passwords.lock_account(connection, proof) is None:
            raise Invalid("password", "The password is wrong.")
        _mark_owned_projects_deleted(connection, account_id, now=now)
        for model in (UserToken, RecoveryCode, LoginChallenge, ProjectMember):
            connection.execute(delete(model).where(model.account_id == account_id))
        connection.execute(
            update(Account)
            .where(Account.id == account_id)
            .values(
                email="",
                email_key=f"{_TOMBSTONE}{account_id}",
                name=None,
                password_hash=_NO_PASSWORD,
                totp_secret=None,
                totp_confirmed_at=None,
                totp_last_step=None,
            )
        )
        _remove_tombstones(connection)


def remove_tombstones(*, now: datetime) -> int:
    """Remove deleted accounts whose projects are purged; how many. For whoever purges projects."""
    with write_transaction() as connection:
        # One that was just being created when its owner went.
        orphaned = Project.owner_id.in_(select(Account.id).where(IS_DELETED))
        connection.execute(
            update(Project).where(orphaned, Project.deleted_at.is_(None)).values(deleted_at=now)
        )
        return _remove_tombstones(connection)


def _mark_owned_projects_deleted(connection: Connection, account_id: int, *, now: datetime) -> None:
    """From the commit on nobody finds them; their rows go in batches."""
    connection.execute(
        update(Project)
        .where(Project.owner_id == account_id, Project.deleted_at.is_(None))
        .values(deleted_at=now)
    )


def _remove_tombstones(connection: Connection) -> int:
    owns_nothing = ~exists().where(Project.owner_id == Account.id)
    return connection.execute(delete(Account).where(IS_DELETED, owns_nothing)).rowcount

"""Deleting an account and everything it owns, without holding the database for long.

Its projects are only marked, and lose their owner, in the transaction that deletes the account: the
row would otherwise take a million others with it. They are purged behind it
(docs/decisions/0011).
"""

from datetime import datetime

from sqlalchemy import Connection, delete

from app.database import write_transaction
from app.models import Account
from app.services import projects
from app.services.accounts import passwords
from app.services.errors import Invalid, NotFound
from app.services.projects import background_purge, members, senders


def delete_account(account_id: int, *, password: str, now: datetime) -> None:
    """At once nobody can log in or read; the address is free. Raises Invalid (password)."""
    proof = passwords.prove(account_id, password=password)
    with write_transaction() as connection:
        account = passwords.lock_account(connection, proof) if proof else None
        if account is None:
            raise Invalid("password", "The password is wrong.")
        _delete(connection, account_id, actor=account.email, now=now)
    senders.forget_all()
    background_purge.wake()


def delete_from_shell(account_id: int, *, now: datetime) -> None:
    """Delete an account for whoever may use the shell, without its password. Raises NotFound.

    Its projects are only marked: the caller purges them.
    """
    with write_transaction() as connection:
        if passwords.hold_account(connection, account_id) is None:
            raise NotFound("There is no such account.")
        _delete(connection, account_id, actor=None, now=now)


def _delete(connection: Connection, account_id: int, *, actor: str | None, now: datetime) -> None:
    projects.mark_owned(connection, account_id, now=now)
    members.note_departure(connection, account_id, actor=actor, now=now)
    # Its tokens, codes and memberships go with it.
    connection.execute(delete(Account).where(Account.id == account_id))

"""Deleting an account and everything it owns, without holding the database for long.

Its projects are only marked, and lose their owner, in the transaction that deletes the account: the
row would otherwise take a million others with it. They are purged behind it
(docs/decisions/0011).
"""

from datetime import datetime

from sqlalchemy import delete

from app.database import write_transaction
from app.models import Account
from app.services import background_purge, members, passwords, projects
from app.services.errors import Invalid


def delete_account(account_id: int, *, password: str, now: datetime) -> None:
    """At once nobody can log in or read; the address is free. Raises Invalid (password)."""
    proof = passwords.prove(account_id, password=password)
    with write_transaction() as connection:
        if proof is None or passwords.lock_account(connection, proof) is None:
            raise Invalid("password", "The password is wrong.")
        projects.mark_owned(connection, account_id, now=now)
        members.note_departure(connection, account_id, now=now)
        # Its tokens, codes and memberships go with it.
        connection.execute(delete(Account).where(Account.id == account_id))
    background_purge.wake()

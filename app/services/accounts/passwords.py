"""Passwords: argon2 hashes, and proof that a caller knows one.

Hashing takes a tenth of a second on purpose, so it never happens inside a transaction that others
wait for. The hash may change meanwhile; `lock_account` is where that is noticed.
"""

import base64
import hashlib
import os
from dataclasses import dataclass, field
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import Connection, select
from sqlalchemy.sql.elements import ColumnElement

from app.database import read_transaction
from app.domain.email_address import email_key
from app.domain.weak_passwords import why_refused
from app.extensions import password_hasher
from app.models import Account
from app.models.columns import columns_of
from app.services.accounts.hashing import hashing_turn
from app.services.errors import WeakPassword


@dataclass(frozen=True)
class PasswordProof:
    """That the password was right when it was compared with this hash."""

    account_id: int
    password: str = field(repr=False)
    password_hash: str = field(repr=False)


@dataclass(frozen=True)
class LockedAccount:
    id: int
    email: str
    name: str | None
    password_hash: str = field(repr=False)
    totp_secret: str | None = field(repr=False)
    totp_confirmed_at: datetime | None


def hashed_if_fit(password: str, *, email: str, name: str | None) -> str:
    """The hash of a password that was chosen for this account; raises WeakPassword."""
    if reason := why_refused(password, email=email, name=name):
        raise WeakPassword(reason)
    return hashed(password)


def hashed(password: str) -> str:
    """Raises TooManyPasswords, as all do that compare one."""
    with hashing_turn():
        return password_hasher().hash(password)


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than a new one would be."""
    return password_hasher().check_needs_rehash(password_hash)


def generation(email: str) -> bytes:
    """Another one with each new password; of an unknown address always the same."""
    with read_transaction() as connection:
        found = connection.execute(
            select(Account.password_hash).where(Account.email_key == email_key(email))
        ).scalar()
    return hashlib.sha256((found or "").encode()).digest()


def prove_by_email(email: str, *, password: str) -> PasswordProof | None:
    """None for a wrong password and for an unknown address, after the same time."""
    return _prove(Account.email_key == email_key(email), password)


def prove(account_id: int, *, password: str) -> PasswordProof | None:
    return _prove(Account.id == account_id, password)


def lock_account(connection: Connection, proof: PasswordProof) -> LockedAccount | None:
    """The account, held until the transaction ends; None when the password is no longer right.

    Everything that lets somebody in, or throws them out, locks the account before anything else:
    so a password change and a login with the old password cannot miss each other, nor deadlock.
    """
    account = hold_account(connection, proof.account_id)
    if account is None:
        return None
    is_unchanged = account.password_hash == proof.password_hash
    # Rarely another login has just renewed the hash of the same password.
    if is_unchanged or _matches(proof.password, account.password_hash):
        return account
    return None


def hold_account(connection: Connection, account_id: int) -> LockedAccount | None:
    """The account, held until the transaction ends, for a caller who needs no password.

    None when there is no such account.
    """
    row = connection.execute(
        select(*columns_of(LockedAccount, Account))
        .where(Account.id == account_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    return None if row is None else LockedAccount(**row._mapping)


def _prove(is_account: ColumnElement[bool], password: str) -> PasswordProof | None:
    with read_transaction() as connection:
        row = connection.execute(
            select(Account.id, Account.password_hash).where(is_account)
        ).one_or_none()
    if not _matches(password, row.password_hash if row else None) or row is None:
        return None
    return PasswordProof(row.id, password, row.password_hash)


def _matches(password: str, password_hash: str | None) -> bool:
    """Without a hash it takes as long as with one, and is False."""
    hasher = password_hasher()
    try:
        with hashing_turn():
            return hasher.verify(password_hash or _hash_of_nothing(hasher), password)
    except InvalidHashError:  # of an account that nobody can log in to
        return _matches(password, None)
    except VerifyMismatchError:
        return False


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """A well-formed hash that no password is known for, made without hashing anything."""
    salt, digest = (_base64(os.urandom(size)) for size in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${digest}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")

"""Accounts and the tokens of their clients."""

from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import insert, select

from app.database import insert_unless_exists, read_transaction, write_transaction
from app.domain import tokens
from app.models import Account, UserToken
from app.services.errors import Invalid, NotFound

_passwords = PasswordHasher()


@dataclass(frozen=True)
class AccountRow:
    id: int
    email: str


@dataclass(frozen=True)
class NewUserToken:
    """`token` is what the client sends; it cannot be read again later."""

    id: int
    email: str
    token: str


def create(email: str, *, password: str, now: datetime, name: str | None = None) -> AccountRow:
    """Raises Invalid when the address has an account already."""
    password_hash = _passwords.hash(password)
    with write_transaction() as connection:
        account_id = connection.execute(
            insert_unless_exists(
                connection.dialect.name, Account, "email_key", returning=Account.id
            ),
            {
                "email": email,
                "email_key": email.lower(),
                "name": name,
                "password_hash": password_hash,
                "created_at": now,
            },
        ).scalar()
    if account_id is None:
        raise Invalid("email", f"{email} has an account already.")
    return AccountRow(id=account_id, email=email)


def find_by_email(email: str) -> AccountRow:
    """Raises NotFound; upper and lower case do not matter."""
    with read_transaction() as connection:
        row = connection.execute(
            select(Account.id, Account.email).where(Account.email_key == email.lower())
        ).one_or_none()
    if row is None:
        raise NotFound(f"There is no account {email}.")
    return AccountRow(id=row.id, email=row.email)


def issue_token(email: str, *, client: str, now: datetime) -> NewUserToken:
    """A new token beside the ones the account has; raises NotFound."""
    account = find_by_email(email)
    secret = tokens.new_secret()
    with write_transaction() as connection:
        token_id = connection.execute(
            insert(UserToken).returning(UserToken.id),
            {
                "account_id": account.id,
                "name": client,
                "digest": tokens.digest(secret),
                "created_at": now,
            },
        ).scalar_one()
    return NewUserToken(id=account.id, email=account.email, token=f"{token_id}|{secret}")


def authenticate(bearer_token: str) -> int | None:
    """The id of the account that holds this token, or None."""
    token = tokens.read_user_token(bearer_token)
    if token is None:
        return None
    with read_transaction() as connection:
        row = connection.execute(
            select(UserToken.account_id, UserToken.digest).where(UserToken.id == token.id)
        ).one_or_none()
    if row is None:
        return None
    account_id, digest = row
    return account_id if tokens.digests_match(digest, tokens.digest(token.secret)) else None

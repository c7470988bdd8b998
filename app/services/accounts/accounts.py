"""Accounts: who they are, and which of them a bearer token belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from app.database import (
    insert_unless_exists,
    read_transaction,
    single_statements,
    write_transaction,
)
from app.domain import tokens
from app.domain.email_address import email_key
from app.models import Account, Milestone, UserToken
from app.models.columns import columns_of
from app.services.accounts import passwords, user_tokens
from app.services.errors import Invalid, NotFound, Unauthenticated

_FIRST_ACCOUNT = "first_account"
# Built once: every request of an account asks this.
_BY_TOKEN_ID = select(
    UserToken.account_id, UserToken.digest, UserToken.access, UserToken.expires_at
).where(UserToken.id == bindparam("id"), ~user_tokens.IS_OF_BROWSER)


@dataclass(frozen=True)
class AccountRow:
    id: int
    email: str
    name: str | None = None


@dataclass(frozen=True)
class LoggedIn:
    """`token` is what the client sends from now on; it cannot be read again later."""

    account: AccountRow
    token: str = field(repr=False)


@dataclass(frozen=True)
class NewUserToken:
    """`token` is what the client sends; it cannot be read again later."""

    id: int
    email: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Bearer:
    """`access` is a TokenAccess, or None for a login's token, which may do everything."""

    account_id: int
    token_id: int
    access: str | None
    expires_at: datetime | None


_ROW = columns_of(AccountRow, Account)


def create(email: str, *, password: str, now: datetime, name: str | None = None) -> AccountRow:
    """Raises Invalid when the address has an account already, or the password is weak."""
    password_hash = passwords.hashed_if_fit(password, email=email, name=name)
    with write_transaction() as connection:
        claim_first_place(connection, now=now)
        return add(connection, email, password_hash=password_hash, name=name, now=now)


def open_for_demo(email: str, *, password: str, now: datetime) -> AccountRow | None:
    """A new account that takes nobody's first place; None when somebody has the address."""
    values = {"email": email, "email_key": email_key(email), "created_at": now}
    password_hash = passwords.hashed(password)
    with write_transaction() as connection:
        account_id = connection.execute(
            insert_unless_exists(
                connection.dialect.name, Account, "email_key", returning=Account.id
            ),
            {**values, "password_hash": password_hash},
        ).scalar()
    return None if account_id is None else AccountRow(id=account_id, email=email)


def only_one(*, besides: Sequence[int]) -> AccountRow | None:
    """The account that is alone here, not counting these; None where there are none or several."""
    query = select(*_ROW).where(Account.id.not_in(besides))
    with read_transaction() as connection:
        rows = connection.execute(query.limit(2)).all()
    return AccountRow(**rows[0]._mapping) if len(rows) == 1 else None


def claim_first_place(connection: Connection, *, now: datetime) -> bool:
    """Whether no person had an account so far, which is from now on so no more.

    Also when all accounts are gone again: an instance with data must not fall to the next stranger.
    Of several transactions at once, one gets True.
    """
    claim = insert_unless_exists(
        connection.dialect.name, Milestone, "name", returning=Milestone.name
    )
    values = {"name": _FIRST_ACCOUNT, "reached_at": now}
    return connection.execute(claim, values).scalar() is not None


def have_been(connection: Connection) -> bool:
    """Whether any person ever had an account here."""
    reached = select(Milestone.name).where(Milestone.name == _FIRST_ACCOUNT)
    return connection.execute(reached).scalar() is not None


def add(
    connection: Connection, email: str, *, password_hash: str, name: str | None, now: datetime
) -> AccountRow:
    """Add an account in the caller's transaction; the password is hashed already.

    Raises Invalid when the address has an account already.
    """
    account_id = connection.execute(
        insert_unless_exists(connection.dialect.name, Account, "email_key", returning=Account.id),
        {
            "email": email,
            "email_key": email_key(email),
            "name": name,
            "password_hash": password_hash,
            "created_at": now,
        },
    ).scalar()
    if account_id is None:
        raise Invalid("email", f"{email} has an account already.")
    return AccountRow(id=account_id, email=email, name=name)


def get(account_id: int) -> AccountRow:
    """Whoever is logged in; raises Unauthenticated for one whose account has just gone."""
    with read_transaction() as connection:
        row = connection.execute(select(*_ROW).where(Account.id == account_id)).one_or_none()
    if row is None:
        raise Unauthenticated
    return AccountRow(**row._mapping)


def find_by_email(email: str) -> AccountRow:
    """Raises NotFound; upper and lower case do not matter."""
    with read_transaction() as connection:
        row = connection.execute(
            select(*_ROW).where(Account.email_key == email_key(email))
        ).one_or_none()
    if row is None:
        raise NotFound(f"There is no account {email}.")
    return AccountRow(**row._mapping)


def issue_token(email: str, *, client: str, now: datetime) -> NewUserToken:
    """A new token beside the ones the account has; raises NotFound."""
    account = find_by_email(email)
    with write_transaction() as connection:
        token = user_tokens.add(connection, account.id, client=client, now=now)
    return NewUserToken(id=account.id, email=account.email, token=token)


def authenticate(bearer_token: str) -> Bearer | None:
    """Whose token this is, or None; also for a browser's, which belongs into its cookie.

    Whether it has expired, and may do what is asked, is for the caller to look at.
    """
    token = tokens.read_user_token(bearer_token)
    if token is None:
        return None
    with single_statements() as connection:
        row = connection.execute(_BY_TOKEN_ID, {"id": token.id}).one_or_none()
    if row is None or not tokens.digests_match(row.digest, tokens.digest(token.secret)):
        return None
    return Bearer(
        account_id=row.account_id,
        token_id=token.id,
        access=row.access,
        expires_at=row.expires_at,
    )

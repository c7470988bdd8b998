"""The tokens of an account's clients: one client each, shown once, revoked at once.

A browser in the console holds one too, but in its cookie, and only there: the API refuses it
(docs/decisions/0040-console-sessions.md). API tokens are made in
`app.services.accounts.api_tokens`; they have an access, and whatever their name, no login replaces
them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from app.database import read_transaction, write_transaction
from app.domain import tokens
from app.domain.token_access import TokenAccess
from app.models import UserToken
from app.models.columns import columns_of
from app.services.errors import NotFound

# The client name of browsers, alone or with words after a colon that tell which one. Several may be
# logged in at once, each for so long.
CONSOLE = "console"
IS_OF_LOGIN = UserToken.access.is_(None)
IS_OF_BROWSER = IS_OF_LOGIN & (
    (UserToken.name == CONSOLE) | UserToken.name.startswith(f"{CONSOLE}:")
)
CONSOLE_LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class UserTokenRow:
    id: int
    name: str
    created_at: datetime
    access: str | None
    expires_at: datetime | None

    @property
    def kind(self) -> str:
        return "login" if self.access is None else "api"

    @property
    def read_only(self) -> bool:
        return self.access == TokenAccess.READ


def browser_client(words: str | None) -> str:
    """The client name of a browser; `words` are a few of ours, never what it says of itself."""
    return f"{CONSOLE}:{words}" if words else CONSOLE


def is_browser(client: str) -> bool:
    return client == CONSOLE or client.startswith(f"{CONSOLE}:")


def list_of(account_id: int) -> list[UserTokenRow]:
    """Oldest first."""
    with read_transaction() as connection:
        rows = connection.execute(
            select(*columns_of(UserTokenRow, UserToken))
            .where(UserToken.account_id == account_id)
            .order_by(UserToken.id)
        ).all()
    return [UserTokenRow(**row._mapping) for row in rows]


def revoke(token_id: int, *, account_id: int) -> None:
    """Raises NotFound, also when the token is another account's."""
    with write_transaction() as connection:
        revoked = connection.execute(
            delete(UserToken).where(UserToken.id == token_id, UserToken.account_id == account_id)
        ).rowcount
    if not revoked:
        raise NotFound("There is no such token.")


def revoke_others(account_id: int, *, kept_token_id: int) -> None:
    with write_transaction() as connection:
        delete_others(connection, account_id, kept_token_id=kept_token_id)


def delete_others(connection: Connection, account_id: int, *, kept_token_id: int) -> None:
    """Within the caller's transaction."""
    connection.execute(
        delete(UserToken).where(UserToken.account_id == account_id, UserToken.id != kept_token_id)
    )


def add(connection: Connection, account_id: int, *, client: str, now: datetime) -> str:
    """What the client is to send from now on, within the caller's transaction."""
    return insert_row(connection, account_id, name=client, now=now)[1]


def insert_row(
    connection: Connection,
    account_id: int,
    *,
    name: str,
    now: datetime,
    access: TokenAccess | None = None,
    expires_at: datetime | None = None,
) -> tuple[int, str]:
    """The new token's id, and what is to be sent."""
    secret = tokens.new_secret()
    token_id = connection.execute(
        insert(UserToken).returning(UserToken.id),
        {
            "account_id": account_id,
            "name": name,
            "digest": tokens.digest(secret),
            "created_at": now,
            "access": access,
            "expires_at": expires_at,
        },
    ).scalar_one()
    return token_id, f"{token_id}|{secret}"


def replace(connection: Connection, account_id: int, *, client: str, now: datetime) -> str:
    """Make a login's token, and end the account's other logins of that client; returns the token.

    Of browsers, only those end whose time is over. The caller holds the account.
    """
    superseded: ColumnElement[bool] = IS_OF_LOGIN & (UserToken.name == client)
    if is_browser(client):
        superseded = IS_OF_BROWSER & (UserToken.created_at <= now - CONSOLE_LIFETIME)
    connection.execute(delete(UserToken).where(UserToken.account_id == account_id, superseded))
    return add(connection, account_id, client=client, now=now)

"""Browsers that are logged in to the console, asked of the database each time.

So a revoked one is out at once, in every worker; a cookie that is only signed would live on.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from app.database import read_transaction
from app.domain import tokens
from app.models import Account, UserToken
from app.services.accounts.user_tokens import CONSOLE_LIFETIME, IS_OF_BROWSER


@dataclass(frozen=True, kw_only=True)
class ConsoleSession:
    """Who uses the browser; `token` is what its cookie holds."""

    account_id: int
    token_id: int
    email: str
    name: str | None
    token: str = field(repr=False)


def find(token: str, *, now: datetime) -> ConsoleSession | None:
    """None when it is nobody's, revoked, too old, or a token of another kind of client."""
    read = tokens.read_user_token(token)
    if read is None:
        return None
    query = (
        select(UserToken.account_id, UserToken.digest, Account.email, Account.name)
        .join(Account, Account.id == UserToken.account_id)
        .where(
            UserToken.id == read.id,
            IS_OF_BROWSER,
            UserToken.created_at > now - CONSOLE_LIFETIME,
        )
    )
    with read_transaction() as connection:
        row = connection.execute(query).one_or_none()
    if row is None or not tokens.digests_match(row.digest, tokens.digest(read.secret)):
        return None
    return ConsoleSession(
        account_id=row.account_id, token_id=read.id, email=row.email, name=row.name, token=token
    )

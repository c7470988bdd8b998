"""API tokens: what an account hands to its scripts, to read only or not, for ever or for days.

They are user tokens with an access; `app.services.accounts.user_tokens` lists and revokes them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.database import write_transaction
from app.domain import tokens
from app.domain.token_access import TokenAccess
from app.models import UserToken
from app.services.accounts import passwords, user_tokens
from app.services.errors import Invalid, Unauthenticated

MAX_DAYS = 3650
MAX_TOKENS = 50
DAYS_REFUSED = (
    f"The expires in days must be a whole number from 1 to {MAX_DAYS}; leave it out for a token"
    " that does not expire."
)


@dataclass(frozen=True, kw_only=True)
class NewApiToken(user_tokens.UserTokenRow):
    """`token` cannot be read again later."""

    token: str = field(repr=False)


def make(
    account_id: int, name: str, *, expires_in_days: int | None, read_only: bool, now: datetime
) -> NewApiToken:
    """One more. Raises Invalid, and Unauthenticated for one whose account has just gone."""
    if not tokens.is_harmless_name(name):
        raise Invalid(
            "name", "The name may hold letters, digits, blanks and . , : / ( ) + - _ only."
        )
    if expires_in_days is not None and not 1 <= expires_in_days <= MAX_DAYS:
        raise Invalid("expires_in_days", DAYS_REFUSED)
    access = TokenAccess.READ if read_only else TokenAccess.WRITE
    expires_at = None if expires_in_days is None else now + timedelta(days=expires_in_days)
    count = select(func.count()).where(
        UserToken.account_id == account_id, UserToken.access.is_not(None)
    )
    with write_transaction() as connection:
        if passwords.hold_account(connection, account_id) is None:
            raise Unauthenticated
        if connection.execute(count).scalar_one() >= MAX_TOKENS:
            raise Invalid(
                "name", f"An account has at most {MAX_TOKENS} API tokens: revoke one first."
            )
        token_id, token = user_tokens.insert_row(
            connection, account_id, name=name, now=now, access=access, expires_at=expires_at
        )
    return NewApiToken(
        id=token_id,
        name=name,
        created_at=now,
        access=access,
        expires_at=expires_at,
        token=token,
    )

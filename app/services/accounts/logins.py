"""Logging in: a password, and for accounts with two-factor a code after it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from app.database import read_transaction, write_transaction
from app.domain import tokens
from app.models import Account, LoginChallenge
from app.services.accounts import passwords, two_factor, user_tokens
from app.services.accounts.accounts import AccountRow, LoggedIn
from app.services.accounts.passwords import LockedAccount
from app.services.errors import Unauthenticated

CHALLENGE_LIFETIME = timedelta(minutes=5)

_WRONG_PASSWORD = "These credentials do not match an account."
_WRONG_CODE = "The code is wrong, too old, or was used before."
_NO_CHALLENGE = "This login has expired or is done: log in with the password again."


@dataclass(frozen=True)
class SecondFactorNeeded:
    """The password was right; `totp_token` goes with the code, within five minutes, once."""

    totp_token: str = field(repr=False)


def log_in(
    email: str, *, password: str, client: str, now: datetime
) -> LoggedIn | SecondFactorNeeded:
    """Revokes the account's other tokens named like this client, and no others.

    Raises Unauthenticated, alike and after the same time for a wrong password and an unknown
    address.
    """
    proof = passwords.prove_by_email(email, password=password)
    if proof is None:
        raise Unauthenticated(_WRONG_PASSWORD)
    is_outdated = passwords.is_outdated(proof.password_hash)
    newer_hash = passwords.hashed(password) if is_outdated else proof.password_hash
    with write_transaction() as connection:
        account = passwords.lock_account(connection, proof)
        if account is None:
            raise Unauthenticated(_WRONG_PASSWORD)
        if is_outdated:
            connection.execute(
                update(Account).where(Account.id == account.id).values(password_hash=newer_hash)
            )
        if account.totp_confirmed_at is not None:
            return _challenge(connection, account.id, client=client, now=now)
        return _let_in(connection, account, client=client, now=now)


def account_of_challenge(totp_token: str, *, now: datetime) -> int:
    """Whose login is waiting for a code; raises Unauthenticated when none is."""
    with read_transaction() as connection:
        account_id = connection.execute(
            select(LoginChallenge.account_id).where(
                LoginChallenge.digest == tokens.digest(totp_token), LoginChallenge.expires_at > now
            )
        ).scalar()
    if account_id is None:
        raise Unauthenticated(_NO_CHALLENGE)
    return account_id


def finish_log_in(
    account_id: int, totp_token: str, *, code: str | None, recovery_code: str | None, now: datetime
) -> LoggedIn:
    """The second step, with either a code or a recovery code; a wrong one may be followed by more.

    Raises Unauthenticated when the code is wrong, or the login has expired or is done.
    """
    with write_transaction() as connection:
        account = passwords.hold_account(connection, account_id)
        # Undone when the code turns out to be wrong, because that raises.
        client = connection.execute(
            delete(LoginChallenge)
            .where(
                LoginChallenge.digest == tokens.digest(totp_token),
                LoginChallenge.account_id == account_id,
                LoginChallenge.expires_at > now,
            )
            .returning(LoginChallenge.client)
        ).scalar()
        if account is None or client is None:
            raise Unauthenticated(_NO_CHALLENGE)
        if code is not None:
            is_right = two_factor.use_code(connection, account, code, now=now)
        else:
            is_right = two_factor.use_recovery_code(connection, account, recovery_code or "")
        if not is_right:
            raise Unauthenticated(_WRONG_CODE)
        return _let_in(connection, account, client=client, now=now)


def _challenge(
    connection: Connection, account_id: int, *, client: str, now: datetime
) -> SecondFactorNeeded:
    connection.execute(
        delete(LoginChallenge).where(
            LoginChallenge.account_id == account_id, LoginChallenge.expires_at <= now
        )
    )
    totp_token = tokens.new_secret()
    connection.execute(
        insert(LoginChallenge),
        {
            "account_id": account_id,
            "digest": tokens.digest(totp_token),
            "client": client,
            "expires_at": now + CHALLENGE_LIFETIME,
        },
    )
    return SecondFactorNeeded(totp_token)


def _let_in(
    connection: Connection, account: LockedAccount, *, client: str, now: datetime
) -> LoggedIn:
    token = user_tokens.replace(connection, account.id, client=client, now=now)
    return LoggedIn(AccountRow(id=account.id, email=account.email, name=account.name), token)

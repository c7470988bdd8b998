"""A new password, which throws out everybody who got in with the old one."""

from sqlalchemy import delete, update

from app.database import write_transaction
from app.models import Account, LoginChallenge, UserToken
from app.services import accounts
from app.services.accounts import passwords, two_factor, user_tokens
from app.services.accounts.accounts import AccountRow
from app.services.errors import Invalid


def change_password(
    account_id: int, *, current_password: str, new_password: str, kept_token_id: int
) -> None:
    """Revokes all tokens but the one that asks, and logins that wait for a code.

    Raises Invalid when the current password is wrong, and WeakPassword.
    """
    proof = passwords.prove(account_id, password=current_password)
    if proof is None:
        raise _wrong()
    account = accounts.get(account_id)
    new_hash = passwords.hashed_if_fit(new_password, email=account.email, name=account.name)
    with write_transaction() as connection:
        if passwords.lock_account(connection, proof) is None:
            raise _wrong()
        connection.execute(
            update(Account).where(Account.id == account_id).values(password_hash=new_hash)
        )
        user_tokens.delete_others(connection, account_id, kept_token_id=kept_token_id)
        connection.execute(delete(LoginChallenge).where(LoginChallenge.account_id == account_id))


def reset(email: str, *, new_password: str) -> AccountRow:
    """For somebody who lost the password or the second factor: whoever runs the instance vouches.

    Two-factor is off, and all tokens and waiting logins are dead. Raises NotFound and WeakPassword.
    """
    account = accounts.find_by_email(email)
    new_hash = passwords.hashed_if_fit(new_password, email=account.email, name=account.name)
    with write_transaction() as connection:
        passwords.hold_account(connection, account.id)
        connection.execute(
            update(Account).where(Account.id == account.id).values(password_hash=new_hash)
        )
        two_factor.forget(connection, account.id)
        connection.execute(delete(UserToken).where(UserToken.account_id == account.id))
        connection.execute(delete(LoginChallenge).where(LoginChallenge.account_id == account.id))
    return account


def _wrong() -> Invalid:
    return Invalid("current_password", "The current password is wrong.")

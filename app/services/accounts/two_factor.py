"""Two-factor by TOTP: enrol, confirm, use, turn off.

Enrolling changes nothing about logging in until a first code confirms that the app has the secret;
nobody is locked out by a QR code that was never scanned.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from app.database import read_transaction, write_transaction
from app.domain import recovery_codes, totp
from app.models import Account, LoginChallenge, RecoveryCode
from app.services.accounts import passwords
from app.services.accounts.passwords import LockedAccount
from app.services.errors import Invalid


@dataclass(frozen=True)
class Enrolment:
    """All of it is secret and shown once."""

    secret: str = field(repr=False)
    provisioning_uri: str = field(repr=False)
    recovery_codes: list[str] = field(repr=False)


@dataclass(frozen=True)
class TwoFactorState:
    is_on: bool
    recovery_codes_left: int


def state_of(account_id: int) -> TwoFactorState:
    with read_transaction() as connection:
        confirmed_at = connection.execute(
            select(Account.totp_confirmed_at).where(Account.id == account_id)
        ).scalar()
        codes = connection.execute(
            select(func.count()).where(RecoveryCode.account_id == account_id)
        ).scalar_one()
    is_on = confirmed_at is not None
    return TwoFactorState(is_on=is_on, recovery_codes_left=codes if is_on else 0)


def enrol(account_id: int, *, password: str) -> Enrolment:
    """A new secret and codes, in force once confirmed; those of an unconfirmed one are void.

    Raises Invalid when the password is wrong or two-factor is on already.
    """
    secret, codes = totp.new_secret(), recovery_codes.new_codes()
    proof = passwords.prove(account_id, password=password)
    with write_transaction() as connection:
        account = passwords.lock_account(connection, proof) if proof else None
        if account is None:
            raise Invalid("password", "The password is wrong.")
        if account.totp_confirmed_at is not None:
            raise Invalid("totp", "Two-factor is on already: turn it off before enrolling again.")
        _store(connection, account_id, secret=secret)
        connection.execute(
            insert(RecoveryCode),
            [{"account_id": account_id, "digest": recovery_codes.digest(code)} for code in codes],
        )
    uri = totp.provisioning_uri(secret, email=account.email)
    return Enrolment(secret=secret, provisioning_uri=uri, recovery_codes=codes)


def confirm(account_id: int, *, code: str, now: datetime) -> None:
    """From now on a login needs a code, and not this one. Raises Invalid (code)."""
    with write_transaction() as connection:
        account = passwords.hold_account(connection, account_id)
        if account is None or account.totp_secret is None:
            raise Invalid("code", "There is nothing to confirm: enrol first.")
        if account.totp_confirmed_at is not None:
            raise Invalid("code", "Two-factor is on already.")
        if not _use_step(connection, account, code, now=now):
            raise Invalid("code", "The code is wrong or too old.")
        connection.execute(
            update(Account).where(Account.id == account_id).values(totp_confirmed_at=now)
        )


def turn_off(account_id: int, *, password: str) -> None:
    """Harmless when it is off already; raises Invalid (password)."""
    proof = passwords.prove(account_id, password=password)
    with write_transaction() as connection:
        if proof is None or passwords.lock_account(connection, proof) is None:
            raise Invalid("password", "The password is wrong.")
        _store(connection, account_id, secret=None)
        connection.execute(delete(LoginChallenge).where(LoginChallenge.account_id == account_id))


def forget(connection: Connection, account_id: int) -> None:
    """Off, without a password, within the transaction of a caller who vouches for it."""
    _store(connection, account_id, secret=None)


def use_code(connection: Connection, account: LockedAccount, code: str, *, now: datetime) -> bool:
    """Whether the code lets the account in; it does not do so twice."""
    return account.totp_confirmed_at is not None and _use_step(connection, account, code, now=now)


def use_recovery_code(connection: Connection, account: LockedAccount, code: str) -> bool:
    """Whether one of the ten recovery codes lets the account in; each does so once."""
    if account.totp_confirmed_at is None:
        return False
    used = delete(RecoveryCode).where(
        RecoveryCode.account_id == account.id, RecoveryCode.digest == recovery_codes.digest(code)
    )
    return connection.execute(used).rowcount > 0


def _use_step(connection: Connection, account: LockedAccount, code: str, *, now: datetime) -> bool:
    step = totp.matching_step(account.totp_secret or "", code, now=now)
    if step is None:
        return False
    # The statement decides, so that of two logins with one code only one goes through. A step that
    # no code of now could have was taken while the clock was ahead, and is no bound.
    taken = connection.execute(
        update(Account)
        .where(
            Account.id == account.id,
            or_(
                Account.totp_last_step.is_(None),
                Account.totp_last_step < step,
                Account.totp_last_step > totp.latest_step(now),
            ),
        )
        .values(totp_last_step=step)
    )
    return taken.rowcount > 0


def _store(connection: Connection, account_id: int, *, secret: str | None) -> None:
    """Another secret, or none; nothing of the old one stays in force."""
    connection.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    connection.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(totp_secret=secret, totp_confirmed_at=None, totp_last_step=None)
    )

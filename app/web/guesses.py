"""Limits on guessing: a guess is counted before it is looked at, and forgotten when it was right.

Counting only failures, afterwards, would let as many guesses through at once as there are threads.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import g
from flask_limiter import RequestLimit

from app.domain.email_address import email_key
from app.extensions import settings
from app.limits.allowances import (
    code_guess_allowance,
    count_failure_of_account,
    daily_code_guess_allowance,
    forget_count,
    is_remembered_in_limits,
    limiter,
    password_guess_allowance,
    password_work_allowance,
    refuse_if_account_is_guessed_at,
    remember_in_limits,
)
from app.services.accounts import passwords
from app.services.accounts.hashing import admitted_to_hash
from app.services.errors import Unauthenticated, WeakPassword
from app.web.incoming import client_subscriber_hash

# Where the setting keeps hashes of addresses for ever.
_KNOWN_FOR_EVER_DAYS = 3650


@contextmanager
def password_work() -> Iterator[None]:
    """The block has a password hashed for somebody who needs no token; right ones count as well.

    Raises RateLimitExceeded. Counted by client address alone: the account may be another each time.
    Nothing is counted where too many passwords are being hashed (TooManyPasswords).
    """
    with admitted_to_hash():
        g.subscriber_hash = client_subscriber_hash()
        _count_password_work()
        yield


@contextmanager
def password_guess(email: str) -> Iterator[None]:
    """The block checks a password, and raises when it is wrong.

    Five a minute for each client address and account together, so that nobody is locked out by a
    stranger's guesses. Neither is stored in clear. A guess that is not looked at, because too many
    passwords are being hashed, is not counted: it could not be taken back alone.
    """
    with admitted_to_hash():
        g.password_guess_key = _client_and(email_key(email))
        counted = _counted(_count_password_guess)
        try:
            yield
        except WeakPassword:  # the one to come; the present one was right
            forget_count(counted)
            raise
        forget_count(counted)


@contextmanager
def login_guess(email: str, *, is_known_device: bool = False) -> Iterator[None]:
    """The block checks the password of a login, and raises when it is wrong.

    Counts as `password_guess` does, and wrong ones also for the account, from wherever. After a
    hundred of them in an hour only clients that logged in before get through; of others not even a
    right password is looked at. A new password begins a new count, so a reset in the shell lifts
    it. An address without an account is counted alike.
    """
    account = hmac.digest(_app_key(), passwords.generation(email), hashlib.sha256)
    g.account_failures_key = _keyed(account + email_key(email).encode())
    if not is_known_device and not _logged_in_from_here(email):
        refuse_if_account_is_guessed_at()
    try:
        with password_guess(email):
            yield
    except Unauthenticated:
        count_failure_of_account()
        raise


def remember_client(email: str) -> None:
    """This client's address has logged in to the account, as far as the second factor goes."""
    remember_in_limits(_known_key(email), days=_known_days())


def _logged_in_from_here(email: str) -> bool:
    return is_remembered_in_limits(_known_key(email), days=_known_days())


def _known_key(email: str) -> str:
    return "known-client:" + _client_and(f"known client of {email_key(email)}")


def _known_days() -> int:
    """As long as other hashes of addresses are kept."""
    return settings().address_hash_retention_days or _KNOWN_FOR_EVER_DAYS


@contextmanager
def code_guess(account_id: int) -> Iterator[None]:
    """The block checks a code of two-factor at a login, and raises when it is wrong.

    Five a minute and a hundred a day for each account, from wherever: there are only a million
    codes, and who guesses them knows the password already. The minute is counted first, so that
    what it refuses costs nothing of the day.
    """
    g.code_guess_key = f"account:{account_id}"
    counted = [_counted(_count_code_guess), _counted(_count_daily_code_guess)]
    yield
    for each in counted:
        forget_count(each)


@contextmanager
def recovery_code_guess(account_id: int) -> Iterator[None]:
    """The block checks a recovery code at a login, and raises when it is wrong.

    Five a minute for each client and account together: 80 random bits cannot be guessed, and who
    guesses codes must not shut out the one who recovers.
    """
    with _guess_by_client(f"recovery code of {account_id}"):
        yield


@contextmanager
def confirmation_guess(account_id: int) -> Iterator[None]:
    """The block checks the first code of two-factor, and raises when it is wrong.

    Five a minute for each client and account together; the client has just been shown the secret.
    """
    with _guess_by_client(f"first code of {account_id}"):
        yield


@contextmanager
def _guess_by_client(subject: str) -> Iterator[None]:
    g.code_guess_key = _client_and(subject)
    counted = _counted(_count_code_guess)
    yield
    forget_count(counted)


def _client_and(subject: str) -> str:
    """An HMAC over both, which tells neither."""
    return _keyed(client_subscriber_hash() + subject.encode())


def _keyed(subject: bytes) -> str:
    return hmac.digest(_app_key(), subject, hashlib.sha256).hex()


def _app_key() -> bytes:
    return settings().require_app_key()


def _counted(count: Callable[[], None]) -> RequestLimit | None:
    count()
    return limiter.current_limit


@password_work_allowance
def _count_password_work() -> None:
    """Raises RateLimitExceeded."""


@password_guess_allowance
def _count_password_guess() -> None:
    """Raises RateLimitExceeded."""


@code_guess_allowance
def _count_code_guess() -> None:
    """Raises RateLimitExceeded."""


@daily_code_guess_allowance
def _count_daily_code_guess() -> None:
    """Raises RateLimitExceeded."""

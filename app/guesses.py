"""Limits on guessing: a guess is counted before it is looked at, and forgotten when it was right.

Counting only failures, afterwards, would let as many guesses through at once as there are threads.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, g

from app.config import Settings
from app.domain.email_address import email_key
from app.extensions import code_guess_allowance, forget_count, password_guess_allowance
from app.incoming import client_subscriber_hash


@contextmanager
def password_guess(email: str) -> Iterator[None]:
    """The block checks a password, and raises when it is wrong.

    Five a minute for each client address and account together, so that nobody is locked out by a
    stranger's guesses. Neither is stored in clear: the key is an HMAC over both.
    """
    settings: Settings = current_app.config["PIONNE"]
    both = client_subscriber_hash() + email_key(email).encode()
    g.password_guess_key = hmac.digest(settings.require_app_key(), both, hashlib.sha256).hex()
    _count_password_guess()
    yield
    forget_count()


@contextmanager
def code_guess(account_id: int) -> Iterator[None]:
    """The block checks a code of two-factor, and raises when it is wrong.

    Five a minute for each account, from wherever: there are only a million codes, and who guesses
    them knows the password already.
    """
    g.code_guess_key = f"account:{account_id}"
    _count_code_guess()
    yield
    forget_count()


@password_guess_allowance
def _count_password_guess() -> None:
    """Raises RateLimitExceeded."""


@code_guess_allowance
def _count_code_guess() -> None:
    """Raises RateLimitExceeded."""

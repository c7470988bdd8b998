"""Time-based one-time passwords (RFC 6238): six digits that change every 30 seconds.

A code that matches is not yet accepted: it works once, so its step must also be later than that of
the last one, which only the database can decide.
"""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
CODE_DIGITS = 6
# A phone's clock may be one step off, either way (RFC 6238 section 5.2).
_DRIFT_STEPS = (0, -1, 1)
_ISSUER = "pionne-feedback"


def new_secret() -> str:
    """160 random bits in Base32, as authenticator apps take them."""
    return pyotp.random_base32(length=32)


def provisioning_uri(secret: str, *, email: str) -> str:
    """The `otpauth://` address that is shown as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)


def latest_step(now: datetime) -> int:
    """The last one whose code is taken now."""
    return _step(now) + max(_DRIFT_STEPS)


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """The latest 30-second step, counted since 1970, whose code this is; None when it is wrong."""
    typed = "".join(code.split())  # apps show "123 456"
    if not (typed.isascii() and typed.isdigit() and len(typed) == CODE_DIGITS):
        return None
    generator = pyotp.TOTP(secret)
    current = _step(now)
    # A list, not a generator: all are compared, whichever matches.
    matching = [
        current + drift
        for drift in _DRIFT_STEPS
        if hmac.compare_digest(generator.generate_otp(current + drift), typed)
    ]
    return max(matching, default=None)


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS

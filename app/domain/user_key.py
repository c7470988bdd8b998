"""What stands for a user in the figures."""

import hashlib

USER_KEY_BYTES = 16
# What every phone without consent to tracking sends.
NIL_UUID = "00000000-0000-0000-0000-000000000000"


def user_key(user_id: str) -> bytes:
    """16 bytes of SHA-256: equal for equal ids, and no two of a billion users share one.

    It counts people without keeping their identifiers; it is not meant to resist somebody who can
    guess them.
    """
    return hashlib.sha256(user_id.encode()).digest()[:USER_KEY_BYTES]


def session_user_key(user_id: str | None) -> bytes | None:
    """The key of who has the session; None for nobody."""
    return None if not user_id or user_id == NIL_UUID else user_key(user_id)

"""What stands for a user in the figures."""

import hashlib
import re
import secrets

USER_KEY_BYTES = 16
# Where the key of somebody who was erased begins; of others one in 2**48 would.
_OF_ERASED = b"erased"
# What every phone without consent to tracking sends.
NIL_UUID = "00000000-0000-0000-0000-000000000000"
# In the forms that libraries write it in: with dashes and without, in braces, as a URN.
_NIL_UUID = re.compile(r"(?:urn:uuid:)?\{?0{8}-?(?:0{4}-?){3}0{12}\}?", re.IGNORECASE)


def user_key(user_id: str) -> bytes:
    """16 bytes of SHA-256: equal for equal ids, and no two of a billion users share one.

    It counts people without keeping their identifiers; it is not meant to resist somebody who can
    guess them.
    """
    return hashlib.sha256(user_id.encode()).digest()[:USER_KEY_BYTES]


def session_user_key(user_id: str | None) -> bytes | None:
    """The key of who has the session; None for nobody."""
    return None if not user_id or names_nobody(user_id) else user_key(user_id)


def names_nobody(user_id: str) -> bool:
    """Whether it is the nil UUID (RFC 9562, 5.9), which phones that may not be tracked send."""
    return _NIL_UUID.fullmatch(user_id.strip()) is not None


def key_of_erased() -> bytes:
    """A new one at each call, which leads to nobody and tells only that somebody was erased."""
    return _OF_ERASED + secrets.token_bytes(USER_KEY_BYTES - len(_OF_ERASED))


def is_of_erased(key: bytes) -> bool:
    return key.startswith(_OF_ERASED)

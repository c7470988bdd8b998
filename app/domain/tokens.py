"""Project tokens, user tokens and invitations: how they are made, recognised and stored.

Only digests are stored. SHA-256 without salt or stretching is enough, because the secrets are
160 random bits: there is nothing to guess.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from app.domain.field_limits import MAX_ID

PROJECT_TOKEN_PREFIX = "pio_live_"
INVITATION_PREFIX = "pio_invite_"
_PROJECT_TOKEN = re.compile(PROJECT_TOKEN_PREFIX + r"[0-9a-f]{40}")
_USER_TOKEN = re.compile(r"([1-9][0-9]{0,18})\|([0-9a-f]{40})")
_ANY_TOKEN = re.compile(r"(?:pio_[a-z]+_|[0-9]\|)[0-9a-f]{40}")
# The secret alone is enough to be careful with what is kept for ever.
_ANY_SECRET = re.compile(r"(?:pio_[a-z]+_|[0-9]+\|)?(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
# Beside letters and digits of any script; an address needs an at sign, or one that is encoded.
_SIGNS_IN_NAMES = frozenset(" .,:/()+-_\u200c\u200d")  # the last two join letters, or do not
_MASK = "[REDACTED]"


@dataclass(frozen=True)
class UserToken:
    """What a client sends as `Authorization: Bearer <id>|<secret>`."""

    id: int
    secret: str = field(repr=False)


def new_secret() -> str:
    """160 random bits as 40 lower-case hex digits."""
    return secrets.token_hex(20)


def new_project_token() -> str:
    return PROJECT_TOKEN_PREFIX + new_secret()


def new_invitation() -> str:
    """What an invited person hands in, once, to become a member."""
    return INVITATION_PREFIX + new_secret()


def is_project_token(text: str) -> bool:
    """Whether the text has a project token's form; a database look-up is not worth it otherwise."""
    return _PROJECT_TOKEN.fullmatch(text) is not None


def holds_token(text: str) -> bool:
    """Whether a token of any kind stands in the text, where somebody pasted it by mistake."""
    return _ANY_TOKEN.search(text) is not None


def without_secrets(value: Any) -> Any:
    """A value for JSON, with all that may be a token masked, also in nested keys and values."""
    if isinstance(value, str):
        return _ANY_SECRET.sub(_MASK, value)
    if isinstance(value, dict):
        return {name: without_secrets(each) for name, each in value.items()}
    return value


def token_preview(token: str) -> str:
    """What may be shown of a project token after its creation."""
    return token[: len(PROJECT_TOKEN_PREFIX) + 4] + "..."


def read_user_token(text: str) -> UserToken | None:
    """The parts of a bearer token, or None when it has not the form of one."""
    match = _USER_TOKEN.fullmatch(text)
    if match is None or int(match[1]) > MAX_ID:
        return None
    return UserToken(id=int(match[1]), secret=match[2])


def is_harmless_name(text: str) -> bool:
    """Whether a token may be called so: in these signs no address and no secret can be written.

    Names are shown to every member and stay in the audit, where a person's address would have to
    be found and taken out again.
    """
    return text != "" and all(map(_may_be_in_name, text)) and _ANY_SECRET.search(text) is None


def _may_be_in_name(character: str) -> bool:
    """Marks too, because in many scripts they are the vowels."""
    if character.isalnum() or character in _SIGNS_IN_NAMES:
        return True
    return unicodedata.category(character)[0] == "M"


def digest(secret: str) -> bytes:
    """SHA-256 of a token, 32 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def digests_match(one: bytes, other: bytes) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(one, other)

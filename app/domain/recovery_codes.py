"""One-time codes that stand in for a lost second factor.

80 random bits each, so that the bare SHA-256 that is stored cannot be undone by trying.
"""

import base64
import secrets

from app.domain import tokens

RECOVERY_CODES = 10
_CODE_BYTES = 10
_GROUP_CHARS = 4


def new_codes() -> list[str]:
    """Ten codes such as `k3ym-7pqa-x2dn-v4tc`."""
    return [_new_code() for _ in range(RECOVERY_CODES)]


def digest(code: str) -> bytes:
    """What is stored of a code, however its letters and groups were typed; 32 bytes."""
    return tokens.digest("".join(code.split()).replace("-", "").lower())


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    starts = range(0, len(text), _GROUP_CHARS)
    return "-".join(text[start : start + _GROUP_CHARS] for start in starts)

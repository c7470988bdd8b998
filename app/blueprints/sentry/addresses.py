"""The addresses of the dialect, and those that were meant to be one.

An SDK makes them from its DSN, `/api/{id}/envelope/`; the slash at the end is optional.
"""

import re

# Of what is not kept here, each with an address of its own.
UNSUPPORTED = ("minidump", "unreal", "playstation", "security", "integration")
_NEAR = re.compile(
    rf"/api/(?:[^/]+/(?:envelope|store|{'|'.join(UNSUPPORTED)})|embed)(?:/.*)?", re.DOTALL
)


def is_near(path: str) -> bool:
    """Whether it is one of them, or nearly."""
    return _NEAR.fullmatch(path) is not None

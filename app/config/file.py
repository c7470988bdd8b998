"""Reads a file of settings: what systemd's `EnvironmentFile=` takes too, one setting a line.

Not a shell script: nothing is expanded, so that a password may hold a `$` or a `#`.
"""

from collections.abc import Collection


def parse_settings(text: str, *, known: Collection[str]) -> dict[str, str]:
    """The values by name, without the empty ones.

    Raises ValueError with the number of a line that cannot be used; never with what it says, which
    may be a password.
    """
    given = {}
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if not line or line.startswith("#"):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            raise ValueError(f"line {number} is no NAME=value")
        if name not in known:
            raise ValueError(f"line {number} names no setting")
        if value := _unquoted(value).strip():
            given[name] = value
    return given


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value

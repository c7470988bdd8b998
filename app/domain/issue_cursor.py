"""Where a page of issues ends, and how an address writes it: `<microseconds since 1970>-<id>`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ISSUE_CURSOR_PATTERN = "([0-9]{1,17})-([0-9]{1,18})"

_FORM = re.compile(ISSUE_CURSOR_PATTERN)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class IssueCursor:
    """Lists are ordered by when an issue was last seen, then by id."""

    last_seen_at: datetime
    id: int


def write_issue_cursor(cursor: IssueCursor) -> str:
    return f"{(cursor.last_seen_at - _EPOCH) // _MICROSECOND}-{cursor.id}"


def read_issue_cursor(text: str) -> IssueCursor | None:
    """None for what no list has written."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    return IssueCursor(_EPOCH + int(match[1]) * _MICROSECOND, int(match[2]))

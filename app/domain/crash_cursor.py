"""Where a page of a day's crashes ends, and how an address writes it.

`<microseconds since 1970>-<session>-<event>`, with 0 for the one that is missing.
"""

import re
from datetime import UTC, datetime, timedelta

CRASH_CURSOR_PATTERN = "([0-9]{1,17})-([0-9]{1,18})-([0-9]{1,18})"

CrashCursor = tuple[datetime, int, int]

_FORM = re.compile(CRASH_CURSOR_PATTERN, re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def write_crash_cursor(cursor: CrashCursor) -> str:
    at, session_id, event_id = cursor
    return f"{(at - _EPOCH) // _MICROSECOND}-{session_id}-{event_id}"


def read_crash_cursor(text: str) -> CrashCursor | None:
    """None for what no list has written."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    return _EPOCH + int(match[1]) * _MICROSECOND, int(match[2]), int(match[3])

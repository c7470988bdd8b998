"""Where a page of releases ends, and how an address writes it.

`<day>-<microseconds since 1970>-<id>`, as in `20260507-1778174700000000-17`. The day comes first in
the order, too: it is the one by which a session counts, and only where the clocks of hosts disagree
about midnight is it another than that of the moment.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

RELEASE_CURSOR_PATTERN = "([0-9]{8})-([0-9]{1,17})-([0-9]{1,18})"

_FORM = re.compile(RELEASE_CURSOR_PATTERN, re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class ReleaseCursor:
    """Lists are ordered by the newest day of a release, its last session, and its id."""

    day: date
    last_seen_at: datetime
    release_id: int


def write_release_cursor(cursor: ReleaseCursor) -> str:
    moment = (cursor.last_seen_at - _EPOCH) // _MICROSECOND
    return f"{cursor.day:%Y%m%d}-{moment}-{cursor.release_id}"


def read_release_cursor(text: str) -> ReleaseCursor | None:
    """None for what no list has written."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    try:
        day = datetime.strptime(match[1], "%Y%m%d").date()
    except ValueError:
        return None
    return ReleaseCursor(day, _EPOCH + int(match[2]) * _MICROSECOND, int(match[3]))

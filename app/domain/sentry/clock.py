"""When things happened, by clocks of devices that may be wrong.

A device says what its clock shows as it sends. What differs from our clock by more than the way
takes is the error of its clock, and is put right in every time that it tells.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from app.domain.sentry.loose import number

_DRIFT_FROM = timedelta(minutes=5)
# Larger numbers are milliseconds: as seconds they would be of the year 5138.
_SECONDS_BELOW = 1e11
_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,12}))?\s?"
    r"(?P<zone>[Zz]|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d))?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_time(value: object) -> datetime | None:
    """Seconds since 1970, milliseconds, or RFC 3339; without a zone it is UTC. None for no time."""
    seconds = number(value)
    if seconds is not None:
        return _of_seconds(seconds / 1000 if seconds > _SECONDS_BELOW else seconds)
    found = _RFC_3339.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    microseconds = int((found[7] or "0")[:6].ljust(6, "0"))
    is_leap, second = second == 60, min(second, 59)
    try:
        zone = UTC if found["sign"] is None else timezone(_offset(found))
        told = datetime(year, month, day, hour, minute, second, microseconds, zone)
        told = told.astimezone(UTC) + timedelta(seconds=is_leap)
    except (ValueError, OverflowError):
        return None
    return told if told >= _EPOCH else None


@dataclass(frozen=True)
class DeviceClock:
    """`now` is ours, as the request arrives; `sent_at` is the device's, None if it told none."""

    now: datetime
    sent_at: datetime | None = None
    drift: timedelta = field(init=False)

    def __post_init__(self) -> None:
        drift = self.now - self.sent_at if self.sent_at is not None else timedelta()
        object.__setattr__(self, "drift", drift if abs(drift) > _DRIFT_FROM else timedelta())

    def time(self, value: object) -> datetime | None:
        """What a report tells, put right; never later than now. None for what is no time."""
        told = read_time(value)
        if told is None:
            return None
        try:
            return min(told + self.drift, self.now)
        except OverflowError:
            return self.now if self.drift > timedelta() else None


def _of_seconds(seconds: float) -> datetime | None:
    if seconds < 0:
        return None
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _offset(found: re.Match[str]) -> timedelta:
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return -offset if found["sign"] == "-" else offset

"""Times as the wire writes them: UTC, whole seconds, `Z`."""

from datetime import UTC, date, datetime, timedelta

# Hosts disagree by seconds; what is further ahead came under a wrong clock.
AHEAD_AT_MOST = timedelta(days=1)


def wire_time(moment: datetime | None) -> str | None:
    """`2026-05-07T17:25:00Z`; fractions of a second are cut, None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_now() -> datetime:
    """The clock of a running service; everything else takes the time as an argument."""
    return datetime.now(UTC)


def latest_day(now: datetime) -> date:
    """No session counts for a later day."""
    return (now + AHEAD_AT_MOST).astimezone(UTC).date()

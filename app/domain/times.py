"""Times as the wire writes them: UTC, whole seconds, `Z`."""

from datetime import UTC, datetime


def wire_time(moment: datetime | None) -> str | None:
    """`2026-05-07T17:25:00Z`; fractions of a second are cut, None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_now() -> datetime:
    """The clock of a running service; everything else takes the time as an argument."""
    return datetime.now(UTC)

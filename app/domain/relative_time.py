"""How long ago something was, in the words of a list: short, and rough on purpose.

The console's `time.js` says the same words again as a page stays open; change both.
"""

from datetime import UTC, datetime, timedelta

_JUST_NOW = timedelta(minutes=1)
_MINUTES = timedelta(hours=1)
_HOURS = timedelta(days=1)
_DAYS = timedelta(days=30)


def time_ago(moment: datetime, *, now: datetime) -> str:
    """`5 min ago`; a date when it is more than 30 days away. Clocks differ: the future is now."""
    age = now - moment
    if age < _JUST_NOW:
        return "just now"
    if age < _MINUTES:
        return f"{age // timedelta(minutes=1)} min ago"
    if age < _HOURS:
        return f"{age // timedelta(hours=1)} h ago"
    if age < _DAYS:
        days = age // timedelta(days=1)
        return "yesterday" if days == 1 else f"{days} days ago"
    return calendar_date(moment)


def calendar_date(moment: datetime) -> str:
    """`7 May 2026`, in UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y}"


def exact_time(moment: datetime) -> str:
    """`7 May 2026, 17:25 UTC`."""
    return f"{calendar_date(moment)}, {moment.astimezone(UTC):%H:%M} UTC"

"""How long ago something was, in words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.domain.relative_time import exact_time, time_ago

NOW = datetime(2026, 5, 7, 17, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(hours=-3), "just now"),
        (timedelta(0), "just now"),
        (timedelta(seconds=59.9), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=29, hours=23), "29 days ago"),
        (timedelta(days=30), "7 Apr 2026"),
        (timedelta(days=365), "7 May 2025"),
    ],
)
def test_age_in_words(age, words):
    assert time_ago(NOW - age, now=NOW) == words


def test_exact_time_is_in_utc():
    moment = datetime(2026, 5, 8, 1, 5, tzinfo=timezone(timedelta(hours=9)))
    assert exact_time(moment) == "7 May 2026, 16:05 UTC"

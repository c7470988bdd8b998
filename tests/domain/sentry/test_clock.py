"""Times as devices tell them, and clocks that are wrong."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry.clock import DeviceClock, read_time

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(time=times, zone=offsets)
def test_rfc_3339_is_read_in_every_zone(time, zone):
    assert read_time(time.astimezone(zone).isoformat()) == time


@given(time=times, decimals=st.integers(0, 9))
def test_any_number_of_decimals_is_read(time, decimals):
    fraction = f"{time:%f}000"[:decimals]
    shown = f"{time:%Y-%m-%dT%H:%M:%S}" + (f".{fraction}" if fraction else "")
    read = read_time(f"{shown}Z")
    assert read == time.replace(microsecond=int(fraction[:6].ljust(6, "0")))


@given(time=times, factor=st.sampled_from([1, 1000]), is_text=st.booleans())
def test_numbers_are_seconds_or_milliseconds(time, factor, is_text):
    time = max(time, datetime(1974, 1, 1, tzinfo=UTC))  # in milliseconds, these are large enough
    written = time.timestamp() * factor
    read = read_time(repr(written) if is_text else written)
    assert abs(read - time) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2026-11-30T02:18:42", datetime(2026, 11, 30, 2, 18, 42, tzinfo=UTC)),
        ("2026-11-30 02:18:42z", datetime(2026, 11, 30, 2, 18, 42, tzinfo=UTC)),
        ("2026-12-31T23:59:60Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-11-30T02:18:42+0100", datetime(2026, 11, 30, 1, 18, 42, tzinfo=UTC)),
    ],
)
def test_near_forms_are_read(value, time):
    assert read_time(value) == time


@pytest.mark.parametrize(
    "value",
    [None, "", "x", -1, float("nan"), float("inf"), 1e300, 10**400, "2026-13-01T00:00:00Z",
     "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00",
     "1969-12-31T23:59:59Z", "2026-11-30", "2026-11-30T02:18:42+99:00", True, [], {}],
)  # fmt: skip
def test_what_is_no_time_is_none(value):
    assert read_time(value) is None


@given(value=st.text() | st.floats() | st.integers() | st.from_regex(r"[\d:TZ+.\-]{19,30}"))
def test_no_value_is_a_surprise(value):
    read = DeviceClock(NOW, sent_at=NOW - timedelta(days=20_000)).time(value)
    assert read is None or read <= NOW


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24 * 365 * 56])
def test_wrong_clock_is_put_right(minutes):
    wrong_by = timedelta(minutes=minutes)
    clock = DeviceClock(NOW, sent_at=NOW - wrong_by)
    happened = NOW - timedelta(hours=1)
    assert clock.time((happened - wrong_by).isoformat()) == happened


@pytest.mark.parametrize("sent_at", [None, NOW - timedelta(minutes=4), NOW + timedelta(minutes=4)])
def test_what_the_way_takes_is_no_error_of_a_clock(sent_at):
    clock = DeviceClock(NOW, sent_at=sent_at)
    assert clock.time("2026-11-30T11:00:00Z") == NOW - timedelta(hours=1)


def test_nothing_happened_later_than_now():
    assert DeviceClock(NOW).time("2026-11-30T13:00:00Z") == NOW

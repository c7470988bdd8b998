from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from app.domain.times import utc_now, wire_time

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
)


def test_a_time_ends_in_z_and_has_whole_seconds():
    assert wire_time(datetime(2026, 5, 7, 17, 25, tzinfo=UTC)) == "2026-05-07T17:25:00Z"


def test_fractions_of_a_second_are_cut_not_rounded():
    moment = datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert wire_time(moment) == "2026-12-31T23:59:59Z"


def test_a_time_from_another_zone_is_told_in_utc():
    in_kathmandu = timezone(timedelta(hours=5, minutes=45))
    assert wire_time(datetime(2026, 1, 1, 1, 0, tzinfo=in_kathmandu)) == "2025-12-31T19:15:00Z"


def test_no_time_stays_none():
    assert wire_time(None) is None


@given(MOMENTS)
def test_a_time_read_back_is_the_same_second(moment):
    assert datetime.fromisoformat(wire_time(moment)) == moment.replace(microsecond=0)


def test_the_clock_knows_that_it_is_utc():
    assert utc_now().tzinfo is UTC

"""Where a page of issues ends, in an address."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.field_limits import MAX_ID
from app.domain.issue_cursor import IssueCursor, read_issue_cursor, write_issue_cursor

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(5000, 1, 1), timezones=st.just(UTC)
)


@given(MOMENTS, st.integers(1, MAX_ID // 10))
def test_what_was_written_is_read_again(last_seen_at, issue_id):
    cursor = IssueCursor(last_seen_at, issue_id)
    assert read_issue_cursor(write_issue_cursor(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "1-1 ", "a-1", "1" * 18 + "-1", "١-١"])
def test_nothing_else_is(text):
    assert read_issue_cursor(text) is None

"""Messages of sessions: which status they have here, when they began, and how long they lasted."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.losses import LossReason
from app.domain.sentry.clock import DeviceClock
from app.domain.sentry.sessions import LostSession, received_session
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from tests.domain.sentry.jsons import sessions

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SID = UUID("fb7f5da6-da21-4979-984d-90644e95b1e6")
MADE = bytes(range(16))


def read(*, clock=None, **told):
    clock = clock or DeviceClock(NOW)
    return received_session({"sid": str(SID), **told}, clock=clock, new_id=lambda: MADE)


def report(**told):
    return read(**told).report


@given(told=sessions, ahead=st.integers(-90, 90))
def test_any_object_is_a_session_or_lost(told, ahead):
    clock = DeviceClock(NOW, sent_at=NOW + timedelta(days=ahead))
    try:
        received = received_session(told, clock=clock, new_id=lambda: MADE)
    except LostSession as error:
        assert error.reason in (LossReason.INVALID, LossReason.TOO_OLD)
        return
    assert NOW - timedelta(days=30) <= received.started_at <= NOW
    assert received.report.release and received.report.environment
    assert received.report.duration_ms is None or received.report.duration_ms >= 0
    assert 0 <= received.report.errors < 2**31


@pytest.mark.parametrize(
    ("wire", "errors", "status", "has_ended", "has_unhandled"),
    [
        ("ok", 0, "ok", False, False),
        (None, 0, "ok", False, False),
        ("ok", 1, "errored", False, False),
        ("exited", 0, "exited", True, False),
        ("exited", 2, "errored", True, False),
        ("errored", 0, "errored", True, False),
        ("crashed", 1, "crashed", True, False),
        ("abnormal", 1, "abnormal", True, False),
        ("unhandled", 1, "errored", True, True),
        ("from the future", 0, "errored", True, False),
    ],
)
def test_status_is_that_of_the_dialect(wire, errors, status, has_ended, has_unhandled):
    told = report(status=wire, errors=errors)
    assert (told.status, told.errors) == (SessionStatus(status), errors)
    assert (told.has_ended, told.has_unhandled, told.rises) == (has_ended, has_unhandled, True)


@pytest.mark.parametrize("sid", [str(SID), SID.hex, str(SID).upper()])
def test_all_forms_of_an_id_are_one_session(sid):
    assert report(sid=sid).session_id == SID.bytes


@pytest.mark.parametrize("sid", [None, ""])
def test_session_that_is_over_may_have_no_id(sid):
    assert report(sid=sid, status="crashed").session_id == MADE


@pytest.mark.parametrize(
    ("sid", "status"), [(None, "ok"), (None, None), ("", "ok"), ("x", "exited"), (7, "exited")]
)
def test_session_that_cannot_be_told_from_others_is_invalid(sid, status):
    with pytest.raises(LostSession) as lost:
        read(sid=sid, status=status)
    assert lost.value.reason is LossReason.INVALID


@pytest.mark.parametrize(
    ("did", "key"),
    [("u-77", user_key("u-77")), (77, user_key("77")), ("", None), (str(UUID(int=0)), None)],
)
def test_user_is_known_by_a_key(did, key):
    assert report(did=did).user_key == key


@pytest.mark.parametrize(
    ("told", "started_at"),
    [
        ({"started": "2026-11-30T11:00:00Z"}, NOW - timedelta(hours=1)),
        ({"started": (NOW - timedelta(hours=1)).timestamp()}, NOW - timedelta(hours=1)),
        ({"timestamp": "2026-11-30T11:30:00Z"}, NOW - timedelta(minutes=30)),
        ({"started": "2026-12-24T00:00:00Z"}, NOW),
        ({"started": "yesterday"}, NOW),
        ({}, NOW),
    ],
)
def test_beginning_is_told_or_now(told, started_at):
    assert read(**told).started_at == started_at


def test_session_of_long_ago_is_too_old():
    assert read(started=(NOW - timedelta(days=30)).isoformat())
    with pytest.raises(LostSession) as lost:
        read(started=(NOW - timedelta(days=30, seconds=1)).isoformat())
    assert lost.value.reason is LossReason.TOO_OLD


def test_wrong_clock_is_put_right_before_a_session_is_too_old():
    clock = DeviceClock(NOW, sent_at=NOW - timedelta(days=400))
    started = NOW - timedelta(days=400, hours=1)
    assert read(clock=clock, started=started.isoformat()).started_at == NOW - timedelta(hours=1)


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(minutes=4), timedelta(days=9)])
@pytest.mark.parametrize(
    ("duration", "milliseconds"),
    [(0.18, 180), ("0.18", 180), (260, 260_000), (5000, 200_000), (0, 0), (-1, None), (None, None)],
)
def test_duration_is_in_seconds_and_no_longer_than_it_can_be(duration, milliseconds, ahead):
    told = {
        "started": (NOW + ahead - timedelta(seconds=200)).isoformat(),
        "timestamp": (NOW + ahead).isoformat(),
        "duration": duration,
    }
    assert report(**told).duration_ms == milliseconds


def test_duration_that_nothing_bounds_is_taken():
    assert report(duration=5000).duration_ms == 5_000_000
    assert report(duration=1e300).duration_ms is None


@pytest.mark.parametrize(
    ("attrs", "release", "environment"),
    [
        ({"release": "shop@1", "environment": "staging"}, "shop@1", "staging"),
        ({"release": " ", "environment": None}, "unknown", "production"),
        ({"release": "x" * 300}, "x" * 200, "production"),
        (None, "unknown", "production"),
        ([], "unknown", "production"),
    ],
)
def test_release_and_environment_may_be_missing(attrs, release, environment):
    told = report(attrs=attrs)
    assert (told.release, told.environment) == (release, environment)


@pytest.mark.parametrize(
    ("told", "kept"),
    [("anr_foreground", "anr_foreground"), ("x", None), (["x"], None), (None, None)],
)
def test_mechanism_of_an_abnormal_end_is_one_of_two(told, kept):
    assert read(abnormal_mechanism=told).report.abnormal_mechanism == kept

"""What a report of a session moves, whatever is stored already."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.session_moves import Seen, SessionReport, StoredSession, moves_of
from app.domain.session_status import SessionStatus
from app.domain.user_days import UserDays

NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)
TODAY = NOW.date()
OWN, IN_ALL = 7, 3
ANN = bytes(16)

days = st.integers(0, 3).map(lambda ago: TODAY - timedelta(days=ago))
user_days = st.builds(UserDays, days, st.none() | days)
stored_sessions = st.builds(
    StoredSession,
    id=st.just(1),
    status=st.sampled_from([str(status) for status in SessionStatus]),
    release_id=st.just(OWN),
    day=days,
    user_key=st.none() | st.just(ANN),
    duration_ms=st.none() | st.just(5),
)
anything_seen = st.builds(
    Seen,
    release_id=st.just(OWN),
    in_all_id=st.just(IN_ALL),
    users=st.dictionaries(st.sampled_from([OWN, IN_ALL]), user_days),
    session=st.none() | stored_sessions,
)


def reported(status="ok", *, user_key=ANN, duration_ms=None):
    return SessionReport(
        session_id=bytes(16),
        status=SessionStatus(status),
        release="1.0",
        environment="production",
        user_key=user_key,
        duration_ms=duration_ms,
    )


reports = st.builds(
    reported,
    st.sampled_from(SessionStatus),
    user_key=st.none() | st.just(ANN),
    duration_ms=st.none(),
)


def seen(*, session=None, users=None):
    return Seen(release_id=OWN, in_all_id=IN_ALL, users=users or {}, session=session)


def counted(moves):
    """The figures that are not nought, by release id and days ago."""
    return {
        (release_id, (TODAY - day).days): {name: n for name, n in figures.items() if n}
        for (release_id, day), figures in moves.figures.items()
    }


@given(report=reports, seen=anything_seen)
def test_rows_are_moved_in_the_order_of_locking(report, seen):
    moves = moves_of(report, seen, now=NOW)
    if moves:
        rows = [(day, release_id) for release_id, day in moves.figures]
        assert rows == sorted(rows)
        assert [user.release_id for user in moves.users] in ([], [IN_ALL, OWN])


@given(report=reports, seen=anything_seen)
def test_no_more_rows_move_than_the_statement_for_postgresql_has_room_for(report, seen):
    moves = moves_of(report, seen, now=NOW)
    if moves:
        assert len(moves.users) <= 2
        assert len(moves.figures) <= 6


@given(report=reports, seen=anything_seen)
def test_own_day_is_counted_in_both_scopes_or_in_none(report, seen):
    moves = moves_of(report, seen, now=NOW)
    own_day = [
        release_id for release_id, day in (moves.figures if moves else {}) if day == moves.day
    ]
    assert own_day in ([], [IN_ALL, OWN])


@given(report=reports, seen=anything_seen)
def test_statuses_add_up_to_one_session_more_or_to_the_same(report, seen):
    moves = moves_of(report, seen, now=NOW)
    if moves and moves.figures:
        for release_id in (OWN, IN_ALL):
            sessions = sum(
                figures[status]
                for (id_, _), figures in moves.figures.items()
                for status in SessionStatus
                if id_ == release_id
            )
            assert sessions == (1 if seen.session is None else 0)


@given(report=reports, seen=anything_seen)
def test_users_newest_days_go_from_one_day_to_another(report, seen):
    moves = moves_of(report, seen, now=NOW)
    for release_id, before, after in moves.users if moves else ():
        for name, old, new in (
            ("users_newest", before and before.newest, after.newest),
            ("users_newest_crashed", before and before.newest_crashed, after.newest_crashed),
        ):
            moved = {
                day: figures[name]
                for (id_, day), figures in moves.figures.items()
                if id_ == release_id and figures[name]
            }
            expected = {} if old == new else {new: 1} | ({old: -1} if old else {})
            assert moved == expected


def test_new_session_of_a_new_user():
    one = {"ok": 1, "users_active": 1, "users_newest": 1}
    moves = moves_of(reported(), seen(), now=NOW)
    assert counted(moves) == {(IN_ALL, 0): one, (OWN, 0): one}


def test_new_session_without_a_user():
    moves = moves_of(reported(user_key=None), seen(), now=NOW)
    assert counted(moves) == {(IN_ALL, 0): {"ok": 1}, (OWN, 0): {"ok": 1}}
    assert moves.users == ()


def test_new_session_of_a_user_whose_newest_was_yesterday():
    yesterday = UserDays(TODAY - timedelta(days=1), None)
    moves = moves_of(reported(), seen(users={OWN: yesterday, IN_ALL: yesterday}), now=NOW)
    arrived = {"ok": 1, "users_active": 1, "users_newest": 1}
    assert counted(moves) == {
        (IN_ALL, 1): {"users_newest": -1},
        (OWN, 1): {"users_newest": -1},
        (IN_ALL, 0): arrived,
        (OWN, 0): arrived,
    }


def test_session_of_a_user_who_is_ahead_of_the_clock_counts_on_their_day():
    tomorrow = UserDays(TODAY + timedelta(days=1), None)
    moves = moves_of(reported(), seen(users={OWN: tomorrow}), now=NOW)
    assert moves.day == tomorrow.newest


def test_end_of_a_session_moves_its_status_alone():
    opened = StoredSession(1, "ok", OWN, TODAY, ANN, None)
    moves = moves_of(reported("exited", duration_ms=5), seen(session=opened), now=NOW)
    ended = {"ok": -1, "exited": 1}
    assert counted(moves) == {(IN_ALL, 0): ended, (OWN, 0): ended}
    assert (moves.users, moves.duration_ms, moves.ended_at) == ((), 5, NOW)


@pytest.mark.parametrize("status", ["ok", "exited"])
def test_report_that_tells_nothing_new_moves_nothing(status):
    ended = StoredSession(1, "exited", OWN, TODAY, ANN, 5)
    assert moves_of(reported(status, duration_ms=6), seen(session=ended), now=NOW) is None


def test_duration_that_was_not_known_is_all_that_changes():
    ended = StoredSession(1, "exited", OWN, TODAY, ANN, None)
    moves = moves_of(reported("ok", duration_ms=6), seen(session=ended), now=NOW)
    assert (moves.status, moves.duration_ms, moves.ended_at) == ("exited", 6, None)
    assert (moves.users, moves.figures) == ((), {})

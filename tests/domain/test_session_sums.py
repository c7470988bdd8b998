"""Sessions that come as sums count as if each had been reported."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.session_moves import Seen, SessionReport, moves_of
from app.domain.session_status import SessionStatus
from app.domain.session_sums import SummedUser, moves_of_sums, summed
from app.domain.user_days import UserDays

NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)
TODAY = NOW.date()
OWN, IN_ALL = 7, 3

statuses = st.sampled_from(SessionStatus)
counters = st.dictionaries(statuses, st.integers(1, 3), max_size=3)
past_days = st.integers(0, 3).map(lambda ago: TODAY - timedelta(days=ago))
known = st.dictionaries(
    st.sampled_from([OWN, IN_ALL]), st.builds(UserDays, past_days, st.none() | past_days)
)
# By the key of a user, None for nobody: how their sessions went, and what is known of them.
buckets = st.dictionaries(
    st.none() | st.integers(1, 3).map(lambda n: bytes([n] * 16)), st.tuples(counters, known)
)


def seen(users):
    return Seen(release_id=OWN, in_all_id=IN_ALL, users=users, session=None)


def reported_one_by_one(sent):
    figures, users = Counter(), {}
    for key, (sessions, known_days) in sent.items():
        days = dict(known_days)
        for status in Counter(sessions).elements():
            report = SessionReport(
                session_id=bytes(16), status=status, release="1", environment="p", user_key=key
            )
            moves = moves_of(report, seen(days), now=NOW)
            days |= {move.release_id: move.after for move in moves.users}
            for (release_id, day), row in moves.figures.items():
                figures.update({(release_id, day, name): n for name, n in row.items()})
        if key is not None and sessions:
            users[key] = days
    return {where: n for where, n in figures.items() if n}, users


@given(sent=buckets)
def test_sums_move_what_single_reports_would(sent):
    moves = moves_of_sums(
        summed(sessions for sessions, _ in sent.values()),
        [
            SummedUser(key, seen(days), has_crashed=SessionStatus.CRASHED in sessions)
            for key, (sessions, days) in sent.items()
            if key is not None and sessions
        ],
        release_ids=(OWN, IN_ALL),
        day=TODAY,
    )
    figures = {
        (release_id, day, name): amount
        for (release_id, day), row in moves.figures.items()
        for name, amount in row.items()
        if amount
    }
    users = {
        key: {move.release_id: move.after for move in moved} for key, moved in moves.users.items()
    }
    assert (figures, users) == reported_one_by_one(sent)
    rows = [(day, release_id) for release_id, day in moves.figures]
    assert rows == sorted(rows)


def test_user_who_was_met_on_a_later_day_is_active_on_this_one():
    tomorrow = UserDays(TODAY + timedelta(days=1), None)
    user = SummedUser(bytes(16), seen({OWN: tomorrow, IN_ALL: tomorrow}), has_crashed=False)
    moves = moves_of_sums({SessionStatus.EXITED: 2}, [user], release_ids=(OWN, IN_ALL), day=TODAY)
    assert moves.figures[OWN, TODAY] == moves.figures[IN_ALL, TODAY]
    assert moves.figures[OWN, TODAY]["users_active"] == 1
    assert moves.figures[OWN, TODAY]["users_newest"] == 0

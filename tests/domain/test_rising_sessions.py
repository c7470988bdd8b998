"""Sessions whose reports may come in any order, and more than once: what counts is the worst."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.session_moves import Progress, Seen, SessionReport, StoredSession, moves_of
from app.domain.session_status import SessionStatus
from app.domain.user_days import UserDays

NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)
TODAY = NOW.date()
OWN, IN_ALL = 7, 3
ANN, BEN = bytes(16), bytes([1] * 16)


@dataclass
class Store:
    """What a database would hold of one session, and of the figures of its release."""

    session: StoredSession | None = None
    progress: Progress = Progress()
    ended_at: datetime | None = None
    users: dict = field(default_factory=dict)  # by user key, then release id
    figures: Counter = field(default_factory=Counter)
    active: frozenset = frozenset()  # days of ANN before

    def report(self, report, *, now=NOW):
        key = (self.session and self.session.user_key) or report.user_key
        seen = Seen(
            release_id=OWN,
            in_all_id=IN_ALL,
            users=dict(self.users.get(key, {})),
            session=self.session,
            active=self.active,
            progress=self.progress,
        )
        moves = moves_of(report, seen, now=now)
        if moves is None:
            return None
        known = self.session
        user_key = moves.user_key or (known and known.user_key)
        self.session = StoredSession(1, moves.status, OWN, moves.day, user_key, moves.duration_ms)
        self.ended_at = moves.ended_at or self.ended_at
        self.progress = Progress(
            moves.errors,
            moves.has_unhandled,
            self.ended_at is not None,
            moves.abnormal_mechanism,
        )
        for release_id, _, after in moves.users:
            self.users.setdefault(user_key, {})[release_id] = after
        for (release_id, day), figures in moves.figures.items():
            for name, amount in figures.items():
                self.figures[release_id, day, name] += amount
        return moves

    def told(self):
        figures = {key: amount for key, amount in self.figures.items() if amount}
        return self.session, self.progress, self.ended_at, self.users, figures


def reported(
    status="ok", *, errors=0, user_key=None, ms=None, unhandled=False, ended=None, hung=None
):
    return SessionReport(
        session_id=bytes(16),
        status=SessionStatus(status),
        release="1.0",
        environment="production",
        user_key=user_key,
        duration_ms=ms,
        rises=True,
        has_ended=(status != "ok") if ended is None else ended,
        errors=errors,
        has_unhandled=unhandled,
        abnormal_mechanism=hung,
    )


reports = st.builds(
    reported,
    st.sampled_from(SessionStatus),
    errors=st.integers(0, 3),
    user_key=st.none() | st.just(ANN),
    ms=st.none() | st.integers(0, 9),
    unhandled=st.booleans(),
    ended=st.booleans(),
    hung=st.sampled_from([None, "anr_background", "anr_foreground"]),
)
days = st.integers(-1, 3).map(lambda ago: TODAY - timedelta(days=ago))
known_users = st.dictionaries(
    st.sampled_from([OWN, IN_ALL]), st.builds(UserDays, days, st.none() | days), max_size=2
)


@given(sent=st.lists(reports, min_size=1, max_size=5), data=st.data(), known=known_users)
def test_order_and_repetition_of_reports_do_not_matter(sent, data, known):
    # Of a user who was met on a later day, the day of a new session moves; here it has its day.
    known = {id_: user for id_, user in known.items() if user.newest <= TODAY}
    shuffled = data.draw(st.permutations(sent))
    repeated = [*shuffled, *data.draw(st.lists(st.sampled_from(sent), max_size=3))]
    stores = []
    for order in (sent, repeated):
        store = Store(users={ANN: dict(known)})
        for report in order:
            store.report(report)
        stores.append(store.told())
    assert stores[0] == stores[1]


@given(sent=st.lists(reports, min_size=1, max_size=6))
def test_what_is_stored_is_the_worst_and_the_most_of_all_reports(sent):
    store = Store()
    for report in sent:
        store.report(report)
    durations = [report.duration_ms for report in sent if report.duration_ms is not None]
    order = list(SessionStatus)
    assert store.session.status == max((r.status for r in sent), key=order.index)
    assert store.session.duration_ms == max(durations, default=None)
    assert store.session.user_key == (ANN if any(r.user_key for r in sent) else None)
    assert store.progress == Progress(
        max(report.errors for report in sent),
        any(report.has_unhandled for report in sent),
        any(report.has_ended for report in sent),
        max((r.abnormal_mechanism or "" for r in sent)) or None,
    )


@given(sent=st.lists(reports, min_size=1, max_size=6))
def test_figures_are_those_of_one_session_and_of_at_most_one_user(sent):
    store = Store()
    for report in sent:
        store.report(report)
    for release_id in (OWN, IN_ALL):
        of_release = {
            name: amount
            for (id_, _, name), amount in store.figures.items()
            if id_ == release_id and amount
        }
        is_known, status = store.session.user_key is not None, store.session.status
        users = {"users_active": 1, "users_newest": 1} if is_known else {}
        if is_known and status == "crashed":
            users["users_newest_crashed"] = 1
        unhandled = {"unhandled": 1} if store.progress.has_unhandled else {}
        assert of_release == {str(status): 1, **users, **unhandled}


@given(sent=st.lists(reports, min_size=1, max_size=4), last=reports)
def test_report_that_tells_nothing_new_moves_nothing(sent, last):
    store = Store()
    for report in [*sent, last]:
        store.report(report)
    assert store.report(last) is None


def test_session_with_errors_that_goes_on_has_no_end_until_it_ends():
    store = Store()
    store.report(reported("errored", errors=1, ended=False))
    assert (store.session.status, store.ended_at) == ("errored", None)
    later = NOW + timedelta(minutes=5)
    store.report(reported("exited", errors=1, ms=50_400), now=later)
    assert (store.session.status, store.session.duration_ms) == ("errored", 50_400)
    assert store.ended_at == later


def test_end_that_is_known_stays():
    store = Store()
    store.report(reported("exited"))
    store.report(reported("crashed"), now=NOW + timedelta(minutes=5))
    assert (store.session.status, store.ended_at) == ("crashed", NOW)


@pytest.mark.parametrize("status", ["ok", "crashed"])
def test_user_who_is_told_late_counts_as_if_told_at_once(status):
    late, at_once = Store(), Store()
    for report in (reported(), reported(status, user_key=ANN)):
        late.report(report)
    for report in (reported(user_key=ANN), reported(status, user_key=ANN)):
        at_once.report(report)
    assert late.told() == at_once.told()


def test_first_user_of_a_session_stays():
    store = Store()
    store.report(reported(user_key=ANN))
    store.report(reported("crashed", user_key=BEN))
    assert store.session.user_key == ANN
    assert set(store.users) == {ANN}


def test_user_who_is_told_late_and_was_met_since_counts_on_the_day_of_the_session():
    tomorrow = UserDays(TODAY + timedelta(days=1), None)
    store = Store()
    store.report(reported())
    store.users[ANN] = {OWN: tomorrow, IN_ALL: tomorrow}
    store.report(reported(user_key=ANN))
    assert store.users[ANN] == {OWN: tomorrow, IN_ALL: tomorrow}
    assert store.figures[OWN, TODAY, "users_active"] == 1
    assert store.figures[OWN, TODAY, "users_newest"] == 0


def test_user_who_is_told_late_and_was_there_that_day_counts_once():
    tomorrow = UserDays(TODAY + timedelta(days=1), None)
    store = Store(active=frozenset((OWN, IN_ALL)))
    store.report(reported())
    store.users[ANN] = {OWN: tomorrow, IN_ALL: tomorrow}
    store.report(reported(user_key=ANN))
    assert store.figures[OWN, TODAY, "users_active"] == 0


@given(sent=st.lists(reports, min_size=1, max_size=5))
def test_no_more_rows_move_than_the_statement_for_postgresql_has_room_for(sent):
    yesterday = UserDays(TODAY - timedelta(days=1), TODAY - timedelta(days=2))
    store = Store(users={ANN: {OWN: yesterday, IN_ALL: yesterday}})
    for report in sent:
        moves = store.report(report)
        assert moves is None or (len(moves.users) <= 2 and len(moves.figures) <= 6)


@given(first=reports, then=reports)
def test_report_that_does_not_rise_keeps_what_only_rises(first, then):
    store = Store()
    store.report(first)
    before = store.progress
    fixed = replace(then, rises=False, has_ended=None, errors=0, has_unhandled=False)
    store.report(fixed)
    assert store.progress._replace(has_ended=None) == before._replace(has_ended=None)

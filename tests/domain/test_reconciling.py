"""Which event tells of which session: as many as can be, each of them once, whatever came first."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.crash_reasons import Kept
from app.domain.crashes import NEAR, CrashedSession, Crashes, FatalEvent, NoEvent, NoSession, TiedBy
from app.domain.reconciling import Around, Day, reconcile, tie
from app.domain.user_key import key_of_erased, user_key
from tests.domain.growth import grows_linearly

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 5, 7, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


def session(number=1, *, user="ann", minutes=0.0, at=None):
    return CrashedSession(
        id=number,
        session_id=number.to_bytes(16),
        user_key=user_key(user) if user else None,
        at=at or NOON + timedelta(minutes=minutes),
    )


def event(number=1, *, user="ann", minutes=0.0, at=None, names=None, **told):
    return FatalEvent(
        id=number,
        issue_id=1,
        user_key=user_key(user) if user else None,
        at=at or NOON + timedelta(minutes=minutes),
        session_id=None if names is None else names.to_bytes(16),
        names_crashed=names is not None,
        **told,
    )


def day_of(crashes, begin=MIDNIGHT):
    def is_of_day(each):
        return begin <= each.at < begin + ONE_DAY

    of_day = Crashes(
        list(filter(is_of_day, crashes.sessions)), list(filter(is_of_day, crashes.events))
    )
    return Day(begin, begin + ONE_DAY, of_day)


def reconciled(sessions=(), events=(), *, begin=MIDNIGHT, **kept):
    crashes = Crashes(sessions, events)
    around = Around(
        before=day_of(crashes, begin - ONE_DAY).left_near(begin),
        after=day_of(crashes, begin + ONE_DAY).left_near(begin + ONE_DAY),
    )
    return reconcile(day_of(crashes, begin), around, Kept(**kept))


def only(ties):
    [one] = ties
    return one


class TestTying:
    def test_an_event_of_the_user_within_minutes_tells_of_the_session(self):
        one = only(reconciled([session()], [event(minutes=3)]))
        assert (one.tied_by, one.reason) == (TiedBy.USER, None)

    def test_an_event_that_names_the_session_tells_of_it_whoever_and_whenever(self):
        one = only(reconciled([session(7)], [event(user=None, minutes=300, names=7)]))
        assert one.tied_by is TiedBy.ID

    def test_an_event_that_names_a_session_is_tied_to_no_other(self):
        ties = reconciled([session(7)], [event(names=8)])
        assert [one.tied_by for one in ties] == [None, None]

    def test_a_session_that_is_named_is_left_to_the_event_that_names_it(self):
        ties = reconciled([session(7)], [event(1), event(2, minutes=5, names=7)])
        assert {one.event.id: one.tied_by for one in ties} == {1: None, 2: TiedBy.ID}

    def test_the_nearest_one_is_left_where_it_is_the_only_one_of_another(self):
        ties = reconciled(
            [session(1, minutes=0), session(2, minutes=8)],
            [event(1, minutes=7), event(2, minutes=15)],
        )
        assert [(one.session.id, one.event.id) for one in ties] == [(1, 1), (2, 2)]

    def test_nobody_is_not_one_user(self):
        ties = reconciled([session(user=None)], [event(user=None)])
        assert [one.reason for one in ties] == [NoSession.NO_USER, NoEvent.NO_USER]

    def test_so_many_minutes_are_near_and_no_more(self):
        apart = NEAR + timedelta(microseconds=1)
        assert len(reconciled([session()], [event(at=NOON + NEAR)])) == 1
        assert len(reconciled([session()], [event(at=NOON + apart)])) == 2


class TestOverMidnight:
    LATE, EARLY = MIDNIGHT - timedelta(seconds=1), MIDNIGHT + timedelta(seconds=1)

    @pytest.mark.parametrize(("of_session", "of_event"), [(LATE, EARLY), (EARLY, LATE)])
    def test_a_crash_is_listed_once_on_the_day_of_its_session(self, of_session, of_event):
        crashes = [session(at=of_session)], [event(at=of_event)]
        days = [reconciled(*crashes, begin=begin) for begin in (MIDNIGHT - ONE_DAY, MIDNIGHT)]
        assert [len(ties) for ties in days] == [of_session < MIDNIGHT, of_session >= MIDNIGHT]
        assert only(chain(*days)).tied_by is TiedBy.USER

    def test_what_ties_on_its_own_day_is_left_there(self):
        sessions = [session(1, at=self.LATE), session(2, at=self.EARLY)]
        ties = reconciled(sessions, [event(at=self.EARLY)])
        assert [(one.session.id, one.tied_by) for one in ties] == [(2, TiedBy.USER)]


class TestReasons:
    @pytest.mark.parametrize(
        ("ours", "others", "reason"),
        [
            (session(user=None), [], NoEvent.NO_USER),
            (replace(session(), user_key=key_of_erased()), [], NoEvent.ERASED),
            (session(2, minutes=1), [session(1), event(minutes=0)], NoEvent.SHARED),
            (session(), [event(minutes=300)], NoEvent.OTHER_TIME),
            (session(), [event(user="bob")], NoEvent.NONE_OF_USER),
        ],
    )
    def test_of_a_session_without_an_event(self, ours, others, reason):
        sessions = [ours, *(each for each in others if isinstance(each, CrashedSession))]
        events = [each for each in others if isinstance(each, FatalEvent)]
        [found] = [one for one in reconciled(sessions, events) if one.session == ours]
        assert found.reason is reason

    @pytest.mark.parametrize(
        ("ours", "others", "reason"),
        [
            (event(user=None, has_content=False), [], NoSession.NO_CONTENT),
            (event(user=None), [], NoSession.NO_USER),
            (event(user=None, hides_user=True), [], NoSession.HIDDEN_USER),
            (event(user=None, is_handled=True), [], NoSession.HANDLED),
            (event(is_handled=True), [session(minutes=300)], NoSession.HANDLED),
            (event(2, minutes=1), [session(), event(1)], NoSession.TOLD_TWICE),
            (event(2, names=1), [session(1), event(1, names=1)], NoSession.TOLD_TWICE),
            (replace(event(names=1), names_crashed=False), [], NoSession.NOT_CRASHED),
            (event(names=1), [], NoSession.ELSEWHERE),
            (event(), [session(minutes=300)], NoSession.OTHER_TIME),
            (event(), [session(user="bob")], NoSession.NONE_OF_USER),
        ],
    )
    def test_of_an_event_without_a_session(self, ours, others, reason):
        sessions = [each for each in others if isinstance(each, CrashedSession)]
        events = [ours, *(each for each in others if isinstance(each, FatalEvent))]
        [found] = [one for one in reconciled(sessions, events) if one.event == ours]
        assert found.reason is reason

    def test_what_is_older_than_the_other_side_is_kept_may_be_gone(self):
        kept = {"sessions_from": NOON + NEAR, "events_from": NOON + NEAR}
        ties = reconciled([session(user="bob")], [event()], **kept)
        assert {one.reason for one in ties} == {NoEvent.EVENTS_GONE, NoSession.SESSIONS_GONE}


users = st.sampled_from([None, "ann", "bob"])
# About two midnights, and dense enough that many are near to several.
moments = st.tuples(st.sampled_from([0, 0, 24 * 60, 12 * 60]), st.integers(-25, 25)).map(
    lambda when: MIDNIGHT + timedelta(minutes=when[0] + when[1])
)


@st.composite
def worlds(draw):
    sessions = [
        session(number, user=draw(users), at=draw(moments))
        for number in range(1, 1 + draw(st.integers(0, 8)))
    ]
    events = [
        event(
            number,
            user=draw(users),
            at=draw(moments),
            names=draw(st.none() | st.none() | st.integers(1, 9)),
        )
        for number in range(1, 1 + draw(st.integers(0, 8)))
    ]
    return sessions, events


def most_that_can_be_tied(sessions, events):
    """By augmenting paths: knows nothing of any order."""
    taken = {}

    def place(one, seen):
        for other in events:
            is_free = other.id not in seen
            if is_free and one.user_key == other.user_key and abs(one.at - other.at) <= NEAR:
                seen.add(other.id)
                if other.id not in taken or place(taken[other.id], seen):
                    taken[other.id] = one
                    return True
        return False

    return sum(place(one, set()) for one in sessions if one.user_key is not None)


@given(world=worlds())
def test_as_many_of_one_day_are_tied_as_can_be(world):
    sessions, events = world
    pairs = tie(Crashes(sessions, events))
    named = {each.session_id for each in events if each.session_id}
    by_id = [each.session for each in pairs if each.tied_by is TiedBy.ID]
    assert {each.session_id for each in by_id} == named & {each.session_id for each in sessions}
    left = [each for each in sessions if each not in by_id]
    others = [each for each in events if each.session_id is None]
    assert len(pairs) - len(by_id) == most_that_can_be_tied(left, others)


@given(world=worlds(), random=st.randoms())
def test_whatever_order_they_came_in_each_crash_is_listed_once_over_all_days(world, random):
    sessions, events = world

    def listed():
        days = (MIDNIGHT + number * ONE_DAY for number in range(-1, 3))
        return [one for begin in days for one in reconciled(sessions, events, begin=begin)]

    ties = listed()
    assert Counter(one.session for one in ties if one.session) == Counter(sessions)
    assert Counter(one.event for one in ties if one.event) == Counter(events)
    random.shuffle(sessions)
    random.shuffle(events)
    assert listed() == ties
    for one in ties:
        assert (one.tied_by is None) == (one.session is None or one.event is None)
        assert (one.reason is None) == (one.tied_by is not None)
        if one.tied_by is TiedBy.USER:
            assert one.session.user_key == one.event.user_key is not None
            assert abs(one.session.at - one.event.at) <= NEAR


def test_reasons_of_a_day_of_one_user_take_time_in_proportion_to_its_crashes():
    def tell_why(crashes: tuple) -> None:
        reconciled(*crashes)

    def crashes_of(chars: int) -> tuple:
        """None is near another."""
        count = chars // 50
        sessions = [session(each, minutes=-700 + each / count) for each in range(count)]
        return sessions, [event(each, minutes=600 + each / count) for each in range(count)]

    assert grows_linearly(tell_why, crashes_of)


@given(st.lists(st.integers(-40, 40), max_size=12), st.lists(st.integers(-40, 40), max_size=12))
def test_a_crash_is_shared_or_told_twice_only_where_another_is_within_minutes(ours, theirs):
    sessions = [session(number, minutes=at) for number, at in enumerate(ours, 1)]
    events = [event(number, minutes=at) for number, at in enumerate(theirs, 1)]
    for each in reconciled(sessions, events):
        others = events if each.session else sessions
        is_near = any(abs(other.at - each.at) <= NEAR for other in others)
        if each.reason is not None:
            assert is_near == (each.reason in (NoEvent.SHARED, NoSession.TOLD_TWICE))

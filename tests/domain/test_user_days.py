"""A window's sum over its days is the number of distinct users, whatever came in whatever order."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.user_days import Change, UserDays, see

FIRST_DAY = date(2026, 4, 1)
MONDAY, TUESDAY, FRIDAY = date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 8)

# A new session (how many days after the last one, by whom, crashed at once?), or the crash of an
# older session (which of those so far).
opened = st.tuples(st.just("opened"), st.integers(0, 4), st.sampled_from("abc"), st.booleans())
crashed_late = st.tuples(st.just("crashed late"), st.integers(0, 1000))
histories = st.lists(opened | crashed_late, max_size=40)


@dataclass
class KeptAndPlain:
    """The kept figures beside every session, of which they must be a summary."""

    users: dict[str, UserDays] = field(default_factory=dict)
    figures: Counter[tuple[date, str]] = field(default_factory=Counter)
    sessions: list[list] = field(default_factory=list)  # [day, user, crashed]

    def play(self, history):
        day = FIRST_DAY
        for kind, *details in history:
            if kind == "opened":
                days_later, user, crashed = details
                day += timedelta(days=days_later)
                self.sessions.append([day, user, crashed])
                self._see(user, day, crashed)
            elif self.sessions:
                session = self.sessions[details[0] % len(self.sessions)]
                if not session[2]:
                    session[2] = True
                    self._see(session[1], session[0], True)

    def _see(self, user, day, crashed):
        self.users[user], changes = see(self.users.get(user), day=day, crashed=crashed)
        for change in changes:
            self.figures[change.day, change.column] += change.amount

    def kept(self, column, first_day):
        return sum(
            count
            for (day, name), count in self.figures.items()
            if name == column and day >= first_day
        )

    def plain(self, first_day, *, crashed_only=False):
        return len(
            {
                user
                for day, user, crashed in self.sessions
                if day >= first_day and (crashed or not crashed_only)
            }
        )


# From before the first session to after the last one possible.
WINDOWS = [FIRST_DAY + timedelta(days=number) for number in range(-1, 162)]


@given(histories)
def test_sum_over_a_window_is_its_distinct_users(history):
    both = KeptAndPlain()
    both.play(history)
    assert [both.kept("users_newest", first) for first in WINDOWS] == [
        both.plain(first) for first in WINDOWS
    ]


@given(histories)
def test_sum_over_a_window_is_its_distinct_users_with_a_crash(history):
    both = KeptAndPlain()
    both.play(history)
    assert [both.kept("users_newest_crashed", first) for first in WINDOWS] == [
        both.plain(first, crashed_only=True) for first in WINDOWS
    ]


@given(histories)
def test_active_users_of_each_day_are_those_with_a_session_that_day(history):
    both = KeptAndPlain()
    both.play(history)
    seen = {(day, user) for day, user, _ in both.sessions}
    active = {day: n for (day, column), n in both.figures.items() if column == "users_active"}
    assert active == Counter(day for day, _ in seen)


@given(histories)
def test_no_figure_ever_falls_below_zero(history):
    both = KeptAndPlain()
    both.play(history)
    assert min(both.figures.values(), default=0) >= 0


@pytest.mark.parametrize(
    ("known", "day", "crashed", "expected"),
    [
        (None, MONDAY, False, [(MONDAY, "users_newest", 1), (MONDAY, "users_active", 1)]),
        (UserDays(MONDAY, None), MONDAY, False, []),
        (
            UserDays(MONDAY, None),
            TUESDAY,
            False,
            [
                (MONDAY, "users_newest", -1),
                (TUESDAY, "users_newest", 1),
                (TUESDAY, "users_active", 1),
            ],
        ),
        (UserDays(MONDAY, None), MONDAY, True, [(MONDAY, "users_newest_crashed", 1)]),
        (UserDays(MONDAY, MONDAY), MONDAY, True, []),
        (UserDays(FRIDAY, TUESDAY), MONDAY, True, []),
        (
            UserDays(FRIDAY, MONDAY),
            TUESDAY,
            True,
            [(MONDAY, "users_newest_crashed", -1), (TUESDAY, "users_newest_crashed", 1)],
        ),
    ],
    ids=[
        "first session ever",
        "second session of a day",
        "back on another day",
        "first crash",
        "second crash of a day",
        "late crash before a newer one",
        "late crash after an older one",
    ],
)
def test_changes_are_these_and_no_others(known, day, crashed, expected):
    _, changes = see(known, day=day, crashed=crashed)
    assert changes == [Change(*each) for each in expected]


def test_late_crash_does_not_make_the_user_newer_or_older():
    user, _ = see(UserDays(FRIDAY, None), day=MONDAY, crashed=True)
    assert user == UserDays(newest=FRIDAY, newest_crashed=MONDAY)

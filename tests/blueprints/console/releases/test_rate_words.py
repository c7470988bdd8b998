"""Rates, durations and days in words."""

from datetime import date

import pytest

from app.blueprints.console.releases.rate_words import (
    RateWords,
    adoption_in_words,
    counted,
    lasting,
    percent,
    trend_in_words,
)
from app.domain.rates import Tally
from app.domain.release_health import DayHealth


def plain(text):
    """With blanks that break, to be read in a test."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def day(number, **figures):
    return DayHealth(day=date(2026, 5, number), **{"project_sessions": 10, **figures})


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (None, "–"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.9999, "99.99 %"),
        (0.0001, "0.01 %"),
        (0.5, "50.00 %"),
        (0.9871, "98.71 %"),
    ],
)
def test_rate_is_shown_with_all_that_is_known_of_it(rate, shown):
    assert plain(percent(rate)) == shown


def test_rate_is_told_with_its_sample_and_its_interval():
    words = RateWords("user", Tally(412, 2))
    assert plain(f"{words.number} {words.sample}; {words.range}") == (
        "99.51 % of 412 users; 98.25–99.87 % (95 % interval)"
    )


def test_rate_of_nothing_has_no_number():
    users, sessions = RateWords("user", Tally(0, 0)), RateWords("session", Tally(0, 0))
    assert (users.number, users.sample, users.range) == ("–", "no session named a user", None)
    assert (sessions.number, sessions.sample) == ("–", "no session")
    assert (users.band, users.is_unsure, users.whisker) == ("unknown", False, None)


@pytest.mark.parametrize(
    ("tally", "label"),
    [
        (Tally(10_000, 50), "good"),
        (Tally(10_000, 100), "looks good, too few sessions to be certain"),
        (Tally(10_000, 101), "looks fair, too few sessions to be certain"),
        (Tally(10_000, 300), "fair"),
        (Tally(10_000, 500), "looks fair, too few sessions to be certain"),
        (Tally(10_000, 501), "looks poor, too few sessions to be certain"),
        (Tally(10_000, 800), "poor"),
        (Tally(1, 0), "looks good, too few sessions to be certain"),
        (Tally(3, 3), "poor"),
    ],
)
def test_colour_has_a_word_and_says_when_it_is_not_sure(tally, label):
    assert RateWords("session", tally).label == label


@pytest.mark.parametrize(
    ("duration_ms", "shown"),
    [
        (None, "–"),
        (0, "0 ms"),
        (999, "999 ms"),
        (1000, "1 s"),
        (59_999, "59 s"),
        (60_000, "1 min 0 s"),
        (200_500, "3 min 20 s"),
        (3_600_000, "1 h 0 min"),
        (7_500_000, "2 h 5 min"),
    ],
)
def test_duration_is_told_in_its_two_largest_units(duration_ms, shown):
    assert lasting(duration_ms) == shown


def test_one_is_counted_in_the_singular():
    assert [counted(n, "user") for n in (0, 1, 1240)] == ["0 users", "1 user", "1,240 users"]


class TestTrend:
    def test_names_the_worst_and_the_last_day(self):
        days = [day(4, ok=9, crashed=1), day(5), day(6, ok=3, crashed=1), day(7, ok=2)]
        assert plain(trend_in_words(days)) == (
            "Sessions on 3 of 4 days; lowest 75.00 % of 4 sessions on 6 May, last 100 % on 7 May."
        )

    def test_of_no_sessions_says_so(self):
        assert trend_in_words([day(4), day(5)]) == "No session on any of these days."


class TestAdoption:
    def test_names_the_highest_and_the_last_day(self):
        days = [day(4, ok=5), day(5, ok=1), day(6, project_sessions=0)]
        assert plain(adoption_in_words(days)) == (
            "Share of the project's sessions: highest 50.00 % on 4 May, last 10.00 % on 5 May."
        )

    def test_of_no_sessions_says_so(self):
        days = [day(4, project_sessions=0)]
        assert adoption_in_words(days) == "No session of any release on any of these days."

"""What a release-health report counts, and in which window."""

from datetime import date

import pytest

from app.domain.rates import Tally
from app.domain.release_health import Window

NOT_CRASHES = ("ok", "exited", "errored", "abnormal")


class TestReport:
    def test_every_status_has_a_figure_of_its_own(self, record, health):
        for count, status in enumerate((*NOT_CRASHES, "crashed"), start=1):
            for _ in range(count):
                record(status)
        row = health()["1.0"]
        assert (
            row.sessions_ok,
            row.sessions_exited,
            row.sessions_errored,
            row.sessions_abnormal,
            row.sessions_crashed,
            row.sessions_total,
        ) == (1, 2, 3, 4, 5, 15)

    @pytest.mark.parametrize("status", NOT_CRASHES)
    def test_only_crashed_is_a_crash(self, record, health, status):
        record(status, user="ann")
        row = health()["1.0"]
        assert (row.crash_free_sessions, row.crash_free_users) == (1.0, 1.0)

    def test_one_crash_in_five_sessions_makes_one_crashed_user(self, record, health):
        for status in ("ok", "ok", "crashed", "ok", "exited"):
            record(status, user="ann")
        row = health()["1.0"]
        assert (row.sessions, row.users) == (Tally(5, 1), Tally(1, 1))

    def test_sessions_without_a_user_count_in_no_user_figure(self, record, health):
        record("crashed")
        row = health()["1.0"]
        assert (row.sessions, row.users) == (Tally(1, 1), Tally(0, 0))
        assert row.crash_free_users is row.crash_free_users_interval is None

    def test_user_of_two_environments_is_one_user_of_all(self, record, health):
        record("crashed", user="ann", environment="staging")
        record("crashed", user="ann", environment="production")
        assert health()["1.0"].users == Tally(1, 1)
        assert health()["1.0"].sessions == Tally(2, 2)

    def test_environment_narrows_to_its_sessions_and_users(self, record, health):
        record("crashed", user="ann", environment="staging")
        record("ok", user="ann", environment="production")
        assert health(environment="production")["1.0"].users == Tally(1, 0)
        assert health(environment="staging")["1.0"].sessions == Tally(1, 1)
        assert health(environment="test") == {}

    def test_user_of_two_releases_is_one_user_of_each(self, record, health):
        record(user="ann", release="1.0")
        record("crashed", user="ann", release="2.0")
        assert {name: row.users for name, row in health().items()} == {
            "1.0": Tally(1, 0),
            "2.0": Tally(1, 1),
        }

    def test_user_of_two_days_is_one_user(self, record, health, clock):
        record("crashed", user="ann")
        clock.advance(days=1)
        record("ok", user="ann")
        assert health()["1.0"].users == Tally(1, 1)

    def test_crash_leaves_the_window_before_the_user_does(self, record, health, clock):
        record("crashed", user="ann")
        clock.advance(days=1)
        record("ok", user="ann")
        assert health(days=1)["1.0"].users == Tally(1, 0)

    def test_other_projects_do_not_count(self, record, health, make_project):
        other = make_project("Another")
        record(user="ann")
        record(user="bob", project_id=other.id, release="2.0")
        assert list(health()) == ["1.0"]
        assert health(project_id=other.id)["2.0"].users == Tally(1, 0)

    def test_release_seen_last_comes_first(self, record, health, clock):
        for release in ("b", "a", "c", "a"):
            record(release=release)
            clock.advance(seconds=1)
        record("crashed", number=1, release="d")
        clock.advance(seconds=1)
        record("crashed", release="b")
        assert list(health()) == ["b", "d", "a", "c"]

    def test_flip_does_not_make_a_release_seen_later(self, record, health, clock):
        opened_at = clock()
        record("ok", number=1)
        clock.advance(hours=1)
        record("crashed", number=1)
        assert (health()["1.0"].first_seen_at, health()["1.0"].last_seen_at) == (
            opened_at,
            opened_at,
        )

    def test_first_and_last_seen_are_those_of_the_window(self, record, health, clock):
        record()
        clock.advance(days=5)
        first = clock()
        record()
        clock.advance(days=5)
        record()
        row = health(days=6)["1.0"]
        assert (row.first_seen_at, row.last_seen_at) == (first, clock())

    def test_release_asked_for_is_alone(self, record, health):
        record(release="1.0")
        record(release="1.0.1")
        assert list(health(release="1.0")) == ["1.0"]

    def test_verdict_is_of_the_users_when_there_are_any(self, record, health):
        for _ in range(400):
            record("exited")
        assert health()["1.0"].verdict == "good"
        record("exited", user="ann")
        assert health()["1.0"].verdict == "undecided"


class TestWindow:
    @pytest.mark.parametrize("days", [1, 2, 14, 90])
    def test_last_days_count_today_included(self, record, health, clock, days):
        clock.time = clock.time.replace(hour=0, minute=0, second=0)
        record(user="ann")
        clock.advance(days=days, microseconds=-1)  # the last moment of the last day
        assert health(days=days)["1.0"].users == Tally(1, 0)
        clock.advance(microseconds=1)
        assert health(days=days) == {}

    def test_days_are_14_when_not_said(self, record, health, clock):
        record()
        clock.advance(days=13)
        assert list(health()) == ["1.0"]
        clock.advance(days=1)
        assert health() == {}

    def test_session_counts_by_its_first_report(self, record, health, clock):
        record("ok", number=1)
        clock.advance(days=14)
        record("crashed", number=1)
        assert health() == {}

    def test_first_day_is_so_many_days_back(self):
        assert Window(today=date(2026, 3, 1), days=2).first_day == date(2026, 2, 28)

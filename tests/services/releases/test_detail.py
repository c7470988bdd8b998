"""One release, day by day, and how long its sessions lasted."""

from datetime import date, timedelta

import pytest

from app.domain.release_health import Window
from app.services.errors import NotFound
from app.services.releases import durations as durations_of
from app.services.releases import health as release_health

pytestmark = pytest.mark.usefixtures("context")


class TestDays:
    @pytest.fixture
    def days(self, project, clock):
        def read(days=3, **narrowed):
            window = Window(today=clock().date(), days=days, **narrowed)
            return release_health.days_of_release(project.id, window, release="1.0")

        return read

    def test_days_without_sessions_are_there_too(self, record, days, clock):
        record()
        clock.advance(days=2)
        assert [(day.day, day.sessions) for day in days()] == [
            (date(2026, 5, 7), 1),
            (date(2026, 5, 8), 0),
            (date(2026, 5, 9), 0),
        ]

    def test_each_day_has_its_own_users_even_if_they_come_back(self, record, days, clock):
        for _ in range(3):
            record(user="ann")
            record(user="ann")
            clock.advance(days=1)
        clock.advance(days=-1)
        assert [day.users for day in days()] == [1, 1, 1]

    def test_each_day_has_its_own_rate_and_none_without_sessions(self, record, days, clock):
        record("crashed")
        record("ok")
        clock.advance(days=1)
        assert [(day.crashed, day.crash_free) for day in days(2)] == [(1, 0.5), (0, None)]

    def test_adoption_is_the_share_of_the_projects_sessions(self, record, days, make_project):
        record()
        record(release="2.0")
        record(release="3.0")
        record(project_id=make_project("Another").id)
        assert days(1)[0].adoption == 0.3333

    def test_adoption_is_none_when_nobody_used_any_release(self, days):
        assert days(1)[0].adoption is None

    def test_adoption_is_none_of_the_day_when_only_others_were_used(self, record, days):
        record(release="2.0")
        assert days(1)[0].adoption == 0.0

    def test_environment_narrows_both_sides_of_the_adoption(self, record, days):
        record(environment="staging")
        record(environment="production")
        record(environment="production", release="2.0")
        assert days(1, environment="staging")[0].adoption == 1.0
        assert days(1, environment="production")[0].adoption == 0.5


class TestDurations:
    @pytest.fixture
    def durations(self, project, clock):
        def read(**narrowed):
            window = Window(today=clock().date(), **narrowed)
            found = durations_of.of_release(project.id, window, release="1.0")
            return (found.p50_ms, found.p95_ms, *([found.among] if found.among else []))

        return read

    def test_nearest_ranks_of_what_is_known(self, record, durations):
        for duration_ms in (70, 10, 90, 20, 100, 30, 50, 80, 40, 60):
            record("exited", duration_ms=duration_ms)
        assert durations() == (50, 100)

    def test_one_session_is_both(self, record, durations):
        record("crashed", duration_ms=0)
        assert durations() == (0, 0)

    def test_open_and_unmeasured_sessions_do_not_count(self, record, durations):
        record("ok", duration_ms=1)
        record("exited")
        assert durations() == (None, None)

    def test_other_releases_projects_and_days_do_not_count(
        self, record, durations, make_project, clock
    ):
        record("exited", duration_ms=1)
        clock.advance(days=14)
        record("exited", duration_ms=2, release="2.0")
        record("exited", duration_ms=3, project_id=make_project("Another").id)
        record("exited", duration_ms=4)
        assert durations() == (4, 4)

    def test_of_many_sessions_the_newest_tell(self, record, durations, clock, monkeypatch):
        monkeypatch.setattr(durations_of, "MAX_SESSIONS", 7)
        for duration_ms in (1, 1, 1, 1):
            record("exited", duration_ms=duration_ms, user=f"{clock()}")
        clock.advance(days=1)
        assert durations() == (1, 1)
        for duration_ms in (5, 5, 5, 5, 5):
            record("exited", duration_ms=duration_ms)
        assert durations() == (5, 5, 7)

    def test_of_a_day_with_too_many_each_environment_tells_its_share(
        self, record, durations, monkeypatch
    ):
        monkeypatch.setattr(durations_of, "MAX_SESSIONS", 8)
        for number in range(30):
            record("exited", duration_ms=1, environment="staging", user=f"{number}")
            record("exited", duration_ms=9, environment="production", user=f"{number}")
        assert durations() == (1, 9, 8)
        assert durations(environment="staging") == (1, 1, 8)

    def test_environments_count_together_or_alone(self, record, durations):
        record("exited", duration_ms=1, environment="staging")
        record("exited", duration_ms=2, environment="production")
        assert durations() == (1, 2)
        assert durations(environment="staging") == (1, 1)


def test_release_without_sessions_in_the_window_is_not_found(project, clock):
    window = Window(today=clock().date() + timedelta(days=1), days=7)
    with pytest.raises(NotFound, match="No session of this release began in the last 7 days."):
        release_health.of_release(project.id, window, release="1.0")

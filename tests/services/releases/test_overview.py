"""What the pages about releases read: parts of the report with days, and one beside another."""

from datetime import UTC, datetime

import pytest

from app.domain.rates import Comparison
from app.domain.release_cursor import ReleaseCursor
from app.domain.release_health import Window
from app.services.errors import NotFound
from app.services.pages import release_detail
from app.services.releases import health as release_health
from app.services.releases import overview as release_overview
from app.services.releases import verdicts

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def window(clock):
    return lambda **narrowed: Window(today=clock().date(), **narrowed)


@pytest.fixture
def three_releases(record, clock):
    """The last one has most sessions."""
    for count, name in enumerate(("1.0", "1.1", "1.2"), start=1):
        clock.advance(minutes=1)
        for _ in range(count):
            record(release=name, user="ann")


class TestOverview:
    def test_is_a_part_of_the_report_with_the_days_of_its_rows(
        self, project, three_releases, window
    ):
        first = release_overview.overview(project.id, window(days=2), limit=1)
        shown = release_overview.overview(
            project.id, window(days=2), limit=1, before=first.next_before
        )
        report = release_health.list_page(project.id, window(days=2), limit=100).rows
        assert (first.rows, shown.rows) == (report[:1], report[1:2])
        assert shown.days == {
            "1.1": release_health.days_of_release(project.id, window(days=2), release="1.1")
        }
        assert [day.sessions for day in shown.days["1.1"]] == [0, 2]
        assert shown.days["1.1"][1].adoption == 0.3333

    def test_releases_do_not_mix_their_days(self, project, record, window, clock):
        record("crashed", release="1.0")
        clock.advance(days=1)
        record(release="2.0")
        days = release_overview.overview(project.id, window(days=2), limit=9).days
        told = {name: [(day.sessions, day.crashed) for day in each] for name, each in days.items()}
        assert told == {"1.0": [(1, 1), (0, 0)], "2.0": [(0, 0), (1, 0)]}

    def test_behind_the_last_release_is_nothing(self, project, three_releases, window):
        last = release_overview.overview(project.id, window(), limit=3)
        assert last.next_before is None
        end = ReleaseCursor(window().first_day, datetime(1970, 1, 1, tzinfo=UTC), 0)
        shown = release_overview.overview(project.id, window(), limit=2, before=end)
        assert (shown.rows, shown.days, shown.next_before) == ([], {}, None)

    @pytest.mark.parametrize(
        ("added_up", "shares"),
        [
            (1, {"1.2": 1.0, "1.1": 0.4, "1.0": 0.25}),
            (2, {"1.2": 0.6, "1.1": 0.4, "1.0": 0.1667}),
        ],
    )
    def test_shares_are_of_the_releases_seen_last_and_its_own_where_there_are_too_many(
        self, project, three_releases, window, monkeypatch, added_up, shares
    ):
        monkeypatch.setattr(release_health, "ADDED_UP_RELEASES", added_up)
        shown = release_overview.overview(project.id, window(days=1), limit=9)
        told = {name: (day.adoption, day.shared_among) for name, [day] in shown.days.items()}
        assert told == {name: (share, added_up) for name, share in shares.items()}

    def test_shares_are_of_all_where_all_can_be_added_up(
        self, project, three_releases, window, monkeypatch
    ):
        monkeypatch.setattr(release_health, "ADDED_UP_RELEASES", 3)
        shown = release_overview.overview(project.id, window(days=1), limit=9)
        told = {name: (day.adoption, day.shared_among) for name, [day] in shown.days.items()}
        assert told == {"1.2": (0.5, None), "1.1": (0.3333, None), "1.0": (0.1667, None)}

    def test_environments_are_those_of_the_project(self, project, record, make_project):
        record(environment="staging")
        record(environment="production", release="2.0")
        record(environment="staging", release="2.0")
        record(environment="secret", project_id=make_project("Another").id)
        assert release_overview.environments_of(project.id) == ["production", "staging"]

    def test_all_environments_are_told_the_one_used_last_first(self, project, record, clock):
        used = ["branch-00", "zeta", *(f"branch-{number:02}" for number in range(1, 45)), "alpha"]
        for environment in used:
            record(environment=environment)
            clock.advance(minutes=1)
        assert release_overview.environments_of(project.id) == used[::-1]

    def test_an_environment_moves_up_when_any_release_of_it_is_used(self, project, record, clock):
        for environment in ("production", "a", "b"):
            record(environment=environment)
            clock.advance(hours=9)
        record(environment="production", release="0.9")
        assert release_overview.environments_of(project.id) == ["production", "b", "a"]


class TestComparedDetail:
    def test_is_beside_the_newest_one_before_it(self, project, three_releases, window):
        shown = release_detail.read_compared(project.id, window(), release="1.2")
        assert shown.against == "1.1"
        assert shown.judged == verdicts.compare(project.id, window(), release="1.2")

    def test_without_one_before_is_beside_the_one_with_most_sessions(
        self, project, three_releases, window
    ):
        shown = release_detail.read_compared(project.id, window(), release="1.0")
        assert shown.detail == release_detail.read(project.id, window(), release="1.0")
        assert (shown.others, shown.against) == (["1.2", "1.1"], "1.2")
        assert shown.judged == verdicts.compare(project.id, window(), release="1.0", against="1.2")
        assert shown.judged.verdict is Comparison.UNDECIDED
        assert not shown.has_more_others

    def test_others_are_by_last_use_and_all_of_a_page(self, project, record, window, clock):
        for number in range(102):
            record(release=f"1.{number}")
            clock.advance(minutes=1)
        shown = release_detail.read_compared(project.id, window(), release="1.101")
        assert (shown.others, shown.has_more_others) == (
            [f"1.{number}" for number in range(100, 0, -1)],
            True,
        )
        oldest = release_detail.read_compared(project.id, window(), release="1.0")
        assert (len(oldest.others), oldest.has_more_others) == (100, True)

    def test_is_beside_the_one_that_is_asked_for(self, project, three_releases, window):
        shown = release_detail.read_compared(project.id, window(), release="1.0", against="1.1")
        assert shown.judged == verdicts.compare(project.id, window(), release="1.0", against="1.1")

    def test_without_another_one_nothing_is_judged(self, project, record, window):
        record()
        shown = release_detail.read_compared(project.id, window(), release="1.0")
        assert (shown.others, shown.against, shown.judged) == ([], None, None)

    def test_release_without_sessions_is_not_found(self, project, window):
        with pytest.raises(NotFound):
            release_detail.read_compared(project.id, window(), release="1.0")

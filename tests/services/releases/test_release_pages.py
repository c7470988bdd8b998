"""The report in pages: each release once, the one seen last first, whatever comes meanwhile."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.database import write_transaction
from app.domain.release_cursor import read_release_cursor, write_release_cursor
from app.domain.release_health import Window
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.models import ReleaseDay
from app.services import sessions
from app.services.releases import health as release_health

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def pages(project, clock):
    """The names on each page, read one after the other."""

    def read(*, limit, meanwhile=lambda: None, **narrowed):
        window, before, found = Window(today=clock().date(), **narrowed), None, []
        while True:
            page = release_health.list_page(project.id, window, limit=limit, before=before)
            found.append([row.release for row in page.rows])
            if page.next_before is None:
                return found
            before = read_release_cursor(write_release_cursor(page.next_before))
            meanwhile()

    return read


def test_pages_have_each_release_once_and_the_one_seen_last_first(record, clock, pages):
    for release in ("a", "b", "c", "d", "e", "b"):
        record(release=release)
        clock.advance(seconds=1)
    assert pages(limit=2) == [["b", "e"], ["d", "c"], ["a"]]


def test_releases_seen_at_the_same_moment_are_on_one_page_each(record, pages):
    for number in range(5):
        record(release=f"{number}")
    assert pages(limit=2) == [["4", "3"], ["2", "1"], ["0"]]


def test_full_last_page_leads_nowhere(record, pages):
    for number in range(4):
        record(release=f"{number}")
    assert [len(page) for page in pages(limit=2)] == [2, 2]


def test_new_sessions_do_not_shift_the_pages_that_follow(record, clock, pages):
    for release in ("a", "b", "c", "d"):
        record(release=release)
        clock.advance(seconds=1)
    assert pages(limit=2, meanwhile=lambda: record(release="new")) == [["d", "c"], ["b", "a"]]


def test_release_of_many_days_is_listed_by_its_newest(record, clock, pages):
    for release in ("old", "a", "b", "old"):
        record(release=release)
        clock.advance(days=1)
    assert pages(limit=1) == [["old"], ["b"], ["a"]]


def test_environment_has_pages_of_its_own(record, pages):
    for number in range(3):
        record(release=f"{number}", environment="staging")
        record(release=f"p{number}", environment="production")
    assert pages(limit=2, environment="staging") == [["2", "1"], ["0"]]


def test_release_whose_newest_day_is_gone_is_listed_by_the_one_before(
    record, clock, pages, project
):
    record(release="a")
    clock.advance(days=1)
    for release in ("b", "a"):
        record(release=release)
        clock.advance(seconds=1)
    with write_transaction() as connection:
        newest = (ReleaseDay.day == clock().date()) & ReleaseDay.release_id.in_([1, 2])
        assert connection.execute(delete(ReleaseDay).where(newest)).rowcount == 2
    assert pages(limit=9) == [["b", "a"]]


@pytest.mark.parametrize(
    "text",
    ["", "1", "20260507-1", "20260231-0-1", "20260507-0-1x", "٢٠260507-0-1", "-".join("123")],
)
def test_what_no_list_has_written_is_no_cursor(text):
    assert read_release_cursor(text) is None


# A project of its own for each example would cost more than all of it.
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    reports=st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(("x", "y")), st.integers(0, 200_000)),
        min_size=1,
        max_size=25,
    ),
    limit=st.integers(1, 4),
)
def test_pages_are_the_releases_by_their_last_session_whatever_was_sent(
    make_project, clock, reports, limit
):
    project_id = make_project("One more").id
    last_seen, moment = {}, clock()
    for name, environment, seconds in reports:
        moment += timedelta(seconds=seconds)
        report = SessionReport(
            session_id=uuid.uuid4().bytes,
            status=SessionStatus.OK,
            release=str(name),
            environment=environment,
        )
        sessions.record(project_id, report, now=moment)
        for scope in (None, environment):
            last_seen.setdefault(scope, {})[str(name)] = moment
    for scope, seen in last_seen.items():
        window = Window(today=moment.date(), environment=scope)
        first_day = window.first_day
        wanted = {name: at for name, at in seen.items() if at.date() >= first_day}
        found, before = [], None
        while True:
            page = release_health.list_page(project_id, window, limit=limit, before=before)
            assert len(page.rows) <= limit
            found += [(row.release, row.last_seen_at) for row in page.rows]
            before = page.next_before
            if before is None:
                break
        assert dict(found) == wanted
        assert len(found) == len(wanted)
        moments = [at for _, at in found]
        assert moments == sorted(moments, reverse=True)

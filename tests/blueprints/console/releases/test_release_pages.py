"""Release health as pages: the service's own figures, in words and in shapes."""

import html
import re
import uuid
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from app.blueprints.console.short_texts import short
from app.database import write_transaction
from app.domain import rates
from app.domain.rates import Tally
from app.domain.release_health import Window
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.models import Release, ReleaseDay
from app.services import sessions
from app.services.issues import events
from app.services.releases import health as release_health

HOSTILE_NAMES = [
    "com.acme.app@1.4.2+17",
    "/begins/with/a/slash",
    "ends/with/a/slash/",
    "..",
    "../../issues",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'quoted'",
    "a?b#c&d=e",
    "100%",
    "{{ 7*7 }}",
    "unknown",
    "Ünïcödé 😅 版",
    "מהדורה 8.1 \u202eevil",
    "x" * 200,
]


@pytest.fixture
def record(app, project, clock):
    """Reports another session at the clock's time."""
    count = 0

    def report(status="ok", *, user=None, **fields):
        nonlocal count
        count += 1
        session = SessionReport(
            session_id=uuid.UUID(int=count).bytes,
            status=SessionStatus(status),
            user_key=None if user is None else user_key(user),
            **{"release": "1.0", "environment": "production", **fields},
        )
        with app.app_context():
            sessions.record(project.id, session, now=clock())

    return report


@pytest.fixture
def fill(record, app):
    """A release with so many sessions and users, written straight into its figures."""

    def release(name, *, sessions, crashed=0, users=0, users_crashed=0):
        record(release=name)
        of_name = select(Release.id).where(Release.name == name)
        with app.app_context(), write_transaction() as connection:
            connection.execute(
                update(ReleaseDay)
                .where(ReleaseDay.release_id.in_(of_name))
                .values(
                    ok=sessions - crashed,
                    crashed=crashed,
                    users_newest=users,
                    users_newest_crashed=users_crashed,
                )
            )

    return release


@pytest.fixture
def browser(as_owner_of_project):
    return as_owner_of_project


@pytest.fixture
def show_list(browser, project):
    def get(**query):
        answer = browser.get(f"/projects/{project.id}/releases", query_string=query)
        assert answer.status_code == 200
        return browser.text

    return get


@pytest.fixture
def show(browser, project):
    def get(name, *, status=200, **query):
        path = f"/projects/{project.id}/release"
        answer = browser.get(path, query_string={"name": name, **query})
        assert answer.status_code == status
        return browser.text

    return get


@pytest.fixture
def names(browser):
    """The releases of the list that is shown, in order."""

    def read():
        found = re.findall(r'<h2 class="row-main">.*?<bdi>(.*?)</bdi>', browser.page)
        return [html.unescape(name) for name in found]

    return read


class TestList:
    def test_of_a_project_without_sessions_says_how_they_come(self, show_list):
        text = show_list()
        assert "No session in the last 14 days" in text
        assert "it sends one to /sessions when it starts" in text

    def test_shows_the_services_exact_figures(self, fill, show_list, app, project, clock):
        fill("1.4.2", sessions=1240, crashed=3, users=412, users_crashed=2)
        with app.app_context():
            window = Window(today=clock().date())
            [row] = release_health.list_page(project.id, window, limit=100).rows
        assert (row.crash_free_users, row.crash_free_users_interval) == (0.9951, (0.9825, 0.9987))
        assert (row.crash_free_sessions, row.crash_free_sessions_interval) == (
            0.9976,
            (0.9929, 0.9992),
        )
        text = show_list()
        assert "99.51 % of 412 users; 98.25–99.87 % (95 % interval)" in text
        assert "99.76 % of 1,240 sessions; 99.29–99.92 % (95 % interval)" in text

    @pytest.mark.parametrize(
        "tally",
        [
            Tally(10_000, crashed)
            for crashed in (0, 50, 80, 85, 100, 110, 130, 300, 450, 500, 540, 800)
        ]
        + [Tally(1, 0), Tally(1, 1), Tally(3, 3), Tally(400, 0)],
        ids=str,
    )
    def test_is_hatched_exactly_when_the_interval_straddles_a_line(
        self, fill, show_list, browser, tally
    ):
        """By the rounded ends, which are not the lines themselves here."""
        fill("1.0", sessions=tally.total, crashed=tally.crashed)
        low, high = rates.crash_free_interval(tally)
        straddles = any(low < line <= high for line in (0.95, 0.99))
        text = show_list()
        assert ("is-unsure" in browser.page) == straddles
        assert ("too few sessions to be certain" in text) == straddles

    def test_colour_is_never_alone(self, fill, show_list):
        fill("1.0", sessions=10_000, crashed=800, users=10_000, users_crashed=10)
        assert re.search(r"Crash-free users good .* Crash-free sessions poor ", show_list())

    def test_sessions_without_users_have_no_rate_of_users(self, record, show_list):
        record()
        assert "Crash-free users unknown – no session named a user" in show_list()

    def test_has_the_release_seen_last_first(self, record, show_list, names, clock):
        for name in ("1.0", "2.0", "1.1"):
            record(release=name)
            clock.advance(minutes=1)
        show_list()
        assert names() == ["1.1", "2.0", "1.0"]

    @pytest.mark.parametrize("name", HOSTILE_NAMES)
    def test_leads_to_a_release_of_any_name(self, record, show_list, browser, names, show, name):
        record(release=name)
        record(release="another")
        show_list()
        assert set(names()) == {short(name, 80), "another"}
        assert "<script>alert" not in browser.page
        assert "<img" not in browser.page
        links = re.findall(r'class="row-link" href="([^"]+)"><bdi>(.*?)</bdi>', browser.page)
        [address] = [link for link, shown in links if html.unescape(shown) == short(name, 80)]
        assert browser.get(html.unescape(address)).status_code == 200
        assert f"<h1><bdi>{html.escape(name)}</bdi></h1>".replace("&#x27;", "&#39;").replace(
            "&quot;", "&#34;"
        ) in (browser.page)
        assert "<script>alert" not in browser.page
        assert "<img" not in browser.page

    def test_adoption_is_the_share_of_all_sessions(self, record, show_list):
        for name in ("1.0", "2.0", "2.0", "2.0"):
            record(release=name)
        text = show_list()
        assert "Adoption 75.00 %" in text
        assert "Adoption 25.00 %" in text

    def test_adoption_says_what_it_is_a_share_of_where_there_are_too_many_releases(
        self, record, show_list, show, monkeypatch
    ):
        for name in ("1.0", "2.0"):
            record(release=name)
        said = "adoption is a share of the sessions of the 1 release seen last"
        assert said not in show_list()
        monkeypatch.setattr(release_health, "ADDED_UP_RELEASES", 1)
        assert said in show_list()
        assert said in show("1.0")

    def test_days_narrow_it_and_stay_in_its_links(self, record, show_list, names, clock, browser):
        record(release="old")
        clock.advance(days=8)
        record(release="new")
        show_list(days=7)
        assert names() == ["new"]
        assert "name=new&amp;days=7" in browser.page
        show_list(days=9)
        assert names() == ["new", "old"]
        assert '<option value="9" selected>9 days</option>' in browser.page

    def test_environment_narrows_it(self, record, show_list, names, browser):
        record(release="1.0")
        record(release="2.0", environment="stag&ing")
        show_list(environment="stag&ing")
        assert names() == ["2.0"]
        assert '<option value="stag&amp;ing" selected>stag&amp;ing</option>' in browser.page
        assert '<option value="production">' in browser.page
        assert "None of the environment “nowhere”." in show_list(environment="nowhere")

    @pytest.mark.parametrize(
        "query", [{"days": "0"}, {"days": "91"}, {"days": "x"}, {"page": "-1"}, {"page": "x" * 99}]
    )
    def test_address_that_cannot_be_shows_what_is_usual(self, record, show_list, names, query):
        record()
        show_list(**query)
        assert names() == ["1.0"]

    def test_environment_that_no_database_holds_is_as_if_it_were_not_there(
        self, record, show_list, show, names
    ):
        record()
        show_list(environment="\x00")
        assert names() == ["1.0"]
        show("1.0", environment="a\x00")

    def test_environment_of_broken_text_has_no_sessions(self, record, browser, project):
        record()
        query = urlencode({"environment": "\ud800"}, errors="surrogatepass")
        for page, status in (("releases", 200), ("release", 404)):
            assert browser.get(f"/projects/{project.id}/{page}?{query}").status_code == status
            assert "No session in the last 14 days" in browser.text

    def test_is_paged(self, record, show_list, names, clock, browser):
        for number in range(9):
            record(release=f"1.{number}")
            clock.advance(seconds=1)
        show_list()
        assert names() == [f"1.{number}" for number in range(8, 1, -1)]
        [older] = re.findall(r'href="([^"]+)" rel="next"', browser.page)
        browser.get(html.unescape(older))
        assert names() == ["1.1", "1.0"]
        assert "Newest" in browser.text
        assert "Nothing further" in show_list(before="20000101-0-1")

    def test_table_has_the_figures_of_the_charts(self, record, show_list, browser, clock):
        record("crashed")
        record("ok")
        record(release="2.0")
        clock.advance(days=1)
        record("ok")
        show_list(days=3)
        rows = re.findall(r"<th scope=\"row\">(.*?)</th>(.*?)</tr>", browser.page)
        assert [(name, re.findall(r"<td>(.*?)<", cells)) for name, cells in rows] == [
            ("Adoption", ["–", "66.67\xa0%", "100\xa0%"]),
            ("Crash-free", ["–", "50.00\xa0%", "100\xa0%"]),
            ("Adoption", ["–", "33.33\xa0%", "0\xa0%"]),
            ("Crash-free", ["–", "100\xa0%", "–"]),
        ]

    def test_charts_are_pictures_with_a_name_and_a_description(self, record, show_list, browser):
        record()
        show_list()
        pictures = re.findall(r'<svg[^>]* role="img" aria-labelledby="([^"]+)"', browser.page)
        assert len(pictures) == 2
        for names in pictures:
            for named in names.split():
                assert re.search(f'<(?:title|desc) id="{named}">[^<]+<', browser.page)
        others = re.findall(r"<svg(?![^>]*role=)[^>]*>", browser.page)
        assert all('aria-hidden="true"' in other for other in others)
        ids = re.findall(r' id="([^"]+)"', browser.page)
        assert len(ids) == len(set(ids))

    def test_charts_break_at_days_without_sessions(self, record, show_list, browser, clock):
        for _ in range(2):
            record()
            clock.advance(days=2)
        show_list(days=5)
        line = 'class="spark-line" d="M0.5 0h0M2.5 0h0"'
        assert browser.page.count(line) == 2  # adoption and trend


class TestRelease:
    def test_shows_the_services_exact_figures(self, record, show, app, project, clock):
        for status in ("ok", "exited", "exited", "errored", "abnormal", "crashed"):
            record(status, user=status, duration_ms=90_000)
        text = show("1.0")
        for words in (
            "83.33 % of 6 sessions; 43.65–96.99 % (95 % interval)",
            "80.00 % of 5 users; 37.55–96.38 % (95 % interval)",
            "All 6 Ended well 2 Still open, or never ended 1 With errors 1 Ended abnormally 1"
            " Crashed 1 Adoption 100 %",
            "Half lasted at most 1 min 30 s 95 % lasted at most 1 min 30 s",
            "There is no other release in these days to compare it with.",
        ):
            assert words in text
        with app.app_context():
            health = release_health.of_release(
                project.id, Window(today=clock().date()), release="1.0"
            )
        assert health.crash_free_sessions_interval == (0.4365, 0.9699)
        assert health.crash_free_users_interval == (0.3755, 0.9638)

    def test_durations_may_be_unknown(self, record, show):
        record()
        assert "Durations none known" in show("1.0")

    def test_table_has_a_row_a_day_the_newest_first(self, record, show, browser, clock):
        record("crashed", user="ann")
        record("ok", user="ann")
        clock.advance(days=2)
        record(release="2.0")
        show("1.0", days=3)
        table = browser.page.split("<caption>Day by day", 1)[1]
        rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", table)
        assert [(day, re.findall(r"<td>(.*?)<", cells)) for day, cells in rows] == [
            ("9 May", ["0", "0", "–", "–", "0", "0\xa0%"]),
            ("8 May", ["0", "0", "–", "–", "0", "–"]),
            ("7 May", ["2", "1", "50.00\xa0%", "9.45–90.55\xa0%", "1", "100\xa0%"]),
        ]

    def test_of_a_window_without_sessions_offers_a_wider_one(self, record, show, clock, browser):
        record()
        clock.advance(days=20)
        assert "No session in the last 14 days" in show("1.0", status=404)
        assert "name=1.0&amp;days=90" in browser.page
        assert "20.00" not in show("1.0", days=30)

    @pytest.mark.parametrize("name", ["", "nope", "\x00"])
    def test_that_is_not_there_is_a_page_too(self, show, name):
        assert "No session in the last 14 days" in show(name, status=404)

    def test_is_compared_with_the_newest_one_before_it(self, fill, show):
        fill("1.0", sessions=1000, crashed=100)
        fill("0.9", sessions=1000, crashed=5)
        fill("0.8", sessions=2000, crashed=10)
        text = show("1.0")
        assert "Worse than 0.9 . 1.0 crashes more often than 0.9: 10.00 % of its sessions" in text

    def test_is_compared_with_the_most_used_one_where_none_is_before_it(self, fill, show):
        fill("1.0", sessions=1000, crashed=10)
        fill("1.1", sessions=500, crashed=5)
        fill("1.2", sessions=2000, crashed=20)
        assert "Not certain yet, beside 1.2 ." in show("1.0")

    def test_is_compared_with_the_one_that_is_asked_for(self, fill, show, browser):
        fill("1.0", sessions=2000, crashed=10)
        fill("0.9", sessions=2000, crashed=10)
        fill("0.8", sessions=5, crashed=0)
        assert "Looks good beside 0.9 ." in show("1.0", against="0.9")
        assert "Not certain yet, beside 0.8 ." in show("1.0", against="0.8")
        assert '<option selected value="0.8">' in browser.page
        text = show("1.0", against="<b>")
        assert "No session of <b> began in the last 14 days." in text
        assert "<b>" not in browser.page

    def test_shows_both_intervals_side_by_side_in_shapes_and_words(self, fill, show, browser):
        fill("1.0", sessions=2000, crashed=38)
        fill("0.9", sessions=2000, crashed=8)
        text = show("1.0")
        assert "1.0 98.10 % crash-free (97.40–98.61 %), 2,000 sessions" in text
        assert "0.9 99.60 % crash-free (99.21–99.80 %), 2,000 sessions" in text
        assert browser.page.count('class="whisker-interval whisker-plain"') == 2

    def test_has_its_issues_and_its_feedback(
        self, record, show, app, project, clock, make_feedback
    ):
        record()
        event = events.NewEvent(
            exception_type="TypeError",
            fingerprint=bytes(32),
            message="<i>total</i>",
            environment="production",
            release="1.0",
            content={},
        )
        with app.app_context():
            events.ingest(project.id, event, now=clock())
        make_feedback(message="<i>blank</i> page", app_version="1.0")
        make_feedback(message="Something else", app_version="2.0")
        text = show("1.0")
        assert "TypeError error open <i>total</i> 1 event" in text
        assert "<i>blank</i> page" in text
        assert "Something else" not in text

    def test_without_issues_and_feedback_says_so(self, record, show):
        record()
        text = show("1.0")
        assert "No event of this release came." in text
        assert "Nobody has said anything about this release." in text

    def test_clock_ahead_of_ours_draws_one_day_more(self, record, show, browser, clock):
        clock.advance(days=1)
        record()
        clock.advance(days=-1)
        show("1.0", days=1)
        table = browser.page.split("<caption>Day by day", 1)[1]
        assert len(re.findall(r'<tr><th scope="row">', table)) == 2


class TestEveryPage:
    @pytest.mark.parametrize("page", ["releases", "release?name=1.0", "release?name=2.0"])
    def test_has_no_style_or_script_inside(self, record, browser, project, page):
        record("crashed", user="ann")
        browser.get(f"/projects/{project.id}/{page}")
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", browser.page)

    @pytest.mark.parametrize("page", ["releases", "release?name=1.0"])
    def test_reads_as_often_with_many_releases_as_with_one(
        self, record, browser, project, page, count_statements
    ):
        path = f"/projects/{project.id}/{page}"
        record()
        record(release="2.0")
        few = count_statements(lambda: browser.get(path))
        for number in range(15):
            record(release=f"3.{number}")
        assert count_statements(lambda: browser.get(path)) == few > 3

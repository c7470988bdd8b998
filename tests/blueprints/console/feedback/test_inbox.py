"""The inbox as a page: tabs, search, filters, rows, empty states, and who may only read."""

import re
from urllib.parse import quote

import pytest

from app.blueprints.console.feedback.inbox_routes import PAGE_ROWS

INBOX = "/projects/1/inbox"


@pytest.fixture
def page(as_owner_of_project, project):
    return as_owner_of_project


@pytest.fixture
def as_viewer(browser_of, make_member):
    return browser_of(make_member("viewer@example.com", "viewer"))


@pytest.fixture
def shown(page):
    """The ids of the rows of a page, in order."""

    def ids(query=""):
        assert page.get(INBOX + query).status_code == 200
        return [int(found) for found in re.findall(r'name="feedback" value="(\d+)"', page.page)]

    return ids


def test_a_project_without_feedback_says_how_to_send_it(page):
    page.get(INBOX)
    assert "Waiting for the first feedback" in page.text
    assert 'href="/projects/1/start"' in page.page


def test_tabs_have_their_counts(page, make_feedback):
    for status in ("open", "open", "handled", "archived"):
        make_feedback(status=status)
    page.get(INBOX)
    assert "Open 2 Handled 1 Archived 1 All 4" in page.text


def test_open_is_first_and_the_other_tabs_have_addresses(shown, make_feedback):
    opened, handled, archived = (
        make_feedback(status=status) for status in ("open", "handled", "archived")
    )
    assert shown() == [opened]
    assert shown("?tab=handled") == [handled]
    assert shown("?tab=archived") == [archived]
    assert shown("?tab=all") == [archived, handled, opened]


@pytest.mark.parametrize(
    "query",
    ["?q=blank", "?version=1.4.2", "?email=1", "?event=1", "?issue=1", "?since=2026-05-08"],
)
def test_search_and_filters_narrow_the_list(shown, make_feedback, make_event, clock, query):
    make_feedback(message="A crash")
    clock.advance(days=1)
    wanted = make_feedback(
        message="A Blank page",
        app_version="1.4.2",
        email="bob@example.com",
        event_id=make_event().id,
    )
    assert shown(query) == [wanted]
    assert shown(query + "&tab=all") == [wanted]


def test_until_includes_its_day(shown, make_feedback, clock):
    wanted = make_feedback()
    clock.advance(days=1)
    make_feedback()
    assert shown("?until=2026-05-07") == [wanted]


def test_days_are_those_of_the_visitors_zone(shown, page, make_feedback, clock):
    """At 17:25 UTC it is the next day in Tokyo since 15:00."""
    late = make_feedback()
    assert shown("?since=2026-05-08&zone=Asia/Tokyo") == [late]
    assert "from 2026-05-08 (Asia/Tokyo)" in page.text
    assert shown("?since=2026-05-08") == []
    assert "from 2026-05-08 (UTC)" in page.text


@pytest.mark.parametrize("zone", ["Nowhere/At_All", "../../etc/passwd", "Europe", "/etc/localtime"])
def test_an_unknown_zone_is_utc(page, make_feedback, zone):
    make_feedback()
    assert page.get(f"{INBOX}?since=2026-05-07&zone={zone}").status_code == 200
    assert "(UTC)" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "?tab=none",
        "?since=yesterday",
        "?until=2026-02-30",
        "?email=yes",
        "?issue=-1",
        "?before=0",
        "?before=99999999999999999999",
        "?q=%00",
        "?version=" + 33 * "1",
        "?tab=none&since=x&zone=" + 61 * "x",
    ],
)
def test_what_cannot_be_meant_is_left_out(shown, page, make_feedback, query):
    wanted = make_feedback()
    assert shown(query) == [wanted]
    assert "could not be read, and is left out: " in page.text


def test_what_is_left_out_is_told_by_its_name(page, make_feedback):
    make_feedback()
    page.get(f"{INBOX}?tab=all&since=x&q=" + 101 * "x")
    left_out = "is left out: the search, which may have 100 characters, the first day."
    assert left_out in page.text
    page.get(f"{INBOX}?tab=all&q=" + 100 * "x")
    assert "left out" not in page.text


def test_days_in_the_wrong_order_are_told(page, make_feedback):
    make_feedback()
    words = "The first day is after the last one"
    page.get(f"{INBOX}?since=2026-05-08&until=2026-05-07")
    assert words in page.text
    page.get(f"{INBOX}?since=2026-05-07&until=2026-05-07")
    assert words not in page.text


def test_the_last_day_there_is_does_no_harm(shown, make_feedback):
    wanted = make_feedback()
    assert shown("?until=9999-12-31") == [wanted]


def test_form_shows_what_was_asked_for(page, make_feedback):
    make_feedback(message="blank & <b>", app_version="1.0", email="b@example.com")
    page.get(f"{INBOX}?q=blank+%26+%3Cb%3E&version=1.0&email=1")
    assert 'value="blank &amp; &lt;b&gt;"' in page.page
    assert "1 open found with “blank & <b>” in version 1.0 with an e-mail." in page.text
    assert '<details class="filters" open>' in page.page


def test_versions_are_offered(page, make_feedback):
    make_feedback(app_version="1.4.2")
    page.get(INBOX)
    assert '<option value="1.4.2">' in page.page


def test_pages_lead_to_older_and_back_under_the_same_filter(shown, page, fill_feedback):
    fill_feedback(PAGE_ROWS + 1)
    assert len(shown("?q=feedback")) == PAGE_ROWS
    older = re.search(r'href="([^"]+)" rel="next"', page.page)[1].replace("&amp;", "&")
    assert shown(older.removeprefix(INBOX)) == [1]
    assert f'href="{INBOX}?q=feedback">Newest' in page.page


def test_a_page_beyond_the_oldest_leads_back(page, make_feedback):
    make_feedback()
    page.get(f"{INBOX}?before=1")
    assert "Nothing is older" in page.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Nothing is open"),
        ("?tab=handled", "Nothing is handled"),
        ("?q=zebra", "Nothing found"),
        ("?q=hello", "Look in another tab"),
    ],
)
def test_empty_lists_say_why(page, make_feedback, query, words):
    make_feedback(status="archived", message="hello")
    page.get(INBOX + query)
    assert words in page.text


def test_row_shows_who_when_version_and_issue(page, make_feedback, make_event, clock):
    make_feedback(
        name="Bob", email="bob@example.com", app_version="1.4.2", event_id=make_event().id
    )
    clock.advance(minutes=5)
    page.get(INBOX)
    assert "Bob bob@example.com 5 min ago 1.4.2 TypeError #1" in page.text
    assert 'title="7 May 2026, 17:25 UTC"' in page.page
    assert 'href="/projects/1/issues/1"' in page.page


def test_web_addresses_open_safely(page, make_feedback):
    make_feedback(url="https://app.example.com/checkout")
    page.get(INBOX)
    link = re.search(r'<a class="mail-url"[^>]*>', page.page)[0]
    assert 'href="https://app.example.com/checkout"' in link
    assert 'target="_blank" rel="noopener noreferrer"' in link


@pytest.mark.parametrize(
    "url",
    [
        "myapp://order/42",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example.com",
        "mailto:x@example.com",
    ],
)
def test_any_other_address_is_text(page, make_feedback, url):
    make_feedback(url=url)
    page.get(INBOX)
    assert url in page.text or "<script>" in url
    assert '<a class="mail-url"' not in page.page
    assert not re.search(r'href="(?!/|#)', page.page)


def test_what_was_taken_out_is_marked(page, make_feedback):
    make_feedback(message="Mail jo@example.com <now>")
    page.get(INBOX)
    assert 'taken out before it was stored">[REDACTED]</mark> &lt;now&gt;' in page.page


def test_a_long_message_is_shown_in_part(page, make_feedback):
    make_feedback(message="x" * 2000)
    page.get(INBOX)
    assert "x" * 279 + "…" in page.page
    assert "x" * 281 not in page.page


def test_a_viewer_sees_everything_and_no_way_to_change_it(as_viewer, make_feedback):
    make_feedback(message="Hello there")
    as_viewer.get(INBOX)
    assert "Hello there" in as_viewer.text
    assert "You may only read" in as_viewer.text
    assert 'name="do"' not in as_viewer.page
    assert 'type="checkbox" name="feedback"' not in as_viewer.page
    assert 'id="ask-deletion"' not in as_viewer.page


def test_long_address_is_cut_and_leads_to_all_of_it(page, make_feedback):
    url = "https://example.com/" + "a" * 200
    make_feedback(url=url)
    page.get(INBOX)
    assert f'href="{url}" target="_blank" rel="noopener noreferrer">{url[:70]}…</a>' in page.page


def test_very_long_address_is_a_link_on_the_page_of_its_feedback_only(page, make_feedback):
    url = "https://example.com/" + "a" * 400
    feedback = make_feedback(url=url)
    page.get(INBOX)
    assert 'target="_blank"' not in page.page
    assert url[:140] in page.text
    page.get(f"/projects/1/feedback/{feedback}")
    assert f'href="{url}" target="_blank"' in page.page


def test_long_search_is_not_repeated_in_each_row(page, make_feedback):
    """A letter of three bytes is nine in an address."""
    make_feedback(message="漢" * 100)
    page.get(f"{INBOX}?tab=all&q={quote('漢' * 100)}")
    [link] = re.findall(r'class="row-link" href="([^"]+)"', page.page)
    assert link == "/projects/1/feedback/1?tab=all"


def test_arrivals_are_counted_after_what_was_shown(page, make_feedback):
    shown = make_feedback()
    make_feedback(message="blank")
    make_feedback(status="handled")
    arrivals = f"{INBOX}/arrivals?after={shown}"
    assert page.get(arrivals).json == {"count": 1}
    assert page.get(arrivals + "&q=zebra").json == {"count": 0}
    assert page.get(f"{INBOX}/arrivals?after=x").json == {"count": 2}


def test_page_tells_its_script_where_to_ask_for_arrivals(page, make_feedback):
    newest = make_feedback()
    page.get(f"{INBOX}?q=feedback&tab=handled")
    place = re.search(r'data-arrivals="([^"]+)" data-shown-at="([^"]+)"', page.page)
    asked = place[1].replace("&amp;", "&")
    assert f"after={newest}" in asked and "q=feedback" in asked
    assert place[2] == f"{INBOX}?q=feedback"  # what is new is open

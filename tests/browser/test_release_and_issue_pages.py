"""Release health and issues in a real browser: to be read by everybody, in any colours and size."""

import re
import uuid
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import expect

from app.domain.issue_status import EventLevel
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.times import utc_now
from app.domain.user_key import user_key
from app.services import sessions
from app.services.issues import events

pytestmark = pytest.mark.sqlite_only("the browser meets HTTP, which is tested on both")

MARKUP = "<script>alert(1)</script>\"'"
RIGHT_TO_LEFT = "מהדורה 8.1 \u202eevil"
SCHEMES = ("light", "dark")
LONG_ENVIRONMENT = "preview-" + "of-the-garden-shop-" * 10  # an SDK may send 200 characters


@pytest.fixture
def furnished(app, garden_shop, send_feedback):
    """Releases of many and of few sessions, one with a hostile name, and an issue."""
    now = utc_now()
    counts = {"1.0": 30, "1.1": 8, MARKUP: 1, RIGHT_TO_LEFT: 1, "/a//b/": 1, "x" * 200: 1}
    with app.app_context():
        for name, count in counts.items():
            for number in range(count):
                report = SessionReport(
                    session_id=uuid.uuid4().bytes,
                    status=SessionStatus.CRASHED if number % 7 == 6 else SessionStatus.EXITED,
                    release=name,
                    environment="production" if number % 2 else "staging",
                    user_key=user_key(str(number)),
                    duration_ms=90_000,
                )
                sessions.record(garden_shop.id, report, now=now - timedelta(hours=5 * (number % 8)))
        for release in ("1.0", "1.1", MARKUP):
            event = events.NewEvent(
                exception_type="TypeError",
                fingerprint=bytes(32),
                message=f"{MARKUP} is not a function",
                level=EventLevel.FATAL,
                release=release,
                environment="production",
                platform="web",
                content={
                    "stack": [MARKUP, *(f"    at f{n} (app.js:{n}:{'1' * 80})" for n in range(60))],
                    "context": {"device_model": "Pixel 8", RIGHT_TO_LEFT: MARKUP},
                    "breadcrumbs": [{"category": "navigation", "message": RIGHT_TO_LEFT}, MARKUP],
                },
            )
            events.ingest(garden_shop.id, event, now=now)
        in_long_environment = SessionReport(
            session_id=uuid.uuid4().bytes,
            status=SessionStatus.EXITED,
            release="1.1",
            environment=LONG_ENVIRONMENT,
        )
        sessions.record(garden_shop.id, in_long_environment, now=now)
    send_feedback(f"It went blank {MARKUP}", app_version="1.0")


@pytest.fixture
def extreme(app, garden_shop, server):
    """Issue 1: as much of everything as an app may send, with feedback that belongs to it."""
    name = "Exception" * 28 + "End"
    crumb = {"category": "navigation", "message": f"to /garden/{'beds/' * 20}"}
    event = events.NewEvent(
        exception_type=name,
        fingerprint=bytes(32),
        message="The bed is not there. " * 220,
        environment=LONG_ENVIRONMENT,
        release="r" * 200,
        content={
            "tags": {"k" * 200: "short", "a longer name of a tag " * 8: "value " * 30},
            "extra": {"deep.name." * 18: {"inner.name." * 18: 1}},
            "breadcrumbs": [{**crumb, "timestamp": str(number)} for number in range(50)],
        },
    )
    with app.app_context():
        stored = events.ingest(garden_shop.id, event, now=utc_now())
    answer = httpx.post(
        f"{server.url}/events/{stored.id}/feedback",
        json={"message": "It crashed", "app_version": "9.9.9"},
        headers={"X-Pionne-Token": garden_shop.token},
    )
    assert answer.status_code == 202


@pytest.mark.parametrize("scheme", SCHEMES)
def test_extreme_content_is_accessible_and_fits(
    open_browser, extreme, log_in, assert_accessible, scheme
):
    page = log_in(open_browser(color_scheme=scheme))
    for path in ("issues", "issues/1", "issues/1?whole=1", "feedback/1", "inbox"):
        page.goto(f"/projects/1/{path}")
        assert_accessible(page)
        for facts in page.locator(".facts dd").all():
            if facts.is_visible():
                around = facts.locator("xpath=..").bounding_box()
                assert facts.bounding_box()["width"] > around["width"] * 0.5


def test_long_name_of_an_exception_leaves_room_on_a_phone(open_browser, extreme, log_in):
    page = log_in(open_browser(phone=True))
    page.goto("/projects/1/inbox")
    one_line = page.locator(".row-facts time").bounding_box()["height"]
    issue = page.locator(".mail-issue")
    assert issue.bounding_box()["height"] < one_line * 1.5
    expect(issue.get_by_text("#1")).to_be_in_viewport(ratio=1)
    page.goto("/projects/1/issues")
    name = page.locator(".row-link bdi").bounding_box()
    assert name["height"] < page.locator(".row-facts").first.bounding_box()["height"] * 2.5


def test_last_breadcrumbs_are_shown_and_the_earlier_ones_are_folded(page, extreme, log_in):
    log_in(page)
    for path in ("issues/1", "feedback/1"):
        page.goto(f"/projects/1/{path}")
        crumbs = page.locator(".crumbs li").filter(visible=True)
        expect(crumbs).to_have_count(10)
        expect(crumbs.last).to_contain_text("49")
        page.get_by_text("20 earlier").click()
        expect(crumbs).to_have_count(30)
        expect(crumbs.first).to_contain_text("20")


PATHS = (
    "/projects/1/releases",
    "/projects/1/releases?days=90&environment=staging",
    "/projects/1/releases?environment=nowhere",
    "/projects/1/release?name=1.0",
    "/projects/1/release/crashes?name=1.0",
    "/projects/1/release?name=%3Cscript%3Ealert(1)%3C/script%3E%22%27",
    "/projects/1/issues",
    "/projects/1/issues?status=resolved",
    "/projects/1/issues/1",
    "/projects/1/issues/1?whole=1",
    "/projects/1/issues/1/delete",
)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pages_are_accessible(
    open_browser, furnished, log_in, assert_accessible, complaints, scheme
):
    page = log_in(open_browser(color_scheme=scheme))
    for path in PATHS:
        assert page.goto(path).status == 200, path
        for fold in page.locator("details.fold > summary").all():
            fold.click()
        assert_accessible(page)
    assert page.goto("/projects/1/release?name=2.0").status == 404
    assert_accessible(page)
    complaints.forget_refusals()


def test_name_of_an_environment_is_cut_where_it_is_chosen_not_what_it_chooses(
    page, furnished, log_in
):
    log_in(page)
    page.goto("/projects/1/releases")
    page.get_by_label("Environment").select_option(LONG_ENVIRONMENT)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Environment")).to_have_value(LONG_ENVIRONMENT)
    expect(page.get_by_label("Environment").locator("option:checked")).to_have_text(
        re.compile("…$")
    )
    expect(page.get_by_role("heading", level=2)).to_have_text(["1.1"])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_charts_have_colours_although_no_style_is_inside_them(
    open_browser, furnished, log_in, scheme
):
    page = log_in(open_browser(color_scheme=scheme))
    page.goto("/projects/1/release?name=1.0")
    card = page.locator(".card").first.evaluate("card => getComputedStyle(card).backgroundColor")
    for drawn, colour in (
        (".spark-line", "stroke"),
        (".chart-dot", "stroke"),
        (".chart-bar-crashed", "fill"),
        (".whisker-rate", "fill"),
        (".whisker-interval", "stroke"),
        (".chart-band", "fill"),
    ):
        shown = page.locator(drawn).first.evaluate(
            "(shape, colour) => getComputedStyle(shape)[colour]", colour
        )
        assert shown.startswith("rgb"), drawn
        assert shown not in (card, "rgb(0, 0, 0)"), drawn


def test_charts_fill_a_phone_and_a_desk(open_browser, furnished, log_in):
    for phone in (True, False):
        page = log_in(open_browser(phone=phone))
        page.goto("/projects/1/release?name=1.0")
        card = page.get_by_role("region", name="Day by day").bounding_box()
        for chart in page.locator(".chart-plot").all():
            box = chart.bounding_box()
            assert box["width"] > card["width"] * 0.6
            assert box["x"] + box["width"] <= card["x"] + card["width"]
            assert box["height"] == 144


def test_charts_are_told_to_whoever_does_not_see_them(page, furnished, log_in):
    log_in(page)
    page.goto("/projects/1/releases")
    chart = page.get_by_role("img", name=re.compile("^Crash-free sessions by day")).first
    expect(chart).to_have_accessible_description("")  # the description is in the name
    expect(chart).to_have_accessible_name(re.compile(r"lowest .* of \d+ sessions? on \d+ \w+"))
    page.get_by_text("The charts as a table").click()
    expect(page.get_by_role("table")).to_contain_text("Adoption")


@pytest.mark.parametrize("name", [MARKUP, RIGHT_TO_LEFT, "/a//b/", "x" * 200])
def test_release_of_any_name_is_one_click_away(page, furnished, log_in, name):
    log_in(page)
    page.goto("/projects/1/releases")
    page.get_by_role("link", name=name[:80]).click()  # cut after that
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_issue_is_resolved_and_reopened_without_scripts(open_browser, furnished, log_in):
    page = log_in(open_browser(java_script_enabled=False, phone=True))
    page.goto("/projects/1/issues")
    page.get_by_role("link", name="TypeError").click()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("status")).to_contain_text("Resolved.")
    expect(page.get_by_text("resolved issue 1")).to_be_visible()
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("status")).to_contain_text("Open again.")


def test_releases_are_filtered_and_compared_without_scripts(open_browser, furnished, log_in):
    page = log_in(open_browser(java_script_enabled=False))
    page.goto("/projects/1/releases")
    page.get_by_label("Environment").select_option("staging")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("15 sessions")).to_be_visible()
    page.get_by_role("link", name="1.0", exact=True).click()
    page.locator("select[name=against]").select_option(MARKUP)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Not certain yet, beside")).to_contain_text(MARKUP)
    expect(page.get_by_label("Environment")).to_have_value("staging")


def test_issue_is_deleted_after_a_question(page, furnished, log_in):
    log_in(page)
    page.goto("/projects/1/issues/1")
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("No issue yet")).to_be_visible()

"""axe-core on every page, in both colour schemes and at both widths."""

import pytest
from playwright.sync_api import expect

from app.domain.roles import Role
from app.domain.times import utc_now
from app.services.projects import invitations
from tests.browser.conftest import EMAIL, PASSWORD

pytestmark = pytest.mark.sqlite_only("the browser meets HTTP, which is tested on both")

PATHS = (
    "/projects",
    "/projects/new",
    "/projects/1/start",
    "/projects/1/inbox",
    "/projects/1/settings",
    "/projects/1/members",
    "/projects/1/members/3/remove",
    "/projects/1/tokens",
    "/projects/1/tokens/replace",
    "/projects/1/dsn/replace",
    "/projects/1/audit",
    "/projects/1/delete",
    "/account",
    "/account/password",
    "/account/two-factor",
    "/account/two-factor/confirm",
    "/account/delete",
    "/join",
)
SCHEMES = ("light", "dark")


@pytest.fixture
def furnished(send_feedback, make_member, garden_shop, app):
    """An instance with something on every page."""
    send_feedback("The checkout page stays blank", url="https://app.example.com/x", name="Bob")
    make_member("jo@example.com", project_id=garden_shop.id)
    with app.app_context():
        invitations.invite(
            garden_shop.id, email="kim@example.com", role=Role.VIEWER, actor=EMAIL, now=utc_now()
        )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pages_of_somebody_who_is_logged_in(
    open_browser, furnished, log_in, assert_accessible, complaints, scheme
):
    page = log_in(open_browser(color_scheme=scheme))
    for path in PATHS:
        assert page.goto(path).status == 200, path
        assert_accessible(page)
    page.get_by_text("Alice Martin").click()  # the menu, open
    assert_accessible(page)

    page.goto("/account/two-factor")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert_accessible(page)

    page.goto("/projects/1/members")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("This is needed.")).to_be_visible()
    assert_accessible(page)
    assert page.goto("/projects/9/inbox").status == 404
    assert_accessible(page)
    complaints.forget_refusals()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pages_of_somebody_who_is_not(open_browser, alice, assert_accessible, complaints, scheme):
    page = open_browser(color_scheme=scheme)
    for path in ("/login", "/register", "/join"):
        assert page.goto(path).status == 200
        assert_accessible(page)
    page.goto("/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
    complaints.forget_refusals()


def test_first_thing_that_is_tabbed_to_skips_to_the_content(page, log_in):
    log_in(page)
    page.goto("/projects")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_menu_opens_and_closes_by_keyboard(page, log_in):
    log_in(page)
    page.goto("/projects")
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Account")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Account")).to_be_hidden()
    expect(page.locator("summary")).to_be_focused()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_page_of_the_api_with_everything_open(open_browser, assert_accessible, scheme):
    page = open_browser(color_scheme=scheme)
    assert page.goto("/api/docs").status == 200
    expect(page.get_by_text("/api/feedback", exact=False).first).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert_accessible(page)

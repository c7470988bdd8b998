"""axe-core on what is only seen at some moment: first runs, what is shown once, a viewer."""

import re

import httpx
import pyotp
import pytest
from playwright.sync_api import expect

from app.database import write_transaction
from app.domain.losses import LossKind, LossReason
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.times import utc_now
from app.services import losses, sessions
from app.services.accounts import two_factor, user_tokens
from app.services.accounts.user_tokens import CONSOLE
from tests.browser.conftest import EMAIL, PASSWORD

pytestmark = pytest.mark.sqlite_only("the browser meets HTTP, which is tested on both")

SCHEMES = ("light", "dark")


@pytest.fixture(params=SCHEMES)
def page(open_browser, request):
    return open_browser(color_scheme=request.param)


@pytest.fixture
def enter(app, server):
    """Logs an account in past the login page."""

    def give_cookie(page, account):
        with app.app_context(), write_transaction() as connection:
            token = user_tokens.add(connection, account.id, client=CONSOLE, now=utc_now())
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = token
        cookie = {"name": "pionne", "value": client.get_cookie("pionne").value, "url": server.url}
        page.context.add_cookies([cookie])

    return give_cookie


@pytest.fixture
def crash_with_feedback(app, server, garden_shop, make_event):
    """An event, its issue, the health of its release, and two pieces of feedback about it."""
    stored = make_event(project_id=garden_shop.id)
    report = SessionReport(
        session_id=bytes(16),
        status=SessionStatus.CRASHED,
        release="1.0",
        environment="production",
    )
    with app.app_context():
        sessions.record(garden_shop.id, report, now=utc_now())
    for message in ("It crashed, write to jo@example.com", "It crashed again"):
        answer = httpx.post(
            f"{server.url}/events/{stored.id}/feedback",
            json={"message": message, "app_version": "1.0", "url": "https://example.com/x"},
            headers={"X-Pionne-Token": garden_shop.token},
        )
        assert answer.status_code == 202, answer.text


def test_first_run(page, register, create_project, assert_accessible):
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create the first account")
    assert_accessible(page)
    register(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Create your first project")
    assert_accessible(page)
    page.goto("/projects")
    assert_accessible(page)
    create_project(page)
    expect(page.get_by_role("button", name="Copy the token")).to_be_visible()
    assert_accessible(page)
    for path in ("inbox", "issues", "releases"):  # of a project without anything in it
        page.goto(f"/projects/1/{path}")
        assert_accessible(page)


def test_what_is_shown_once(page, log_in, garden_shop, assert_accessible):
    log_in(page)
    page.goto("/projects/1/tokens")
    page.get_by_role("link", name="Replace all tokens…").click()
    page.get_by_role("button", name="Replace the token").click()
    expect(page.get_by_role("heading", name="The new token")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Label").fill("iOS app")
    page.get_by_role("button", name="Add a token").click()
    expect(page.get_by_text("The others stay good.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Revoke iOS app").click()
    expect(page.get_by_role("button", name="Revoke the token")).to_be_visible()
    assert_accessible(page)
    page.goto("/account")
    page.get_by_label("Name").fill("Nightly report")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("heading", name="The new API token")).to_be_visible()
    assert_accessible(page)
    page.goto("/projects/1/members")
    page.get_by_label("E-mail").fill("kim@example.com")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("heading", name="kim@example.com is invited")).to_be_visible()
    assert_accessible(page)


def test_two_factor(page, app, alice, log_in, assert_accessible):
    with app.app_context():
        totp = pyotp.TOTP(two_factor.enrol(alice.id, password=PASSWORD).secret)
        two_factor.confirm(alice.id, code=totp.now(), now=utc_now())
    page.goto("/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    assert_accessible(page)


def test_looking_for_a_person(page, log_in, send_feedback, assert_accessible):
    send_feedback("It went blank", email="bob@example.com")
    log_in(page)
    page.goto("/projects/1/members")
    page.get_by_role("link", name="Look for a person…").click()
    page.get_by_label("Their e-mail address").fill("bob@example.com")
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_role("heading", name="Kept about bob@example.com")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("Erased for good: 1 feedback.")).to_be_visible()


def test_turning_two_factor_off(page, app, alice, enter, assert_accessible):
    with app.app_context():
        totp = pyotp.TOTP(two_factor.enrol(alice.id, password=PASSWORD).secret)
        two_factor.confirm(alice.id, code=totp.now(), now=utc_now())
    enter(page, alice)
    page.goto("/account/two-factor")
    expect(page.get_by_role("heading", level=1)).to_have_text("Turn off two-factor?")
    assert_accessible(page)
    page.goto("/account")
    assert_accessible(page)


def test_feedback_with_its_event_issue_and_health(
    page, log_in, crash_with_feedback, assert_accessible
):
    log_in(page)
    page.goto("/projects/1/feedback/1")
    for heading in ("How 1.0 was doing", "The event", "Others on the same issue"):
        expect(page.get_by_role("heading", name=re.compile(heading))).to_be_visible()
    assert_accessible(page)


def test_page_that_asks_before_deleting_where_no_script_does(
    page, log_in, crash_with_feedback, assert_accessible
):
    log_in(page)
    page.goto("/projects/1/inbox")
    page.locator("[name=feedback]").first.check()
    page.locator("[data-list]").evaluate("""form => {
            const deed = document.createElement("input");
            form.append(Object.assign(deed, { name: "do", value: "delete" }));
            form.submit(); // past the script, which would ask by itself
        }""")
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete this feedback for good?")
    assert_accessible(page)


def test_all_that_a_viewer_sees(
    page, garden_shop, make_member, enter, crash_with_feedback, assert_accessible, complaints
):
    enter(page, make_member("kim@example.com", role="viewer", project_id=garden_shop.id))
    for path in (
        "inbox",
        "feedback/1",
        "issues",
        "issues/1",
        "releases",
        "release?name=1.0",
        "start",
        "settings",
        "members",
        "tokens",
        "audit",
    ):
        assert page.goto(f"/projects/1/{path}").status == 200, path
        assert_accessible(page)
    assert page.goto("/projects/1/delete").status == 403
    assert_accessible(page)
    complaints.forget_refusals()


def test_what_was_lost(page, enter, app, alice, garden_shop, assert_accessible):
    reason = LossReason.BUNDLE_MISMATCH
    with app.app_context():
        for kind in LossKind:
            name = "com." + "long" * 40
            losses.count(garden_shop.id, kind=kind, reason=reason, now=utc_now(), named_app=name)
        app.extensions["losses"].flush()
    enter(page, alice)
    page.goto(f"/projects/{garden_shop.id}/inbox")
    page.get_by_text("other reasons").click()
    expect(page.get_by_text("1 session report was refused")).to_be_visible()
    assert_accessible(page)

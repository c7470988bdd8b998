"""From an empty instance to the first feedback, as somebody with a browser goes through it."""

import json
import re
import subprocess

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.sqlite_only("the browser meets HTTP, which is tested on both")


@pytest.fixture
def paste():
    """Runs what a page shows, in a shell, as it stands; returns what the server said."""

    def run(page: Page, kind: str) -> list[dict]:
        shown = attempt(page, kind).locator("pre").inner_text()
        ended = subprocess.run(
            ["bash", "-euc", shown], capture_output=True, text=True, timeout=30, check=True
        )
        answers = re.findall(r"{[^}]*}", ended.stdout)
        assert answers, ended
        return [json.loads(answer) for answer in answers]

    return run


def attempt(page: Page, kind: str) -> Locator:
    return page.locator("section.attempt", has=page.locator(f"[data-kind={kind}]"))


def test_newcomer_sees_feedback_a_session_and_a_crash_come(page, register, create_project, paste):
    register(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Create your first project")
    token = create_project(page)

    for kind, button in (
        ("feedback", "Open the inbox"),
        ("session", "Open the releases"),
        ("crash", "Open the issues"),
    ):
        tried = attempt(page, kind)
        expect(tried.get_by_role("status")).to_have_text(f"Waiting for the first {kind}…")
        expect(tried.get_by_role("link", name=button)).to_be_hidden()
        assert all(answer["ok"] for answer in paste(page, kind))
        expect(tried.get_by_role("status")).to_have_text("It is here.")
        expect(tried.get_by_role("link", name=button)).to_be_visible()
    # The only sight of the token is still there.
    expect(page.get_by_text(token, exact=True)).to_be_visible()

    page.get_by_role("link", name="Open the inbox").click()
    page.get_by_text("Hello from curl").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/projects/1/issues")
    page.get_by_role("link", name="TypeError").click()
    expect(page.get_by_text("at pay (cart.js:10:3)")).to_be_visible()
    page.goto("/projects/1/releases")
    page.get_by_role("link", name="1.0.0").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1.0.0")
    expect(page.get_by_text("1 session", exact=False).first).to_be_visible()


def test_session_and_crash_that_are_pasted_make_one_crashed_session(
    page, register, create_project, paste, server
):
    register(page)
    create_project(page)
    for kind in ("session", "crash", "crash"):
        paste(page, kind)
    assert server.rows("SELECT status, count(*) FROM sessions GROUP BY status") == [("crashed", 1)]


def test_loading_the_page_with_the_token_again_makes_no_second_project(
    page, register, create_project
):
    register(page)
    token = create_project(page)
    # The page's script does this; until then the address is the form's, and a browser would ask.
    page.wait_for_url("**/projects/1/start")
    page.reload()
    expect(page.get_by_text("cannot be shown again")).to_be_visible()
    assert token not in page.content()
    page.goto("/projects")
    expect(page.get_by_role("listitem")).to_have_count(1)


def test_first_run_needs_no_scripts(open_browser, register, create_project, paste):
    page = open_browser(java_script_enabled=False, phone=True)
    register(page)
    token = create_project(page)
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    paste(page, "feedback")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Look whether it came").click()
    expect(page.get_by_text(token, exact=True)).to_be_visible()
    opened.value.get_by_role("link", name="Open the inbox").click()
    expect(opened.value.get_by_text("Hello from curl")).to_be_visible()


def test_what_explains_a_new_token_opens_beside_it(page, register, create_project):
    register(page)
    create_project(page)
    for path, label, button, link in (
        ("/projects/1/tokens", "Label", "Add a token", "How to send feedback with it"),
        ("/account", "Name", "Make a token", "What the API can do"),
    ):
        page.goto(path)
        page.get_by_label(label, exact=True).fill("Report")
        page.get_by_role("button", name=button).click()
        token = page.locator("pre", has_text=re.compile("[0-9a-f]{40}")).inner_text()
        with page.context.expect_page():
            page.get_by_role("link", name=link).first.click()
        expect(page.get_by_text(token, exact=True)).to_be_visible()


def test_token_can_be_copied(open_browser, register, create_project):
    page = open_browser(permissions=["clipboard-read", "clipboard-write"])
    register(page)
    token = create_project(page)
    page.get_by_role("button", name="Copy the token").click()
    assert page.evaluate("navigator.clipboard.readText()") == token


def test_invitation_is_carried_into_the_form_and_into_no_address(
    page, open_browser, register, create_project, server
):
    register(page)
    create_project(page)
    page.goto("/projects/1/members")
    page.get_by_label("E-mail").fill("jo@example.com")
    page.get_by_role("button", name="Invite").click()
    address = page.locator("pre").inner_text()

    jo = open_browser(phone=True)
    jo.goto(address)
    jo.get_by_role("link", name="Create an account").click()
    expect(jo.get_by_label("Invitation")).to_have_value(re.compile("^pio_invite_"))
    assert "pio_invite_" not in jo.url
    jo.get_by_label("E-mail").fill("jo@example.com")
    jo.get_by_label("Password").fill("another correct horse")
    jo.get_by_role("button", name="Create account").click()
    expect(jo.get_by_role("heading", level=1)).to_have_text("Inbox")
    assert "pio_invite_" not in server.log()

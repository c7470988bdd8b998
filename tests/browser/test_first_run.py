"""From an empty instance to the first feedback, as somebody with a browser goes through it."""

import re

import httpx
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.sqlite_only("the browser meets HTTP, which is tested on both")


def test_first_run_ends_in_the_inbox_when_the_first_feedback_comes(page, register, server):
    register(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Create your first project")
    page.get_by_label("Name").fill("Garden shop")
    page.get_by_role("button", name="Create project").click()

    expect(page.get_by_text("Waiting for the first feedback…")).to_be_visible()
    curl_line = page.locator("pre", has_text="curl").inner_text()
    assert f"curl {server.url}/feedback" in curl_line
    token = re.search("pio_live_[0-9a-f]{40}", curl_line)[0]

    httpx.post(
        f"{server.url}/feedback",
        json={"message": "The checkout page stays blank", "name": "Bob"},
        headers={"X-Pionne-Token": token},
    )
    expect(page).to_have_url(re.compile("/projects/1/inbox$"))
    expect(page.get_by_text("The checkout page stays blank")).to_be_visible()


def test_loading_the_page_with_the_token_again_makes_no_second_project(
    page, register, create_project
):
    register(page)
    token = create_project(page)
    page.reload()
    expect(page.get_by_text("cannot be shown again")).to_be_visible()
    assert token not in page.content()
    page.goto("/projects")
    expect(page.get_by_role("listitem")).to_have_count(1)


def test_first_run_needs_no_scripts(open_browser, register, create_project, server):
    page = open_browser(java_script_enabled=False)
    register(page)
    token = create_project(page)
    httpx.post(
        f"{server.url}/feedback", json={"message": "Hello"}, headers={"X-Pionne-Token": token}
    )
    page.get_by_role("link", name="Go to the inbox").click()
    expect(page.get_by_text("Hello")).to_be_visible()


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
    page.goto("/projects/1/people")
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

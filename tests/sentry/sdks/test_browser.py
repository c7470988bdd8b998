"""@sentry/browser in Chromium, four generations of it, on a page of another origin than ours."""

import json
from contextlib import ExitStack
from functools import partial

import pytest

from tests.sentry.sdks.installing import browser_script
from tests.sentry.sdks.shop import shop

NEWEST, OLDEST = "11", "5"
RELEASE, ENVIRONMENT = "shop@1.4.2", "staging"
# Version 5 has sessions where an app asks for them.
OPTIONS = {OLDEST: {"autoSessionTracking": True}}


@pytest.fixture(params=[NEWEST, "7", "6", OLDEST])
def sdk(request):
    return request.param


@pytest.fixture
def open_page_of(running_chromium, project):
    """A page of the shop, with an SDK of this version.

    What its console complains about fails the test, and so does an answer of ours that is not 200.
    """
    complaints, answers = [], []

    def hear(message):
        if message.type in ("warning", "error"):
            complaints.append(message.text)

    def note(response):
        if f"/{project.id}/" in response.url or "error-page" in response.url:
            answers.append((response.request.method, response.status))

    with ExitStack() as opened:

        def start(version, name="shop.html", **options):
            address = opened.enter_context(shop(browser_script(version)))
            context = running_chromium.new_context()
            opened.callback(context.close)
            context.set_default_timeout(10_000)
            page = context.new_page()
            page.on("console", hear)
            page.on("response", note)
            told = {"dsn": project.dsn, **OPTIONS.get(version, {}), **options}
            page.add_init_script(f"window.OPTIONS = {json.dumps(told)}")
            page.goto(f"{address}/{name}?token=secret-of-the-query")
            return page

        yield start
    assert complaints == []
    assert {status for _, status in answers} <= {200}


@pytest.fixture
def open_page(open_page_of, sdk):
    return partial(open_page_of, sdk)


def press(page, *names):
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()
        assert page.evaluate("Sentry.flush(5000)"), f"{name} was not sent"


def size_of_picture(request):
    """Of the PNG that an envelope has beside its feedback."""
    *_, header, picture = request.post_data_buffer.split(b"\n", 4)
    told = json.loads(header)
    assert (told["type"], picture[:4]) == ("attachment", b"\x89PNG")
    return told["length"]


def of_our_release(event):
    return (event["release"], event["environment"]) == (RELEASE, ENVIRONMENT)


def session_counts(project):
    """Total, crashed, errored, users."""
    health = project.releases()[RELEASE]
    names = ("sessions_total", "sessions_crashed", "sessions_errored", "users_total")
    return tuple(health[name] for name in names)


def test_messages_and_exceptions_are_an_issue_each_and_the_session_is_counted_once(
    open_page, project, sdk
):
    press(open_page(), "message", "handled", "crash")

    issues = project.issues()
    assert issues.keys() == {"Message", "RangeError", "TypeError"}
    events = {name: issue["events"] for name, issue in issues.items()}
    (message,), (handled,), (crash,) = (
        events[name] for name in ("Message", "RangeError", "TypeError")
    )
    for event in (message, handled, crash):
        assert of_our_release(event)
        assert event["user_id_anon"] == "u-77"
        assert event["tags"]["shop"] == "garden"
    assert (message["message"], message["level"]) == ("The basket is slow", "warning")
    assert handled["message"] == "No price for the shovel"
    assert handled["stack"][0].startswith("at pay (")
    assert handled["mechanism"]["handled"] is True
    # Up to version 6, what a listener or a timer throws is called handled.
    assert crash["mechanism"]["handled"] is (sdk in ("6", OLDEST))

    # Where a crash counts as handled, so does the session; the oldest tells of the visit alone.
    assert session_counts(project) == (1, int(sdk == "7"), int(sdk in (NEWEST, "6")), 1)
    assert set(project.answers()) == {200}


def test_a_broken_promise_is_one_issue_and_ends_the_session_badly(open_page, project, sdk):
    press(open_page(), "rejection")

    issues = project.issues()
    assert list(issues) == ["TypeError"]
    (event,) = issues["TypeError"]["events"]
    assert event["message"] == "Nobody waits for the shovel"
    assert event["mechanism"]["handled"] is False
    # What its elders called a crash, the newest calls unhandled.
    assert session_counts(project) == (1, int(sdk in ("7", "6")), int(sdk == NEWEST), 1)


@pytest.mark.parametrize("sdk, button", [(NEWEST, "feedback"), ("7", "report")])
def test_feedback_is_tied_to_the_event_that_it_is_about(open_page, project, sdk, button):
    press(open_page(), "handled", button)

    (feedback,) = project.feedback()
    assert feedback["message"] == "The page stays blank"
    assert (feedback["name"], feedback["email"]) == ("Nora", "nora@example.com")
    (error,) = project.issues()["RangeError"]["events"]
    assert feedback["event_id"] == error["id"]
    assert set(project.answers()) == {200}
    if sdk == NEWEST:
        project.may_lose = {("server", "attachment", "attachments_off", 18)}


@pytest.mark.parametrize("sdk", [NEWEST])
def test_feedback_of_the_widget_arrives_with_a_picture_of_the_screen(open_page, project):
    page = open_page("widget.html")
    page.get_by_role("button", name="Report a Bug").click()
    page.get_by_label("Name").fill("Nora")
    page.get_by_label("Email").fill("nora@example.com")
    page.get_by_label("Description").fill("The page stays blank")
    page.get_by_role("button", name="Add a screenshot").click()
    page.get_by_role("button", name="Remove screenshot").wait_for()
    with page.expect_request(lambda each: b"The page stays blank" in each.post_data_buffer) as sent:
        page.get_by_role("button", name="Send Bug Report").click()
    page.get_by_text("Thank you for your report!").wait_for()

    (feedback,) = project.feedback()
    assert feedback["message"] == "The page stays blank"
    assert (feedback["name"], feedback["email"]) == ("Nora", "nora@example.com")
    project.may_lose = {("server", "attachment", "attachments_off", size_of_picture(sent.value))}
    assert feedback["url"].endswith("/widget.html?token=[Filtered]")


def test_what_is_written_into_the_dialog_is_tied_to_the_event(open_page, project, sdk):
    page = open_page()
    press(page, "handled", "dialog")
    dialog = page.get_by_role("dialog", name="Oh nein!")
    dialog.wait_for()
    assert page.title() == "Dialog is there"
    dialog.locator("[name=comments]").fill("The page stays blank")
    dialog.locator("[type=submit]").click()
    dialog.locator("[name=comments]").wait_for(state="hidden")

    (feedback,) = project.feedback()
    assert feedback["message"] == "The page stays blank"
    assert (feedback["name"], feedback["email"]) == ("Nora", "nora@example.com")
    (error,) = project.issues()["RangeError"]["events"]
    assert feedback["event_id"] == error["id"]


@pytest.mark.parametrize("sdk", [NEWEST, "7"])
def test_a_page_is_told_when_its_dialog_is_closed(open_page):
    page = open_page()
    press(page, "handled", "dialog")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("document.title === 'Dialog is gone'")


@pytest.mark.parametrize("is_our_address", [False, True], ids=["own", "ours"])
@pytest.mark.parametrize("sdk", [NEWEST, "7", "6"])
def test_what_is_sent_through_a_tunnel_arrives(open_page, project, is_our_address):
    """Be it the app's own, or the address that the tunnel would send on to."""
    ours = f"{project.dsn.partition('//')[0]}//{project.dsn.partition('@')[2]}"
    base, _, number = ours.rpartition("/")
    tunnel = f"{base}/api/{number}/envelope/" if is_our_address else "/tunnel"
    press(open_page(tunnel=tunnel), "message", "handled")

    assert project.issues().keys() == {"Message", "RangeError"}
    assert project.releases()[RELEASE]["sessions_total"] == 1
    assert set(project.answers()) == {200}

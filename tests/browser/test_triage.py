"""Triage in a real browser: by keyboard, several at once, on a phone, without scripts, and with
what somebody hostile sends."""

import re

import pytest
from playwright.sync_api import expect

from app.domain.event_content import EventCleaner
from app.domain.times import utc_now
from app.services import projects
from app.services.accounts import user_tokens
from app.services.issues import events
from tests.browser.conftest import EMAIL, PASSWORD

pytestmark = pytest.mark.sqlite_only("the browser meets HTTP, which is tested on both")

INBOX = "/projects/1/inbox"


@pytest.fixture
def fill(send_feedback):
    """Feedback `Message 1` to `Message n`; the last is on top."""
    return lambda count: [send_feedback(f"Message {n}") for n in range(1, count + 1)]


@pytest.fixture
def inbox(page, log_in, fill):
    """Of three messages, with scripts running."""
    fill(3)
    log_in(page).goto(INBOX)
    expect(page.get_by_role("button", name="Keys")).to_be_visible()
    return page


def messages(page):
    return page.locator("[data-row] .row-link")


def tab(page, name):
    return page.get_by_role("navigation", name="Feedback").get_by_role("link", name=name)


def test_keyboard_alone_handles_the_one_under_it_and_goes_on(inbox):
    inbox.keyboard.press("j")
    expect(messages(inbox).nth(0)).to_be_focused()
    inbox.keyboard.press("j")
    expect(messages(inbox).nth(1)).to_have_text("Message 2")
    inbox.keyboard.press("h")
    expect(inbox.get_by_text("1 handled.", exact=True).first).to_be_visible()
    expect(messages(inbox)).to_have_text(["Message 3", "Message 1"])
    expect(messages(inbox).nth(1)).to_be_focused()  # the next one, at the same place
    inbox.keyboard.press("k")
    inbox.keyboard.press("a")
    expect(messages(inbox)).to_have_text(["Message 1"])
    expect(tab(inbox, "Archived")).to_have_text(re.compile("1$"))


def test_keys_select_and_act_on_what_is_selected(inbox):
    for key in "jxjjx":
        inbox.keyboard.press(key)
    expect(inbox.get_by_text("2 selected")).to_be_visible()
    inbox.keyboard.press("h")
    expect(messages(inbox)).to_have_text(["Message 2"])
    expect(tab(inbox, "Handled")).to_have_text(re.compile("2$"))


def test_undo_by_key_and_by_button(inbox):
    inbox.keyboard.press("j")
    inbox.keyboard.press("h")
    expect(messages(inbox)).to_have_count(2)
    inbox.keyboard.press("z")
    expect(inbox.get_by_text("Undone: 1 moved back.").first).to_be_visible()
    expect(messages(inbox)).to_have_count(3)
    inbox.get_by_label("Select all").check()
    inbox.get_by_role("button", name="Archive").click()
    expect(inbox.get_by_text("Nothing is open")).to_be_visible()
    inbox.get_by_role("button", name="Undo").click()
    expect(messages(inbox)).to_have_count(3)


def test_undo_is_offered_for_ten_seconds(page, log_in, fill):
    fill(1)
    page.clock.install()
    log_in(page).goto(INBOX)
    page.keyboard.press("j")
    page.keyboard.press("h")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    page.clock.run_for(9_000)
    expect(undo).to_be_visible()
    page.clock.run_for(1_500)
    expect(undo).to_be_hidden()


def test_undo_goes_after_ten_seconds_but_not_under_the_pointer(page, log_in, fill):
    fill(1)
    page.clock.install()
    log_in(page).goto(INBOX)
    page.keyboard.press("j")
    page.keyboard.press("h")
    undo = page.get_by_role("button", name="Undo")
    undo.hover()
    page.clock.run_for(11_000)
    expect(undo).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(11_000)
    expect(undo).to_be_hidden()


def test_reopening_from_another_tab_by_key(inbox):
    inbox.keyboard.press("j")
    inbox.keyboard.press("h")
    expect(messages(inbox)).to_have_count(2)
    tab(inbox, "Handled").click()
    expect(messages(inbox)).to_have_text(["Message 3"])
    inbox.keyboard.press("j")
    inbox.keyboard.press("o")
    expect(inbox.get_by_text("Nothing is handled")).to_be_visible()


def test_deleting_by_key_asks_and_escape_means_no(inbox):
    inbox.keyboard.press("j")
    inbox.keyboard.press("#")
    dialog = inbox.get_by_role("dialog", name="Delete for good?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    inbox.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(messages(inbox)).to_have_count(3)
    inbox.keyboard.press("#")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(inbox.get_by_text("1 deleted for good.").first).to_be_visible()
    expect(messages(inbox)).to_have_text(["Message 2", "Message 1"])


def test_keys_are_letters_while_somebody_types_or_holds_a_modifier(inbox):
    inbox.keyboard.press("j")
    inbox.keyboard.press("/")
    search = inbox.get_by_role("searchbox")
    expect(search).to_be_focused()
    inbox.keyboard.type("haxo#?j")
    expect(search).to_have_value("haxo#?j")
    expect(messages(inbox)).to_have_count(3)
    expect(inbox.get_by_role("dialog")).to_have_count(0)
    inbox.keyboard.press("Escape")
    inbox.keyboard.press("Alt+h")
    expect(messages(inbox)).to_have_count(3)
    expect(tab(inbox, "Handled")).to_have_text(re.compile("0$"))


def test_search_by_keyboard(inbox):
    inbox.keyboard.press("/")
    inbox.keyboard.type("2")
    inbox.keyboard.press("Enter")
    expect(messages(inbox)).to_have_text(["Message 2"])
    inbox.get_by_role("link", name="Show all").click()
    expect(messages(inbox)).to_have_count(3)


def test_help_tells_the_keys_and_turns_them_off(inbox):
    inbox.keyboard.press("?")
    help_ = inbox.get_by_role("dialog", name="Keys")
    expect(help_.get_by_text("delete, after asking")).to_be_visible()
    help_.get_by_label("Keys are on").uncheck()
    help_.get_by_role("button", name="Close").click()
    inbox.keyboard.press("j")
    inbox.keyboard.press("h")
    expect(messages(inbox)).to_have_count(3)
    inbox.reload()
    inbox.keyboard.press("?")
    expect(help_.get_by_label("Keys are on")).not_to_be_checked()


def test_enter_opens_and_keys_go_on_from_there(inbox):
    inbox.keyboard.press("j")
    inbox.keyboard.press("j")
    inbox.keyboard.press("Enter")
    inbox.wait_for_url("**/feedback/2")
    inbox.keyboard.press("h")
    expect(inbox.get_by_role("heading", name="Feedback 2 handled")).to_be_visible()
    inbox.keyboard.press("j")
    inbox.wait_for_url("**/feedback/1")
    inbox.keyboard.press("k")
    inbox.wait_for_url("**/feedback/3")  # 2 is not open any more
    inbox.keyboard.press("u")
    inbox.wait_for_url(f"**{INBOX}")
    expect(messages(inbox)).to_have_text(["Message 3", "Message 1"])


def test_back_button_checks_nothing_that_was_not_chosen(inbox, send_feedback):
    """Browsers restore what was checked by its place in the list, where another row is by then."""
    for row in (0, 1):
        inbox.locator("[name=feedback]").nth(row).check()
    messages(inbox).nth(2).click()
    expect(inbox.get_by_role("heading", name="Feedback 1 open")).to_be_visible()
    send_feedback("Fresh")
    inbox.go_back()
    expect(messages(inbox)).to_have_text(["Fresh", "Message 3", "Message 2", "Message 1"])
    expect(inbox.locator("[name=feedback]:checked")).to_have_count(0)
    expect(inbox.get_by_label("Select all")).not_to_be_checked()


def test_count_of_the_selected_is_true_of_what_a_browser_restores(inbox):
    inbox.locator("[name=feedback]").first.evaluate("box => { box.checked = true }")
    inbox.evaluate("dispatchEvent(new PageTransitionEvent('pageshow'))")
    expect(inbox.get_by_text("1 selected")).to_be_visible()


def test_new_feedback_announces_itself_and_waits_to_be_shown(page, log_in, fill, send_feedback):
    fill(1)
    page.clock.install()
    log_in(page).goto(INBOX)
    send_feedback("Fresh")
    send_feedback("Fresher")
    page.clock.run_for(16_000)
    show = page.get_by_role("button", name="2 new — show")
    expect(show).to_be_visible()
    expect(messages(page)).to_have_count(1)
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    show.click()
    expect(messages(page)).to_have_text(["Fresher", "Fresh", "Message 1"])
    expect(show).to_be_hidden()


def test_a_server_that_does_not_answer_is_told(page, log_in, fill, complaints):
    fill(3)
    log_in(page)

    def lose_posts(route):
        route.abort() if route.request.method == "POST" else route.continue_()

    # Before the page is loaded: a request of one that is there already may slip past a new route.
    page.route("**/inbox", lose_posts)
    page.goto(INBOX)
    page.keyboard.press("j")
    page.keyboard.press("h")
    expect(page.get_by_text("The server did not answer.")).to_be_visible()
    expect(messages(page)).to_have_count(3)
    complaints.texts = [text for text in complaints.texts if "ERR_FAILED" not in text]


def test_somebody_who_was_logged_out_meanwhile_is_asked_to_log_in(inbox, app, alice):
    with app.app_context():
        user_tokens.revoke_others(alice.id, kept_token_id=0)
    inbox.keyboard.press("j")
    inbox.keyboard.press("h")
    inbox.wait_for_url(re.compile(r"/login\?"))


def test_whose_login_expired_is_led_to_the_login_and_back_to_the_same_list(inbox, log_in):
    inbox.goto(f"{INBOX}?q=2")
    inbox.context.clear_cookies()
    inbox.keyboard.press("j")
    inbox.keyboard.press("h")
    expect(inbox.get_by_text("You were logged out meanwhile, so nothing was done.")).to_be_visible()
    inbox.get_by_label("E-mail").fill(EMAIL)
    inbox.get_by_label("Password").fill(PASSWORD)
    inbox.get_by_role("button", name="Log in").click()
    inbox.wait_for_url(f"**{INBOX}?q=2")
    expect(messages(inbox)).to_have_text(["Message 2"])


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Tokyo", r"^May 8, 2026, 0?2:25\sAM"),
        ("America/New_York", r"^May 7, 2026, 0?1:25\sPM"),
    ],
)
def test_times_are_those_of_the_visitors_zone(
    open_browser, log_in, garden_shop, make_feedback, zone, shown
):
    make_feedback(project_id=garden_shop.id)  # at 17:25 of May 7, UTC
    page = log_in(open_browser(timezone_id=zone, locale="en-US"))
    page.goto(INBOX)
    expect(page.locator("[data-row] time")).to_have_attribute("title", re.compile(shown))
    messages(page).click()
    expect(page.locator("article time").first).to_have_text(re.compile(shown))


def test_days_of_the_filter_are_those_of_the_visitor(open_browser, log_in, fill):
    fill(1)
    page = log_in(open_browser(timezone_id="Asia/Tokyo"))
    page.goto(INBOX)
    page.get_by_text("Filters").click()
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("from 2020-01-01 (Asia/Tokyo)")).to_be_visible()


def test_a_phone_triages_by_touch(open_browser, log_in, fill, assert_accessible):
    fill(3)
    page = log_in(open_browser(phone=True, has_touch=True, is_mobile=True))
    page.goto(INBOX)
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    for row in (0, 2):
        page.locator(".mail-check").nth(row).tap()
    page.get_by_role("button", name="Handle").tap()
    expect(messages(page)).to_have_text(["Message 2"])
    page.get_by_role("button", name="Undo").tap()
    expect(messages(page)).to_have_count(3)
    messages(page).first.tap()
    expect(page.get_by_role("heading", name="Feedback 3 open")).to_be_visible()
    page.get_by_role("button", name="Archive").tap()
    expect(page.get_by_role("heading", name="Feedback 3 archived")).to_be_visible()


def test_all_tabs_with_large_counts_fit_a_phone(open_browser, log_in, fill):
    fill(1)
    page = log_in(open_browser(phone=True))
    page.goto(INBOX)
    for count in page.locator(".tab-count").all():
        count.evaluate("count => { count.textContent = '104,857' }")
    expect(tab(page, "All")).to_be_in_viewport(ratio=1)
    expect(tab(page, "Open")).to_be_in_viewport(ratio=1)


def test_current_tab_is_seen_where_tabs_are_wider_than_the_screen(open_browser, log_in, fill):
    fill(1)
    page = log_in(open_browser())
    page.set_viewport_size({"width": 150, "height": 740})
    page.goto(f"{INBOX}?tab=all")
    expect(tab(page, "All")).to_be_in_viewport(ratio=0.9)


def test_menu_has_room_beside_a_long_name_of_a_project(
    open_browser, log_in, garden_shop, app, alice
):
    with app.app_context():
        long_name = {"name": "The shop of the garden of the house " * 2}
        projects.change(garden_shop.id, long_name, actor=alice.email, now=utc_now())
    page = log_in(open_browser(phone=True))
    page.goto(INBOX)
    label = page.locator(".menu-label")
    assert label.evaluate("label => label.scrollWidth <= label.clientWidth")
    expect(label).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("height", "position"), [(740, "sticky"), (256, "static")])
def test_bar_stays_in_view_where_it_leaves_room_for_the_list(inbox, height, position):
    inbox.set_viewport_size({"width": 320, "height": height})
    assert inbox.locator(".bar").evaluate("bar => getComputedStyle(bar).position") == position


def test_current_tab_is_told_in_forced_colours(inbox):
    inbox.emulate_media(forced_colors="active")
    below = "tab => getComputedStyle(tab).borderBottomColor"
    ground = inbox.evaluate("getComputedStyle(document.body).backgroundColor")
    assert tab(inbox, "Open").evaluate(below) != ground
    assert tab(inbox, "Handled").evaluate(below) == ground


def test_paper_has_the_feedback_without_what_only_a_screen_can_use(inbox):
    inbox.emulate_media(media="print")
    expect(messages(inbox)).to_have_text(["Message 3", "Message 2", "Message 1"])
    expect(inbox.get_by_text("Filters")).to_be_hidden()
    for control in (*inbox.get_by_role("button").all(), *inbox.get_by_role("checkbox").all()):
        expect(control).to_be_hidden()


def test_without_scripts_everything_works_by_forms(open_browser, log_in, fill):
    fill(3)
    page = log_in(open_browser(java_script_enabled=False))
    page.goto(INBOX)
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    for box in (0, 1):
        page.locator("[name=feedback]").nth(box).check()
    page.get_by_role("button", name="Handle").click()
    expect(messages(page)).to_have_text(["Message 1"])
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 2 moved back.")).to_be_visible()
    expect(messages(page)).to_have_count(3)
    page.locator("[name=feedback]").first.check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_text("Delete this feedback for good?")).to_be_visible()
    page.get_by_role("button", name="Delete for good").click()
    expect(messages(page)).to_have_text(["Message 2", "Message 1"])
    messages(page).first.click()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("heading", name="Feedback 2 archived")).to_be_visible()


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202eevil\u202e مرحبا بالعالم"


def test_hostile_content_is_harmless_text(page, log_in, send_feedback, garden_shop, app):
    with app.app_context():
        stored = events.ingest(
            garden_shop.id,
            events.NewEvent(
                exception_type="<script>alert(3)</script>",
                fingerprint=bytes(32),
                environment="production",
                content={"stack": EventCleaner().stack("<script>alert(4)</script>")},
            ),
            now=utc_now(),
        )
    send_feedback(HOSTILE, name="<b>Bob</b>\u202e", url="javascript:alert(5)")
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    log_in(page).goto(INBOX)
    assert stored.id
    row = page.locator("[data-row]")
    expect(row).to_contain_text("<script>alert(1)</script>")
    expect(row).to_contain_text("<b>Bob</b>")
    expect(row).to_contain_text("javascript:alert(5)")
    assert page.locator("[href^='javascript:' i]").count() == 0
    assert row.locator("script, img, b").count() == 0
    messages(page).first.click()
    expect(page.get_by_role("article")).to_contain_text(HOSTILE)
    expect(page.get_by_text("javascript:alert(5)")).to_be_visible()
    assert page.locator("[href^='javascript:' i]").count() == 0


def test_right_to_left_text_runs_so_and_leaves_the_rest_alone(page, log_in, send_feedback):
    send_feedback("مرحبا بالعالم", name="Bob \u202e", app_version="1.4.2")
    log_in(page).goto(INBOX)
    text = page.locator(".mail-text")
    assert text.evaluate("element => getComputedStyle(element).direction") == "rtl"
    # The version, after a name that turns the direction and does not turn it back.
    version = page.locator(".row-facts bdi").nth(1)
    assert version.evaluate("element => getComputedStyle(element).direction") == "ltr"
    expect(version).to_have_text("1.4.2")
    who, its_version = page.locator(".mail-who").bounding_box(), version.bounding_box()
    assert who["x"] < its_version["x"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_inbox_and_feedback_pass_axe_in_every_state(
    open_browser, log_in, send_feedback, assert_accessible, make_event, garden_shop, scheme
):
    make_event(project_id=garden_shop.id)
    send_feedback("Mail me at jo@example.com", name="Bob", url="https://example.com")
    page = log_in(open_browser(color_scheme=scheme))
    for query in ("", "?tab=all", "?tab=handled", "?q=zebra", "?email=1&version=1&tab=all"):
        page.goto(INBOX + query)
        assert_accessible(page)
    page.goto(INBOX)
    page.keyboard.press("?")
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("#")
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert_accessible(page)
    page.goto("/projects/1/feedback/1")
    assert_accessible(page)

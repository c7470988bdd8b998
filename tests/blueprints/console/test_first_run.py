"""From an empty instance to the first feedback."""

import re

import pytest

from tests.blueprints.console.conftest import EMAIL, PASSWORD


def test_the_demos_account_may_log_in_before_anybody_has_the_first_one(browser):
    assert browser.get("/login").status_code == 200
    assert 'href="/login"' in browser.get("/register").text


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/1/inbox"])
def test_every_way_into_an_empty_instance_leads_to_the_first_account(browser, path):
    assert browser.get(path).location == "/register"
    browser.get("/register")
    assert "Create the first account" in browser.text


def test_first_account_is_made_and_logged_in(browser):
    answer = browser.fill("/register", email=EMAIL, password=PASSWORD, name="Alice")

    assert (answer.status_code, answer.location) == (302, "/")
    assert browser.get("/").location == "/projects/new"
    browser.get("/projects/new")
    assert "Create your first project" in browser.text
    assert "Alice" in browser.text


def test_form_that_is_refused_says_so_beside_the_field_and_keeps_what_was_typed(browser):
    answer = browser.fill("/register", email="nobody", password="short", name="Alice")

    assert answer.status_code == 422
    assert "This is not a valid e-mail address." in browser.text
    assert "8 to 128 characters, please." in browser.text
    assert 'value="nobody"' in browser.page
    assert "short" not in browser.page


def test_password_that_cannot_be_stored_is_told(browser):
    assert browser.fill("/register", email=EMAIL, password="NUL \0 and more").status_code == 422
    assert "This has characters that cannot be stored." in browser.text


def test_first_project_shows_its_token_once(browser):
    browser.fill("/register", email=EMAIL, password=PASSWORD)
    answer = browser.fill("/projects/new", name="My app", platform="web")

    assert answer.status_code == 201
    token = re.search(r"pio_live_[0-9a-f]{40}", browser.page)[0]
    assert token not in browser.get("/projects/1/start").get_data(as_text=True)
    assert "pio_live_" + token[9:13] + "..." in browser.page
    with browser.client.session_transaction() as session:
        assert token not in str(dict(session))


def test_snippets_carry_the_address_that_the_visitor_sees(new_browser):
    browser = new_browser(base_url="https://feedback.example.com")
    browser.fill("/register", email=EMAIL, password=PASSWORD)
    browser.fill("/projects/new", name="My app")
    for snippet in ("curl", "fetch(", "urllib.request", "file_get_contents"):
        assert snippet in browser.text
    assert "http://" not in browser.text
    assert browser.text.count("https://feedback.example.com/") >= 9
    assert 'endpoint: "https://feedback.example.com/api/ingest"' in browser.text
    assert "https only" not in browser.text


def test_dsn_has_the_address_that_the_visitor_sees_in_a_line_for_each_platform(new_browser):
    browser = new_browser(base_url="https://feedback.example.com")
    browser.fill("/register", email=EMAIL, password=PASSWORD)
    browser.fill("/projects/new", name="My app")
    (dsn,) = set(re.findall(r"https://[0-9a-f]{32}@feedback\.example\.com/1", browser.text))
    for line in (
        f'Sentry.init({{ dsn: "{dsn}" }});',
        f'sentry_sdk.init(dsn="{dsn}")',
        f'config.dsn = "{dsn}"',
        f'options.setDsn("{dsn}")',
        f'options.Dsn = "{dsn}"',
        f'Dsn: "{dsn}"',
        f"options.dsn = '{dsn}'",
        f'["dsn" => "{dsn}"]',
        f'android:value="{dsn}"',
    ):
        assert line in browser.text


@pytest.mark.parametrize(
    ("base_url", "is_warned"),
    [
        ("http://feedback.example.com", True),
        ("http://192.168.1.4:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", False),
        ("http://mac.local:8000", False),
    ],
)
def test_whoever_comes_over_http_reads_that_sdks_stay_silent_there(
    new_browser, base_url, is_warned
):
    browser = new_browser(base_url=base_url)
    browser.fill("/register", email=EMAIL, password=PASSWORD)
    browser.fill("/projects/new", name="My app")
    assert ("https only" in browser.text) is is_warned


def test_waiting_page_learns_what_came(as_owner_of_project, project, post_feedback, make_event):
    arrived = f"/projects/{project.id}/start/arrived"
    nothing = {"feedback": False, "session": False, "crash": False}
    assert as_owner_of_project.get(arrived).get_json() == nothing
    post_feedback()
    assert as_owner_of_project.get(arrived).get_json() == nothing | {"feedback": True}
    make_event()
    assert as_owner_of_project.get(arrived).get_json()["crash"]


def test_what_other_projects_hear_does_not_count(
    as_owner_of_project, project, make_project, make_feedback, make_event
):
    other = make_project("Another app")
    make_feedback(project_id=other.id)
    make_event(project_id=other.id)
    answer = as_owner_of_project.get(f"/projects/{project.id}/start/arrived")
    assert not any(answer.get_json().values())


def test_set_up_page_waits_only_for_what_has_not_come(as_owner_of_project, project, make_feedback):
    as_owner_of_project.get(f"/projects/{project.id}/start")
    assert "Waiting for the first feedback" in as_owner_of_project.text
    make_feedback()
    as_owner_of_project.get(f"/projects/{project.id}/start")
    assert "Send feedback to My app" in as_owner_of_project.text
    assert "Waiting for the first feedback" not in as_owner_of_project.text
    assert "Waiting for the first session" in as_owner_of_project.text


def test_lines_for_a_pinned_project_name_its_app(as_owner_of_project, project):
    settings = f"/projects/{project.id}/settings"
    as_owner_of_project.fill(settings, name="My app", bundle_id="com.o'hara.app")
    as_owner_of_project.get(f"/projects/{project.id}/start")
    assert as_owner_of_project.text.count("com.o'\"'\"'hara.app") == 3


def test_inbox_without_feedback_leads_to_how_to_send_it(as_owner_of_project, project):
    as_owner_of_project.get(f"/projects/{project.id}/inbox")
    assert "Waiting for the first feedback" in as_owner_of_project.text
    assert f'href="/projects/{project.id}/start"' in as_owner_of_project.page


def test_whoever_has_one_project_starts_in_its_inbox(as_owner_of_project, project):
    assert as_owner_of_project.get("/").location == f"/projects/{project.id}/inbox"


def test_whoever_has_more_chooses(as_owner_of_project, project, make_project, make_feedback):
    make_project("Another app")
    make_feedback()
    assert as_owner_of_project.get("/").location == "/projects"
    as_owner_of_project.get("/projects")
    assert "My app Open feedback 1 New issues 0" in as_owner_of_project.text
    assert "Another app Open feedback 0" in as_owner_of_project.text


class TestRegistration:
    def test_is_over_after_the_first_account(self, browser, alice):
        answer = browser.fill("/register", email="bob@example.com", password=PASSWORD)
        assert answer.status_code == 422
        assert "Registration is over" in browser.text

    def test_needs_no_invitation_where_it_is_open(self, make_browser, alice):
        browser = make_browser(registration="open")
        browser.get("/register")
        assert "Invitation" not in browser.text
        assert browser.fill("/register", email="b@example.com", password=PASSWORD).location == "/"

    def test_is_shut_even_on_an_empty_instance_where_the_setting_says_so(self, make_browser):
        browser = make_browser(registration="closed")
        assert browser.get("/").location == "/register"
        browser.get("/register")
        assert "Registration is closed" in browser.text
        assert "<form" not in browser.page

    def test_of_an_address_that_has_an_account_is_refused(self, make_browser, alice):
        browser = make_browser(registration="open")
        answer = browser.fill("/register", email=EMAIL, password=PASSWORD)
        assert answer.status_code == 422
        assert f"{EMAIL} has an account already." in browser.text

"""What the cookie is worth: to the console, to other blueprints, and when it is revoked."""

import pytest
from flask import session

from tests.blueprints.console.conftest import EMAIL, PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture(params=["", FIREFOX], ids=["nameless", "Firefox"])
def as_alice(request, browser, alice):
    """Whether or not it is known which browser she has, its token is one of a browser."""
    browser.client.environ_base["HTTP_USER_AGENT"] = request.param
    assert browser.fill("/login", email=EMAIL, password=PASSWORD).status_code == 302
    return browser


def test_cookie_is_out_of_scripts_reach_and_stays_here(browser, alice):
    browser.fill("/login", email=EMAIL, password=PASSWORD)
    cookie = browser.client.get_cookie("pionne")
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert not cookie.secure


def test_cookie_over_https_has_the_prefix_that_ties_it_to_this_host(new_browser, alice):
    browser = new_browser(base_url="https://localhost")
    browser.fill("/login", email=EMAIL, password=PASSWORD)
    cookie = browser.client.get_cookie("__Host-pionne")
    assert cookie.secure
    assert cookie.path == "/"
    assert browser.client.get_cookie("pionne") is None


def test_several_browsers_are_logged_in_at_once(as_alice, new_browser):
    other = new_browser()
    other.fill("/login", email=EMAIL, password=PASSWORD)
    assert other.get("/account").status_code == 200
    assert as_alice.get("/account").status_code == 200


def test_login_over_the_api_leaves_browsers_alone(as_alice):
    api = as_alice.client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
    assert api.status_code == 200
    assert as_alice.get("/account").status_code == 200


def test_browser_is_out_at_once_when_its_token_is_revoked_over_the_api(as_alice, bearer):
    headers = bearer(EMAIL)
    tokens = as_alice.client.get("/api/auth/tokens", headers=headers).get_json()["tokens"]
    [browser_token] = [token["id"] for token in tokens if token["name"].startswith("console")]
    as_alice.client.delete(f"/api/auth/tokens/{browser_token}", headers=headers)

    assert as_alice.get("/account").location == "/login?next=/account"


def test_browser_stays_logged_in_for_thirty_days(as_alice, clock):
    clock.advance(days=29)
    assert as_alice.get("/account").status_code == 200
    clock.advance(days=1)
    assert as_alice.get("/account").status_code == 302


def test_login_forgets_browsers_whose_time_is_over(as_alice, new_browser, clock, database_rows):
    clock.advance(days=30)
    new_browser().fill("/login", email=EMAIL, password=PASSWORD)
    assert len(database_rows("SELECT id FROM user_tokens WHERE name LIKE 'console%'")) == 1


def test_cookie_opens_nothing_of_the_api(as_alice):
    assert as_alice.client.get("/api/auth/me").status_code == 401
    assert as_alice.client.get("/api/projects").status_code == 401


def test_token_of_a_cookie_is_no_bearer_token(as_alice):
    with as_alice.client.session_transaction() as cookie:
        headers = {"Authorization": f"Bearer {cookie['_user_id']}"}
    assert as_alice.client.get("/api/auth/me", headers=headers).status_code == 401


def test_bearer_token_in_a_cookie_opens_nothing(as_alice, bearer):
    token = bearer(EMAIL)["Authorization"].removeprefix("Bearer ")
    with as_alice.client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert as_alice.get("/account").status_code == 302


def test_token_with_another_secret_opens_nothing(as_alice):
    with as_alice.client.session_transaction() as cookie:
        cookie["_user_id"] = cookie["_user_id"].partition("|")[0] + "|" + "0" * 40
    assert as_alice.get("/account").status_code == 302


def test_text_that_is_no_token_opens_nothing(as_alice):
    with as_alice.client.session_transaction() as cookie:
        cookie["_user_id"] = "1"
    assert as_alice.get("/account").status_code == 302


def test_cookie_signed_with_another_key_is_nobodys(as_alice, make_browser):
    cookie = as_alice.client.get_cookie("pionne")
    other = make_browser(app_key="another key, that is long enough too")
    other.client.set_cookie("pionne", cookie.value)
    assert other.get("/account").status_code == 302


def test_key_of_the_cookie_is_not_the_app_key(app, settings):
    assert app.secret_key != settings.app_key.encode()
    assert len(app.secret_key) == 32


def test_cookie_holds_no_trace_of_the_address_or_browser(as_alice):
    with as_alice.client.session_transaction() as cookie:
        assert set(cookie) == {"_user_id", "_fresh", "_permanent"}


def test_login_begins_a_new_session(browser, alice):
    browser.get("/login")
    with browser.client.session_transaction() as cookie:
        before = cookie["csrf_token"]
        cookie["planted"] = "by somebody else"
    browser.send("/login", email=EMAIL, password=PASSWORD)
    browser.get("/account")
    with browser.client.session_transaction() as cookie:
        assert cookie["csrf_token"] != before
        assert "planted" not in cookie


def test_answers_to_apps_neither_set_nor_depend_on_cookies(as_alice, post_feedback):
    answers = [
        post_feedback(),
        as_alice.client.get("/api/auth/me"),
        as_alice.client.get("/api/docs"),
        as_alice.client.get("/nowhere"),
    ]
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_plugin_with_pages_may_keep_something_in_the_cookie(settings, make_app):
    app = make_app(settings)

    @app.get("/remember")
    def remember():
        session["seen"] = True
        return ""

    @app.get("/recall")
    def recall():
        return str(session.get("seen"))

    client = app.test_client()
    client.get("/remember")
    assert client.get("/recall").text == "True"


def test_pages_depend_on_the_cookie(as_alice):
    assert "Cookie" in as_alice.get("/account").headers["Vary"]

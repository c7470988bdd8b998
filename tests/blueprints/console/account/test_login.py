"""Logging in and out, with one factor and with two."""

import pyotp
import pytest

from app.services.accounts import two_factor
from tests.blueprints.console.conftest import EMAIL, PASSWORD


@pytest.fixture
def phone(app, alice, clock):
    """Alice has two-factor, confirmed half a minute ago; the code and the recovery codes."""
    with app.app_context():
        enrolment = two_factor.enrol(alice.id, password=PASSWORD)
        totp = pyotp.TOTP(enrolment.secret)
        two_factor.confirm(alice.id, code=totp.at(clock()), now=clock())
    clock.advance(seconds=30)
    return lambda: totp.at(clock()), enrolment.recovery_codes


def test_login_leads_to_the_page_that_was_wanted(browser, alice):
    wanted = browser.get("/projects?before=3").location
    assert wanted == "/login?next=/projects?before%3D3"
    assert browser.fill(wanted, email=EMAIL, password=PASSWORD).location == "/projects?before=3"


@pytest.fixture
def logged_out(as_alice, project):
    """A page of Alice's is open, and its cookie has expired since."""
    as_alice.get("/projects/new")
    as_alice.client.delete_cookie("pionne")
    return as_alice


def test_form_of_a_page_whose_login_has_expired_leads_to_the_login_and_back(logged_out):
    referrer = {"Referer": "http://localhost/projects/1/inbox?q=blank"}
    answer = logged_out.send("/projects/1/inbox/undo", headers=referrer, first="1", last="1")
    assert answer.location == "/login?next=/projects/1/inbox?q%3Dblank&lost=1"
    logged_out.get(answer.location)
    assert "You were logged out meanwhile, so nothing was done." in logged_out.text
    back = logged_out.send(answer.location, email=EMAIL, password=PASSWORD)
    assert back.location == "/projects/1/inbox?q=blank"


@pytest.mark.parametrize(
    "referrer",
    [
        None,
        "http://evil.example/projects",
        "http://localhost//evil.example",
        "http://localhost/projects/1/inbox/undo",  # takes posts alone
        "http://localhost/api/projects",
    ],
)
def test_where_the_page_is_not_told_a_form_that_can_be_read_is_the_way_back(logged_out, referrer):
    headers = {"Referer": referrer} if referrer else {}
    wanted = logged_out.send("/projects/new", headers=headers, name="My app").location
    assert wanted == "/login?next=/projects/new&lost=1"


def test_deed_without_any_page_leads_to_the_login_alone(logged_out):
    assert logged_out.send("/logout").location == "/login?lost=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\tx"],
)
def test_login_leads_nowhere_else(browser, alice, elsewhere):
    browser.get("/login", query_string={"next": elsewhere})
    answer = browser.client.post(
        "/login",
        query_string={"next": elsewhere},
        data={"email": EMAIL, "password": PASSWORD, "csrf_token": browser.token},
    )
    assert answer.location == "/"


def test_wrong_password_is_told_on_the_page(browser, alice):
    answer = browser.fill("/login", email=EMAIL, password="something else")
    assert answer.status_code == 401
    assert "These credentials do not match an account." in browser.text
    assert browser.get("/projects").status_code == 302


@pytest.mark.parametrize("password", ["x" * 129, "NUL \0"])
def test_password_that_nobody_can_have_is_not_compared(browser, alice, password):
    assert browser.fill("/login", email=EMAIL, password=password).status_code == 422
    assert "This cannot be a password here." in browser.text


def test_guesses_on_the_page_and_over_the_api_are_counted_together(browser, alice):
    for _ in range(3):
        browser.fill("/login", email=EMAIL, password="wrong")
    for _ in range(2):
        browser.client.post("/api/auth/login", json={"email": EMAIL, "password": "wrong"})

    answer = browser.fill("/login", email=EMAIL, password=PASSWORD)
    assert answer.status_code == 429
    assert answer.mimetype == "text/html"
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many attempts" in browser.text


def test_whoever_is_logged_in_need_not_log_in_again(as_alice):
    assert as_alice.get("/login").location == "/"


def test_logging_out_revokes_the_token_that_a_copied_cookie_holds(as_alice, new_browser):
    copy = new_browser()
    cookie = as_alice.client.get_cookie("pionne")
    as_alice.get("/projects")
    assert as_alice.send("/logout").location == "/login"

    copy.client.set_cookie("pionne", cookie.value)
    assert copy.get("/projects").status_code == 302
    assert as_alice.get("/login").status_code == 200
    assert "You are logged out." in as_alice.text


class TestSecondFactor:
    def test_code_comes_after_the_password(self, browser, phone):
        code, _ = phone
        answer = browser.fill("/login?next=/account", email=EMAIL, password=PASSWORD)
        assert answer.location == "/login/code?next=/account"
        assert browser.get("/account").status_code == 302

        assert browser.fill(answer.location, code=code()).location == "/account"
        assert browser.get("/account").status_code == 200

    def test_code_may_be_typed_as_apps_show_it(self, browser, phone):
        code, _ = phone
        browser.fill("/login", email=EMAIL, password=PASSWORD)
        assert browser.fill("/login/code", code=f"{code()[:3]} {code()[3:]}").location == "/"

    def test_recovery_code_works_instead(self, browser, phone):
        _, recovery_codes = phone
        browser.fill("/login", email=EMAIL, password=PASSWORD)
        assert browser.fill("/login/code", code=recovery_codes[0]).location == "/"

    def test_wrong_code_may_be_followed_by_the_right_one(self, browser, phone):
        code, _ = phone
        browser.fill("/login", email=EMAIL, password=PASSWORD)
        assert browser.fill("/login/code", code="not a code").status_code == 401
        assert "The code is wrong" in browser.text
        assert browser.fill("/login/code", code=code()).location == "/"

    def test_login_that_waited_too_long_begins_again(self, browser, phone, clock):
        code, _ = phone
        browser.fill("/login", email=EMAIL, password=PASSWORD)
        browser.get("/login/code")
        clock.advance(minutes=6)
        assert browser.send("/login/code", code=code()).location == "/login"
        browser.get("/login")
        assert "This login has expired" in browser.text
        assert browser.get("/login/code").location == "/login"

"""A hundred wrong passwords in an hour for one account: then only known clients get through."""

import re

import pytest

from app.services.accounts import password_change
from tests.blueprints.accounts.conftest import EMAIL, PASSWORD

HOME, STRANGER = "203.0.113.77", "198.51.100.77"
pytestmark = pytest.mark.usefixtures("minutes_pass")


@pytest.fixture
def guess_from_everywhere(log_in):
    """So many wrong passwords, from addresses of which none is refused by itself."""

    def guess(count, email=EMAIL, *, first=0):
        for n in range(first, first + count):
            answer = log_in(email, f"guess number {n}", address=f"192.0.2.{n // 4}")
            assert answer.status_code == 401, n

    return guess


def test_client_that_logged_in_before_gets_through_and_others_do_not(
    alice, log_in, guess_from_everywhere
):
    log_in(address=HOME)
    guess_from_everywhere(100)

    assert log_in(address=STRANGER).status_code == 429
    assert log_in(address=HOME).status_code == 200


def test_ninety_nine_are_not_yet_too_many(alice, log_in, guess_from_everywhere):
    guess_from_everywhere(99)

    assert log_in(address=STRANGER).status_code == 200


def test_stranger_is_not_told_whether_the_password_is_right_nor_whether_there_is_an_account(
    alice, log_in, guess_from_everywhere
):
    guess_from_everywhere(100)
    guess_from_everywhere(100, "nobody@example.com")

    answers = [
        log_in(address=STRANGER),
        log_in(password="not hers", address=STRANGER),
        log_in("nobody@example.com", address=STRANGER),
    ]
    assert [answer.status_code for answer in answers] == [429] * 3
    assert answers[0].get_json() == answers[1].get_json() == answers[2].get_json()
    assert {1800 < int(answer.headers["Retry-After"]) <= 3600 for answer in answers} == {True}


def test_stranger_is_told_what_it_is_about_and_which_ways_in_are_left(
    alice, log_in, guess_from_everywhere
):
    guess_from_everywhere(100)

    message = log_in(address=STRANGER).get_json()["message"]

    assert "wrong passwords were tried for this account" in message
    assert "pionne-feedback accounts reset" in message
    assert re.search(r"Try again in \d{4} seconds\.$", message)


def test_other_accounts_are_not_concerned(alice, log_in, owner, guess_from_everywhere):
    guess_from_everywhere(100)

    assert log_in(owner.email, "wrong", address=STRANGER).status_code == 401


def test_an_hour_later_everybody_gets_through(alice, log_in, guess_from_everywhere, minutes_pass):
    guess_from_everywhere(100)
    minutes_pass(60.1)

    assert log_in(address=STRANGER).status_code == 200


def test_right_passwords_in_between_forgive_nothing(alice, log_in, guess_from_everywhere):
    guess_from_everywhere(60)
    log_in(address=HOME)
    guess_from_everywhere(40, first=60)

    assert log_in(address=STRANGER).status_code == 429


def test_known_client_guesses_as_slowly_as_before(alice, log_in, guess_from_everywhere):
    log_in(address=HOME)
    guess_from_everywhere(100)

    wrong = [log_in(password="wrong", address=HOME).status_code for _ in range(6)]
    assert wrong == [401] * 5 + [429]


def test_client_is_forgotten_with_other_hashes_of_addresses(
    alice, log_in, guess_from_everywhere, minutes_pass
):
    log_in(address=HOME)
    minutes_pass(31 * 24 * 60)
    guess_from_everywhere(100)

    assert log_in(address=HOME).status_code == 429


def test_password_without_its_second_factor_makes_no_client_known(
    alice, authenticator, log_in, guess_from_everywhere
):
    assert log_in(address=STRANGER).get_json()["requires_totp"]
    guess_from_everywhere(100)

    assert log_in(address=STRANGER).status_code == 429


def test_reset_in_the_shell_lets_everybody_through_again(app, alice, log_in, guess_from_everywhere):
    guess_from_everywhere(100)
    with app.app_context():
        password_change.reset(EMAIL, new_password="a new horse battery")

    assert log_in(password="a new horse battery", address=STRANGER).status_code == 200


def test_browser_that_logged_in_gets_through_from_a_new_address(
    alice, client, log_in, guess_from_everywhere
):
    page = client.get("/login").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "email": EMAIL, "password": PASSWORD}
    headers = {"Origin": "http://localhost"}
    client.post("/login", data=form, headers=headers, environ_overrides={"REMOTE_ADDR": HOME})
    device = client.get_cookie("pionne-device").value
    client.delete_cookie("pionne")
    guess_from_everywhere(100)

    def log_in_with(cookie):
        client.delete_cookie("pionne")
        client.set_cookie("pionne-device", cookie)
        page = client.get("/login").text
        form["csrf_token"] = page.split('name="csrf_token" value="')[1].split('"')[0]
        return client.post(
            "/login", data=form, headers=headers, environ_overrides={"REMOTE_ADDR": STRANGER}
        ).status_code

    assert log_in_with(device[:-2]) == 429
    assert log_in_with("") == 429
    assert log_in_with(device) == 302

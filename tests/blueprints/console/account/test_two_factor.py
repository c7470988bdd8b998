"""Enrolling, confirming and turning off the second factor."""

import re

import pyotp
import pytest

from tests.blueprints.console.conftest import PASSWORD


@pytest.fixture
def enrol(as_alice):
    """Asks for a QR code; returns the secret that is shown beside it."""

    def send():
        answer = as_alice.fill("/account/two-factor", password=PASSWORD)
        assert answer.status_code == 200
        return re.search(r"<code>([A-Z2-7]{32})</code>", as_alice.page)[1]

    return send


def test_enrolment_shows_a_qr_code_and_recovery_codes(enrol, as_alice):
    enrol()
    assert 'class="qr"' in as_alice.page
    assert "style=" not in as_alice.page
    assert (
        len(re.findall(r"\b[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}\b", as_alice.page)) == 10
    )


def test_secret_is_in_no_other_answer(enrol, as_alice):
    secret = enrol()
    for path in ("/account", "/account/two-factor", "/account/two-factor/confirm"):
        assert secret not in as_alice.get(path).get_data(as_text=True)
    with as_alice.client.session_transaction() as session:
        assert secret not in str(dict(session))


def test_first_code_turns_it_on(enrol, as_alice, clock):
    totp = pyotp.TOTP(enrol())
    assert (
        as_alice.send("/account/two-factor/confirm", code=totp.at(clock())).location == "/account"
    )
    as_alice.get("/account")
    assert "Two-factor on 10 recovery codes left" in as_alice.text


def test_wrong_first_code_may_be_tried_again(enrol, as_alice, clock):
    totp = pyotp.TOTP(enrol())
    assert as_alice.send("/account/two-factor/confirm", code="12345").status_code == 422
    assert "The code is wrong or too old." in as_alice.text
    assert (
        as_alice.send("/account/two-factor/confirm", code=totp.at(clock())).location == "/account"
    )


def test_enrolling_needs_the_password(as_alice):
    assert as_alice.fill("/account/two-factor", password="wrong").status_code == 422
    assert "The password is wrong." in as_alice.text
    assert 'class="qr"' not in as_alice.page


def test_turning_it_off_needs_the_password(enrol, as_alice, clock):
    totp = pyotp.TOTP(enrol())
    as_alice.send("/account/two-factor/confirm", code=totp.at(clock()))

    as_alice.get("/account/two-factor")
    assert "Turn off two-factor?" in as_alice.text
    assert as_alice.send("/account/two-factor/off", password="wrong").status_code == 422
    assert as_alice.send("/account/two-factor/off", password=PASSWORD).location == "/account"
    as_alice.get("/account")
    assert "Two-factor off" in as_alice.text


def test_it_cannot_be_enrolled_while_it_is_on(enrol, as_alice, clock):
    totp = pyotp.TOTP(enrol())
    as_alice.send("/account/two-factor/confirm", code=totp.at(clock()))
    as_alice.get("/account")
    assert as_alice.send("/account/two-factor", password=PASSWORD).status_code == 422
    assert "Two-factor is on already" in as_alice.text

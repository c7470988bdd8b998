"""People with real, cheap passwords, and clients that log in as apps do."""

from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Settings
from app.services import accounts
from app.services.accounts import two_factor
from tests.fixtures.apps import CHEAP_HASHER
from tests.fixtures.clocks import MovableClock
from tests.fixtures.posted import CLIENT_ADDRESS

EMAIL, PASSWORD = "alice@example.com", "correct horse battery"


@pytest.fixture
def minutes_pass(
    clock: MovableClock, wall_clock: time_machine.Traveller
) -> Callable[[float], None]:
    """Moves both clocks: the app's, and the one that limits are counted by."""

    def move(minutes: float) -> None:
        clock.advance(minutes=minutes)
        wall_clock.move_to(clock.time)

    return move


@pytest.fixture
def alice(app: Flask, clock: MovableClock) -> accounts.AccountRow:
    with app.app_context():
        return accounts.create(EMAIL, password=PASSWORD, name="Alice", now=clock())


@pytest.fixture
def make_client(
    settings: Settings, clock: MovableClock, make_app: Callable[..., Flask]
) -> Callable[..., FlaskClient]:
    """A client of an instance with other settings."""

    def make(**changes: object) -> FlaskClient:
        changed = replace(settings, **changes)
        return make_app(changed, clock=clock, password_hasher=CHEAP_HASHER).test_client()

    return make


@pytest.fixture
def log_in(client: FlaskClient) -> Callable[..., TestResponse]:
    def post(
        email: str = EMAIL,
        password: str = PASSWORD,
        *,
        named: str | None = None,
        address: str = CLIENT_ADDRESS,
    ) -> TestResponse:
        return client.post(
            "/api/auth/login",
            json={"email": email, "password": password},
            headers={"X-Pionne-Client": named} if named else {},
            environ_overrides={"REMOTE_ADDR": address},
        )

    return post


@pytest.fixture
def as_alice(alice: accounts.AccountRow, bearer: Callable[[str], dict[str, str]]) -> dict[str, str]:
    return bearer(alice.email)


@pytest.fixture
def authenticator(app: Flask, alice: accounts.AccountRow, clock: MovableClock) -> "Authenticator":
    """Alice has two-factor; the code that confirmed it is half a minute old."""
    with app.app_context():
        enrolment = two_factor.enrol(alice.id, password=PASSWORD)
        phone = Authenticator(enrolment, clock)
        two_factor.confirm(alice.id, code=phone.code(), now=clock())
    clock.advance(seconds=30)
    return phone


class Authenticator:
    """The app on her phone."""

    def __init__(self, enrolment: two_factor.Enrolment, clock: MovableClock) -> None:
        self.recovery_codes = enrolment.recovery_codes
        self.secret = enrolment.secret
        self._totp = pyotp.TOTP(enrolment.secret)
        self._clock = clock

    def code(self, *, steps: int = 0) -> str:
        """The code that it shows now, or showed or will show some 30 seconds away."""
        return self._totp.at(self._clock(), counter_offset=steps)

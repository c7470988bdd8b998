"""What a client writes into forwarding headers never decides who it is, however deep we stand."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Settings
from app.domain.client_address import address_hash
from tests.fixtures.apps import APP_KEY, CHEAP_HASHER

pytestmark = pytest.mark.sqlite_only("no query is made")

CLIENT = "203.0.113.9"
PROXIES = ["192.0.2.1", "192.0.2.2"]
DEPTHS = [0, 1, 2]
FORGED = [
    {},
    {"X-Forwarded-For": "198.51.100.1"},
    {"X-Forwarded-For": "198.51.100.2, 198.51.100.3, 198.51.100.4"},
    {"X-Forwarded-For": "192.0.2.1"},
    {"X-Forwarded-For": '"'},
    {"X-Forwarded-For": '"198.51.100.5'},
    {"X-Forwarded-For": '"198.51.100.6", "'},
    {"X-Forwarded-For": "\\"},
    {"X-Forwarded-For": ",,"},
    {"X-Forwarded-For": "unknown"},
    {"X-Forwarded-For": "x" * 4000},
    {"X-Real-IP": "198.51.100.7"},
    {"Forwarded": "for=198.51.100.8"},
    {"Client-IP": "198.51.100.9"},
    {"X-Client-IP": "198.51.100.10"},
    {"True-Client-IP": "198.51.100.11"},
    {"CF-Connecting-IP": "198.51.100.12"},
]


@pytest.fixture(params=DEPTHS, ids=lambda depth: f"{depth} proxies")
def depth(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def settings(settings: Settings, depth: int) -> Settings:
    return replace(settings, trusted_proxies=depth)


@pytest.fixture
def send(client: FlaskClient, depth: int) -> Callable[..., TestResponse]:
    """POST through `depth` proxies, each of which appends whom it saw, as most do."""

    def post(
        path: str,
        *,
        forged: dict[str, str],
        token: str = "",
        address: str = CLIENT,
        **body: str,
    ) -> TestResponse:
        *seen, peer = [address, *PROXIES[:depth]]
        headers = {"X-Pionne-Token": token, **forged}
        if seen:
            told = [headers["X-Forwarded-For"]] if "X-Forwarded-For" in headers else []
            headers["X-Forwarded-For"] = ", ".join(told + seen)
        return client.post(
            path, json=body, headers=headers, environ_overrides={"REMOTE_ADDR": peer}
        )

    return post


def test_forged_header_does_not_change_the_address_hash(send, project, stored_feedback):
    for number, forged in enumerate(FORGED):
        send("/feedback", forged=forged, token=project.token, message=f"Message {number}")

    hashes = {row.address_hash for row in stored_feedback()}
    assert hashes == {address_hash(CLIENT, key=APP_KEY.encode())}


def test_forged_header_does_not_make_a_copy_new(send, project, stored_feedback):
    for forged in FORGED:
        send("/feedback", forged=forged, token=project.token, message="The same again")

    assert len(stored_feedback()) == 1


def test_forged_header_does_not_escape_the_limit_on_unknown_tokens(send):
    with time_machine.travel("2026-05-07T17:25:00Z", tick=False):
        answers = [
            send(
                "/feedback",
                forged=FORGED[number % len(FORGED)],
                token=f"pio_live_{number:040x}",
                message="Hello",
            ).status_code
            for number in range(62)
        ]

    assert answers == [401] * 60 + [429] * 2


def test_forged_header_does_not_escape_the_limit_on_passwords(send, owner):
    with time_machine.travel("2026-05-07T17:25:00Z", tick=False):
        answers = [
            send("/api/auth/login", forged=forged, email=owner.email, password="wrong password")
            for forged in FORGED[:7]
        ]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2


def test_another_client_behind_the_same_proxies_is_another(send, project, stored_feedback):
    for address in (CLIENT, "203.0.113.10"):
        send("/feedback", forged={}, token=project.token, address=address, message="The same")

    assert len(stored_feedback()) == 2


def test_a_proxy_that_is_left_out_makes_nobody_believed(
    settings, make_app, clock, project, stored_feedback, depth
):
    """Whoever reaches the app past a proxy sends a list that is shorter than it must be."""
    app = make_app(replace(settings, trusted_proxies=depth + 1), clock=clock)
    for address in ("198.51.100.1", "198.51.100.2"):
        app.test_client().post(
            "/feedback",
            json={"message": address},
            headers={
                "X-Pionne-Token": project.token,
                **({"X-Forwarded-For": ", ".join([address] * depth)} if depth else {}),
            },
            environ_overrides={"REMOTE_ADDR": CLIENT},
        )

    hashes = {row.address_hash for row in stored_feedback()}
    assert hashes == {address_hash(CLIENT, key=APP_KEY.encode())}


@pytest.mark.parametrize("claim", ["https", "https, https, https", '"https'])
def test_only_a_trusted_proxy_says_that_it_was_https(settings, make_app, depth, claim):
    """Each of our proxies says http; what the client claims stands before it."""
    app = make_app(settings)
    told = ", ".join([claim] + ["http"] * depth)
    answer = app.test_client().get("/nowhere", headers={"X-Forwarded-Proto": told})

    assert "Strict-Transport-Security" not in answer.headers


def test_https_at_the_outermost_trusted_proxy_counts(settings, make_app, depth):
    app = make_app(replace(settings, trusted_proxies=depth + 1), password_hasher=CHEAP_HASHER)
    told = ", ".join(["https"] + ["http"] * depth)
    answer = app.test_client().get("/nowhere", headers={"X-Forwarded-Proto": told})

    assert "Strict-Transport-Security" in answer.headers

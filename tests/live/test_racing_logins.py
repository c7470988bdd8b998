"""What only many people at the door at once can show."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pyotp
import pytest

from app.services import accounts
from app.services.accounts import two_factor

AT_ONCE = 12
PASSWORD = "correct horse battery"


def post_at_once(
    url: str, path: str, bodies: list[dict], *, headers: dict[str, str] | None = None
) -> list[httpx.Response]:
    def post(body: dict) -> httpx.Response:
        return client.post(f"{url}/api/auth/{path}", json=body, headers=headers)

    limits = httpx.Limits(max_connections=AT_ONCE)
    with httpx.Client(timeout=60, limits=limits) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(post, bodies))


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def assert_one_made_it(answers: list[httpx.Response], *, refused: int) -> None:
    """Few passwords are hashed at once; who comes then is told to come back."""
    counted = statuses(answers)
    assert counted.keys() <= {201, refused, 503}
    assert counted[201] == 1
    assert counted[refused] >= 1


@pytest.fixture
def alice(app, clock) -> accounts.AccountRow:
    with app.app_context():
        return accounts.create("alice@example.com", password=PASSWORD, now=clock())


def test_of_many_first_registrations_at_once_one_makes_an_account(server):
    people = [{"email": f"p{n}@example.com", "password": PASSWORD} for n in range(AT_ONCE)]
    answers = post_at_once(server.url, "register", people)

    assert_one_made_it(answers, refused=403)
    assert server.rows("SELECT count(*) FROM accounts") == [(1,)]
    assert server.rows("SELECT count(*) FROM user_tokens") == [(1,)]


def test_one_address_registered_many_times_at_once_is_one_account(start_server: Callable, app):
    server = start_server(REGISTRATION="open")
    answers = post_at_once(
        server.url, "register", [{"email": "a@example.com", "password": PASSWORD}] * AT_ONCE
    )

    assert_one_made_it(answers, refused=422)


def test_many_guesses_at_once_are_no_more_than_five(server, alice):
    """Who is told to come back, as others' passwords are looked at, has not guessed."""
    guesses = [{"email": alice.email, "password": f"guess number {n}"} for n in range(AT_ONCE)]
    counted: Counter[int] = Counter()
    while guesses:
        answers = post_at_once(server.url, "login", guesses)
        later = [answer.status_code == 503 for answer in answers]
        counted += statuses([answer for answer, comes in zip(answers, later) if not comes])
        guesses = [guess for guess, comes in zip(guesses, later) if comes]

    assert counted == {401: 5, 429: AT_ONCE - 5}


def test_one_code_posted_many_times_at_once_lets_in_once(server, app, alice, clock):
    with app.app_context():
        enrolment = two_factor.enrol(alice.id, password=PASSWORD)
        totp = pyotp.TOTP(enrolment.secret)
        two_factor.confirm(alice.id, code=totp.at(clock()), now=clock())
    login = {"email": alice.email, "password": PASSWORD}
    (asked,) = post_at_once(server.url, "login", [login])
    proof = {"totp_token": asked.json()["totp_token"], "code": totp.now()}

    answers = post_at_once(server.url, "login/totp", [proof] * 4)
    assert statuses(answers) == {200: 1, 401: 3}


def test_of_many_logouts_at_once_none_is_an_error(server, alice):
    login = {"email": alice.email, "password": PASSWORD}
    (logged_in,) = post_at_once(server.url, "login", [login])
    headers = {"Authorization": f"Bearer {logged_in.json()['token']}"}

    answers = post_at_once(server.url, "logout", [{}] * 8, headers=headers)
    assert set(statuses(answers)) <= {204, 401}
    assert statuses(answers)[204] >= 1

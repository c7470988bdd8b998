"""Logging in and out, and what it does to other tokens."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from app.database import read_transaction
from app.models import Account
from app.services import accounts
from tests.blueprints.accounts.conftest import EMAIL, PASSWORD


def bearer_of(answer) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}


def test_a_login_answers_who_and_a_token(alice, log_in, client):
    answer = log_in()

    assert answer.status_code == 200
    assert answer.get_json()["user"] == {"id": alice.id, "email": EMAIL, "name": "Alice"}
    assert client.get("/api/auth/me", headers=bearer_of(answer)).status_code == 200


def test_the_address_is_trimmed_and_found_in_any_spelling(alice, log_in):
    assert log_in(" ALICE@example.com ").status_code == 200


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(alice, log_in):
    wrong, unknown = log_in(password="not hers"), log_in("nobody@example.com")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.get_json() == unknown.get_json()


def test_a_login_revokes_the_tokens_of_the_same_name_and_no_others(alice, log_in, client):
    first_phone, browser = log_in(named="mobile"), log_in(named="web")
    second_phone = log_in()

    alive = [
        client.get("/api/auth/me", headers=bearer_of(answer)).status_code
        for answer in (first_phone, browser, second_phone)
    ]
    assert alive == [401, 200, 200]


def test_a_login_leaves_the_tokens_of_other_accounts(alice, log_in, client, as_owner):
    log_in()

    assert client.get("/api/auth/me", headers=as_owner).status_code == 200


def test_the_name_of_the_client_may_be_in_capitals(alice, log_in):
    assert log_in(named="CLI").status_code == 200


def test_an_unknown_client_is_refused_with_the_known_ones(alice, log_in):
    answer = log_in(named="desktop")

    assert answer.status_code == 422
    assert answer.get_json()["message"] == ("The X-Pionne-Client must be one of: cli, mobile, web.")


def test_logging_out_revokes_that_token_only(alice, log_in, client):
    phone, browser = bearer_of(log_in(named="mobile")), bearer_of(log_in(named="web"))

    assert client.post("/api/auth/logout", headers=phone).status_code == 204
    assert client.get("/api/auth/me", headers=phone).status_code == 401
    assert client.get("/api/auth/me", headers=browser).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "me"),
        ("POST", "logout"),
        ("GET", "tokens"),
        ("POST", "tokens"),
        ("DELETE", "tokens"),
        ("DELETE", "tokens/1"),
        ("POST", "password"),
        ("DELETE", "account"),
        ("GET", "totp"),
        ("POST", "totp"),
        ("POST", "totp/confirm"),
        ("DELETE", "totp"),
    ],
)
@pytest.mark.parametrize("sent", [None, "Bearer 1|" + "0" * 40, "Basic YTpi", "Bearer nonsense"])
def test_everything_else_needs_a_token(client, alice, method, path, sent):
    headers = {"Authorization": sent} if sent else {}
    answer = client.open(f"/api/auth/{path}", method=method, headers=headers)

    assert answer.status_code == 401
    assert answer.get_json() == {"message": "Unauthenticated."}


def test_the_hash_is_renewed_at_login_when_parameters_rose(alice, settings, make_app, app):
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1, hash_len=16)
    client = make_app(settings, password_hasher=stronger).test_client()
    credentials = {"email": EMAIL, "password": PASSWORD}

    for _ in range(2):
        assert client.post("/api/auth/login", json=credentials).status_code == 200
    with app.app_context(), read_transaction() as connection:
        stored = connection.execute(select(Account.password_hash)).scalar_one()
    assert "$m=16,t=2,p=1$" in stored


def test_the_sixth_wrong_password_in_a_minute_is_refused_unseen(alice, log_in, minutes_pass):
    assert [log_in(password="wrong").status_code for _ in range(5)] == [401] * 5

    refused = log_in()  # the right one: nobody even looked
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["X-RateLimit-Limit"] == "5"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    minutes_pass(1.01)
    assert log_in().status_code == 200


def test_failures_count_for_one_address_and_one_account_only(alice, log_in, minutes_pass):
    for _ in range(6):
        log_in(password="wrong")

    assert log_in(address="198.51.100.9").status_code == 200
    assert log_in("nobody@example.com").status_code == 401
    assert log_in().status_code == 429


def test_unknown_addresses_are_limited_alike(log_in, minutes_pass):
    statuses = [log_in("nobody@example.com").status_code for _ in range(6)]

    assert statuses == [401] * 5 + [429]


def test_spelling_the_address_otherwise_gives_no_more_guesses(alice, log_in, minutes_pass):
    spellings = ["alice@example.com", "Alice@example.com", "ALICE@EXAMPLE.COM"] * 2

    assert [log_in(email, "wrong").status_code for email in spellings] == [401] * 5 + [429]


def test_trying_many_accounts_from_one_address_is_limited_too(alice, log_in, minutes_pass):
    """Each try costs a hash, whoever it is about."""
    statuses = [log_in(f"nobody{n}@example.com").status_code for n in range(31)]

    assert statuses == [401] * 30 + [429]
    assert log_in(address="198.51.100.9").status_code == 200
    minutes_pass(1.01)
    assert log_in().status_code == 200


def test_addresses_of_one_ipv6_subscriber_count_as_one(alice, log_in, minutes_pass):
    for n in range(30):
        log_in(f"nobody{n}@example.com", address=f"2001:db8::{n:x}")

    assert log_in(address="2001:db8::ffff").status_code == 429
    assert log_in(address="2001:db8:1::1").status_code == 200


def test_registering_shares_that_limit(make_client, minutes_pass):
    client = make_client(registration="open")
    people = [{"email": f"p{n}@example.com", "password": PASSWORD} for n in range(31)]

    statuses = [client.post("/api/auth/register", json=one).status_code for one in people]
    assert statuses == [201] * 30 + [429]


def test_an_account_is_found_in_both_forms_of_an_accented_letter(client, log_in, app, clock):
    with app.app_context():
        accounts.create("jos\u00e9@example.com", password=PASSWORD, now=clock())

    assert log_in("jose\u0301@example.com").status_code == 200


def test_a_refused_login_names_the_scheme(alice, log_in):
    """RFC 9110 section 15.5.2 wants one on every 401."""
    assert log_in(password="wrong").headers["WWW-Authenticate"] == "Bearer"


def test_which_methods_there_are_is_no_secret(client):
    for path in ("/api/auth/me", "/api/projects"):
        answer = client.options(path)
        assert answer.status_code == 200
        assert "GET" in answer.headers["Allow"]
        assert "Content-Type" not in answer.headers


def test_logging_in_often_is_not_failing(alice, log_in, minutes_pass):
    assert [log_in().status_code for _ in range(8)] == [200] * 8


def test_no_log_line_holds_a_password_a_token_or_an_address(alice, log_in, log_lines):
    token = log_in().get_json()["token"]
    for _ in range(6):
        log_in(password="wrong password")

    said = "\n".join(log_lines)
    for private in (token.split("|")[1], PASSWORD, "wrong password", EMAIL, "192.0.2.7"):
        assert private not in said


def test_the_database_holds_neither_token_nor_password(alice, log_in, database_bytes):
    token = log_in().get_json()["token"]

    stored = database_bytes()
    assert token.split("|")[1].encode() not in stored
    assert PASSWORD.encode() not in stored

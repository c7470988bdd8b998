"""A new password, and the end of an account."""

from sqlalchemy import update

from app.database import write_transaction
from app.models import Account
from tests.blueprints.accounts.conftest import EMAIL, PASSWORD
from tests.fixtures.apps import CHEAP_HASHER

NEW_PASSWORD = " another long one"


def change_password(client, headers, *, current=PASSWORD, new=NEW_PASSWORD):
    body = {"current_password": current, "password": new}
    return client.post("/api/auth/password", json=body, headers=headers)


def delete_account(client, headers, password=PASSWORD):
    return client.delete("/api/auth/account", json={"password": password}, headers=headers)


def test_the_new_password_logs_in_and_the_old_one_does_not(client, as_alice, log_in):
    assert change_password(client, as_alice).status_code == 204

    assert log_in(password=PASSWORD).status_code == 401
    assert log_in(password=NEW_PASSWORD).status_code == 200


def test_a_new_password_revokes_all_tokens_but_the_one_that_asked(client, alice, as_alice, bearer):
    other = bearer(alice.email)
    change_password(client, as_alice)

    assert client.get("/api/auth/me", headers=other).status_code == 401
    assert client.get("/api/auth/me", headers=as_alice).status_code == 200


def test_a_new_password_ends_logins_that_wait_for_a_code(client, as_alice, log_in, authenticator):
    totp_token = log_in().get_json()["totp_token"]
    change_password(client, as_alice)

    answer = client.post(
        "/api/auth/login/totp", json={"totp_token": totp_token, "code": authenticator.code()}
    )
    assert answer.status_code == 401


def test_a_wrong_current_password_changes_nothing(client, alice, as_alice, bearer, log_in):
    other = bearer(alice.email)

    answer = change_password(client, as_alice, current="not hers")
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"current_password"}
    assert client.get("/api/auth/me", headers=other).status_code == 200
    assert log_in().status_code == 200


def test_a_new_password_has_8_characters_too(client, as_alice):
    assert "password" in change_password(client, as_alice, new="short").get_json()["errors"]


def test_a_stolen_token_guesses_the_password_five_times_a_minute(client, as_alice, minutes_pass):
    guesses = [change_password(client, as_alice, current=f"guess {n}") for n in range(6)]

    assert [answer.status_code for answer in guesses] == [422] * 5 + [429]
    assert delete_account(client, as_alice).status_code == 429


def test_a_deleted_account_can_do_nothing_more(client, as_alice, log_in):
    assert delete_account(client, as_alice).status_code == 204

    assert client.get("/api/auth/me", headers=as_alice).status_code == 401
    assert log_in().status_code == 401


def test_the_wrong_password_deletes_nothing(client, as_alice):
    answer = delete_account(client, as_alice, "not hers")

    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"password"}
    assert client.get("/api/auth/me", headers=as_alice).status_code == 200


def test_the_address_of_a_deleted_account_is_free_again(make_client, alice, as_alice, make_project):
    make_project(owner_id=alice.id)
    client = make_client(registration="open")
    delete_account(client, as_alice)

    again = client.post("/api/auth/register", json={"email": EMAIL, "password": PASSWORD})
    assert again.status_code == 201
    assert again.get_json()["user"]["id"] != alice.id


def test_a_new_password_that_is_guessed_first_is_refused_with_a_reason(client, as_alice, log_in):
    for weak in ("password1", " " * 8, EMAIL, "alicealice"):
        answer = change_password(client, as_alice, new=weak)
        assert answer.status_code == 422
        assert set(answer.get_json()["errors"]) == {"password"}
    assert log_in().status_code == 200


def test_a_refused_new_password_is_no_wrong_guess(client, as_alice, minutes_pass):
    for _ in range(8):
        change_password(client, as_alice, new="password1")

    assert change_password(client, as_alice).status_code == 204


def test_a_weak_password_of_before_still_logs_in(app, alice, log_in):
    with app.app_context(), write_transaction() as connection:
        connection.execute(update(Account).values(password_hash=CHEAP_HASHER.hash("password1")))

    assert log_in(password="password1").status_code == 200

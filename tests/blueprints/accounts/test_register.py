"""Who may register, and what that makes."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from app.database import read_transaction, write_transaction
from app.domain import tokens
from app.models import Invitation, ProjectMember

BOB = {"email": "bob@example.com", "password": "long enough", "name": "Bob"}


def register(client: FlaskClient, **changes: object):
    return client.post("/api/auth/register", json={**BOB, **changes})


@pytest.fixture
def invite(app: Flask, clock, project) -> Callable[..., str]:
    def make(email: str = BOB["email"]) -> str:
        token = tokens.new_secret()
        values = {"email": email, "email_key": email.lower(), "role": "viewer"}
        with app.app_context(), write_transaction() as connection:
            connection.execute(
                insert(Invitation),
                {
                    **values,
                    "project_id": project.id,
                    "digest": tokens.digest(token),
                    "created_at": clock(),
                },
            )
        return token

    return make


@pytest.fixture
def memberships(app: Flask) -> Callable[[], list[tuple[int, int, str]]]:
    def read() -> list[tuple[int, int, str]]:
        member = ProjectMember
        with app.app_context(), read_transaction() as connection:
            rows = connection.execute(select(member.project_id, member.account_id, member.role))
            return [tuple(row) for row in rows]

    return read


def test_the_first_account_is_made_and_logged_in(client):
    answer = register(client)

    assert answer.status_code == 201
    body = answer.get_json()
    assert set(body) == {"user", "token"}
    assert body["user"] == {"id": 1, "email": "bob@example.com", "name": "Bob"}
    me = client.get("/api/auth/me", headers={"Authorization": f"Bearer {body['token']}"})
    assert me.get_json() == body["user"]


def test_the_token_is_named_after_the_client(client):
    answer = client.post("/api/auth/register", json=BOB, headers={"X-Pionne-Client": "cli"})

    bearer = {"Authorization": f"Bearer {answer.get_json()['token']}"}
    (token,) = client.get("/api/auth/tokens", headers=bearer).get_json()["tokens"]
    assert token["name"] == "cli"


def test_a_second_account_is_refused_and_told_how_to_change_that(client, alice):
    answer = register(client)

    assert answer.status_code == 403
    assert "REGISTRATION=open" in answer.get_json()["message"]


def test_when_all_accounts_are_gone_the_next_stranger_does_not_own_the_instance(client):
    token = register(client).get_json()["token"]
    client.delete(
        "/api/auth/account",
        json={"password": BOB["password"]},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert register(client, email="stranger@example.com").status_code == 403


def test_a_first_registration_that_failed_takes_nobodys_place(client, owner):
    """The owner of these tests is an account that nobody can log in to."""
    assert register(client, email=owner.email).status_code == 422
    assert register(client).status_code == 201


def test_the_demo_does_not_take_the_first_place(client, run):
    assert run("demo").exit_code == 0

    assert register(client).status_code == 201


def test_an_open_instance_takes_everybody(make_client, owner):
    assert register(make_client(registration="open")).status_code == 201


def test_a_closed_instance_takes_not_even_the_first(make_client):
    answer = register(make_client(registration="closed"))

    assert answer.status_code == 403
    assert "REGISTRATION" in answer.get_json()["message"]


def test_an_address_that_is_taken_is_422_in_any_spelling(make_client):
    client = make_client(registration="open")
    register(client)

    answer = register(client, email=" BOB@Example.com ")
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"email"}


def test_an_invitation_opens_an_instance_that_has_its_account(client, invite, memberships, project):
    answer = register(client, invitation=invite())

    assert answer.status_code == 201
    assert memberships() == [(project.id, answer.get_json()["user"]["id"], "viewer")]


def test_an_invitation_does_not_open_a_closed_instance(make_client, invite):
    assert register(make_client(registration="closed"), invitation=invite()).status_code == 403


def test_an_invitation_works_once(client, invite):
    token = invite()
    register(client, invitation=token)

    answer = register(client, email="carol@example.com", invitation=token)
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"invitation"}


def test_an_invitation_of_two_weeks_ago_is_too_old(client, invite, clock):
    token = invite()
    clock.advance(days=14)

    answer = register(client, invitation=token)
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"invitation"}


def test_an_invitation_is_good_only_for_the_invited_address(client, invite, memberships):
    answer = register(client, invitation=invite("carol@example.com"))

    assert answer.status_code == 422
    assert memberships() == []


def test_an_invitation_to_a_taken_address_is_kept(client, invite, owner):
    token = invite(owner.email)

    assert register(client, email=owner.email, invitation=token).status_code == 422
    assert "email" in register(client, email=owner.email, invitation=token).get_json()["errors"]


@pytest.mark.parametrize("mode", ["open", "first"])
def test_a_made_up_invitation_is_refused(make_client, owner, mode):
    answer = register(make_client(registration=mode), invitation="made up")

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("password", "sevench", "The password must have at least 8 characters."),
        ("password", "x" * 129, "The password may not be longer than 128 characters."),
        ("password", 12345678, "The password must be a string."),
        ("password", None, "The password field is required."),
        ("password", "NUL is not\x00 storable", "The password must not contain NUL characters"),
        ("email", "nobody", "The email must be a valid email address."),
        ("email", "", "The email field is required."),
        ("name", "x" * 121, "The name may not be longer than 120 characters."),
    ],
)
def test_a_field_that_cannot_be_is_named(client, field, value, message):
    answer = register(client, **{field: value})

    assert answer.status_code == 422
    assert answer.get_json()["errors"][field][0].startswith(message)


@pytest.mark.parametrize(
    "password", ["😀🐙🌵🛶🎻🧊🪁🦉", "😀🐙🌵🛶🎻🧊🪁🦉" * 16, " blanks count "]
)
def test_a_password_has_8_to_128_code_points_and_is_not_trimmed(client, password):
    assert register(client, password=password).status_code == 201

    login = {"email": BOB["email"], "password": password}
    assert client.post("/api/auth/login", json=login).status_code == 200
    trimmed = client.post("/api/auth/login", json={**login, "password": password.strip() + "."})
    assert trimmed.status_code == 401


def test_a_name_is_not_needed(client):
    answer = client.post("/api/auth/register", json={**BOB, "name": None})

    assert answer.get_json()["user"]["name"] is None


@pytest.mark.parametrize("password", ["password1", " " * 8, BOB["email"]])
def test_a_password_that_is_guessed_first_is_refused_with_a_reason(client, password):
    answer = register(client, password=password)

    assert answer.status_code == 422
    (reason,) = answer.get_json()["errors"]["password"]
    assert reason.startswith("The password ")
    assert register(client).status_code == 201  # it did not take the first place

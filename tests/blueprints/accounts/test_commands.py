"""`pionne-feedback accounts …`: an account and its token, without an API."""

import io

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from app.database import read_transaction
from app.models import Account


@pytest.fixture
def stored_accounts(context):
    def read():
        with read_transaction() as connection:
            return connection.execute(select(*Account.__table__.columns)).all()

    return read


def test_account_is_created_with_the_password_that_is_given(run, stored_accounts):
    run("accounts", "create", "a@b.example", "--password", "correct horse")
    (account,) = stored_accounts()
    assert account.email == "a@b.example"
    assert PasswordHasher().verify(account.password_hash, "correct horse")


def test_people_read_what_was_created_and_what_to_do_next(run):
    result = run("accounts", "create", "a@b.example", "--password", "-", input="correct horse\n")
    assert (result.exit_code, result.errors) == (0, "")
    assert result.printed == (
        "Account 1 created for a@b.example.\nNext: pionne-feedback accounts token a@b.example\n"
    )


def test_json_has_id_and_email(run):
    result = run("accounts", "create", "a@b.example", "--password", "correct horse", "--json")
    assert result.json == {"id": 1, "email": "a@b.example"}


@pytest.mark.parametrize("arguments", [(), ("--password", "")])
def test_password_is_made_up_and_shown_when_none_is_given(run, stored_accounts, arguments):
    result = run("accounts", "create", "a@b.example", "--json", *arguments)
    assert list(result.json) == ["id", "email", "password"]
    assert len(result.json["password"]) >= 16
    (account,) = stored_accounts()
    assert PasswordHasher().verify(account.password_hash, result.json["password"])


def test_people_read_the_password_that_was_made_up(run):
    assert "\nPassword, shown only now: " in run("accounts", "create", "a@b.example").printed


class Terminal(io.BytesIO):
    """Somebody types this."""

    def isatty(self):
        return True


def test_password_is_asked_for_at_a_terminal(run, stored_accounts):
    result = run("accounts", "create", "a@b.example", input=Terminal(b"correct horse\n"))
    assert "correct horse" not in result.printed
    (account,) = stored_accounts()
    assert PasswordHasher().verify(account.password_hash, "correct horse")


def test_password_is_made_up_when_nothing_is_typed(run):
    result = run("accounts", "create", "a@b.example", input=Terminal(b"\n"))
    assert "Password, shown only now: " in result.printed


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
@pytest.mark.parametrize("command", ["create", "reset"])
def test_password_is_read_from_standard_input_where_a_dash_asks_for_it(
    run, stored_accounts, command, ending
):
    if command == "reset":
        run("accounts", "create", "a@b.example")
    typed = f" correct - horse {ending}"
    result = run("accounts", command, "a@b.example", "--password", "-", input=typed)
    assert (result.exit_code, result.errors) == (0, "")
    assert "correct" not in result.printed
    (account,) = stored_accounts()
    assert PasswordHasher().verify(account.password_hash, " correct - horse ")


@pytest.mark.parametrize("typed", ["", "\n"])
def test_standard_input_without_a_password_is_refused(run, stored_accounts, typed):
    result = run("accounts", "create", "a@b.example", "--password", "-", input=typed)
    assert "standard input held no password" in result.refusal
    assert stored_accounts() == []


def test_password_on_the_command_line_draws_a_warning(run):
    result = run("accounts", "create", "a@b.example", "--password", "correct horse", "--json")
    assert "--password -" in result.errors
    assert "correct horse" not in result.errors
    assert result.json == {"id": 1, "email": "a@b.example"}


def test_nothing_is_asked_when_json_is_wanted(run):
    result = run("accounts", "create", "a@b.example", "--json", input=Terminal(b"typed\n"))
    assert result.json["password"] != "typed"


def test_passwords_differ(run):
    passwords = {
        run("accounts", "create", f"{n}@b.example", "--json").json["password"] for n in range(2)
    }
    assert len(passwords) == 2


@pytest.mark.parametrize("password", ["x", "x" * 7, "x" * 129])
def test_password_of_another_length_is_refused(run, stored_accounts, password):
    result = run("accounts", "create", "a@b.example", "--password", password)
    assert "must have 8 to 128 characters" in result.refusal
    assert stored_accounts() == []


def test_password_of_bytes_that_are_no_text_is_refused(run, stored_accounts):
    assert (
        "password" in run("accounts", "create", "a@b.example", "--password", "\udcff" * 8).refusal
    )
    assert stored_accounts() == []


@pytest.mark.parametrize("password", ["éàüöñçßø", "éàüöñçßø" * 16])
def test_password_of_8_to_128_characters_is_taken(run, password):
    assert run("accounts", "create", "a@b.example", "--password", password).exit_code == 0


@pytest.mark.parametrize(("email", "output"), [("a@b.example", ()), ("A@B.Example", ("--json",))])
def test_second_account_for_an_address_is_refused(
    run, make_account, stored_accounts, email, output
):
    make_account("a@b.example")
    result = run("accounts", "create", email, *output)
    assert result.refusal == f"{email} has an account already."
    assert len(stored_accounts()) == 1


@pytest.mark.parametrize("command", ["create", "token"])
@pytest.mark.parametrize("email", ["nobody", "a@", "a" * 186 + "@b.info", ""])
def test_malformed_address_is_refused(run, command, email):
    refusal = run("accounts", command, email).refusal
    assert refusal == f"Invalid value for 'EMAIL': {email!r} is not a valid e-mail address."


def test_token_opens_the_account_side(run, client, project, owner):
    token = run("accounts", "token", owner.email, "--json").json["token"]
    response = client.get(
        f"/api/projects/{project.id}/feedback", headers={"Authorization": f"Bearer {token}"}
    )
    assert response.status_code == 200


def test_token_that_people_read_is_ready_to_send(run, client, project, owner):
    result = run("accounts", "token", owner.email)
    assert result.printed.startswith("Token of owner@example.com, shown only now:\n1|")
    name, _, value = result.printed.strip().partition("Send it as: ")[2].partition(": ")
    path = f"/api/projects/{project.id}/feedback"
    assert client.get(path, headers={name: value}).status_code == 200


def test_json_has_id_email_and_token(run, owner):
    answer = run("accounts", "token", owner.email, "--json").json
    assert {**answer, "token": "…"} == {"id": owner.id, "email": owner.email, "token": "…"}


def test_address_may_be_typed_in_any_case(run, owner):
    answer = run("accounts", "token", owner.email.upper(), "--json").json
    assert answer["email"] == owner.email


def test_token_leaves_those_the_account_has(run, client, project, as_owner, owner):
    run("accounts", "token", owner.email)
    path = f"/api/projects/{project.id}/feedback"
    assert client.get(path, headers=as_owner).status_code == 200


def test_only_a_digest_of_the_token_is_stored(run, owner, database_bytes):
    token = run("accounts", "token", owner.email, "--json").json["token"]
    assert token.partition("|")[2].encode() not in database_bytes()


@pytest.mark.parametrize("output", [(), ("--json",)])
def test_token_for_an_unknown_address_is_refused(run, owner, output):
    refusal = run("accounts", "token", "nobody@b.example", *output).refusal
    assert refusal == "There is no account nobody@b.example."


def test_reset_lets_somebody_in_who_lost_password_and_second_factor(
    run, client, as_alice, authenticator, log_in
):
    result = run("accounts", "reset", "Alice@example.com", "--password", "another one", "--json")

    assert result.json == {"id": 1, "email": "alice@example.com"}
    assert client.get("/api/auth/me", headers=as_alice).status_code == 401
    assert log_in().status_code == 401
    assert "token" in log_in(password="another one").get_json()


def test_reset_makes_a_password_up_and_shows_it(run, alice, log_in):
    password = run("accounts", "reset", alice.email, "--json").json["password"]

    assert log_in(password=password).status_code == 200


def test_reset_of_nobody_is_refused(run):
    assert "no account" in run("accounts", "reset", "nobody@example.com").refusal


@pytest.mark.parametrize("password", ["password1", " " * 8, "alice@example.com"])
def test_password_that_is_guessed_first_is_refused_with_a_reason(run, alice, log_in, password):
    for arguments in (("create", "Alice@Example.com"), ("reset", "alice@example.com")):
        result = run("accounts", *arguments, "--password", password)
        assert result.exit_code == 3
        assert "Error: The password " in result.errors
    assert log_in().status_code == 200

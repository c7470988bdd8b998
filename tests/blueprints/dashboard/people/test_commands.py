"""`pionne-feedback people …`: one person, in the whole instance."""

import json
from dataclasses import replace

import pytest

ALICE = "alice@example.com"


@pytest.fixture
def alices(make_project, make_feedback):
    """Feedback of hers in two projects, and one piece of somebody else's."""
    other = make_project("Other")
    make_feedback(email=ALICE, message="First")
    make_feedback(email=ALICE, message="Second", project_id=other.id)
    make_feedback(email="bob@example.com", message="Third")


@pytest.fixture
def messages(stored_feedback):
    return lambda: [row.message for row in stored_feedback()]


@pytest.fixture
def on_a_terminal(monkeypatch):
    monkeypatch.setattr("app.blueprints.dashboard.people.commands._is_asked", lambda: True)


def test_an_export_has_the_rows_of_all_projects(run, alices, project):
    found = run("people", "export", "Alice@Example.com", "--json").json

    assert [(row["project_id"], row["message"]) for row in found["feedback"]] == [
        (project.id, "First"),
        (project.id + 1, "Second"),
    ]
    assert found["account"] is None
    assert found["feedback"][0]["created_at"] == "2026-05-07T17:25:00Z"


def test_an_export_of_an_account_has_no_secret(run, make_account, bearer):
    make_account(ALICE)
    secret = bearer(ALICE)["Authorization"].partition("|")[2]

    result = run("people", "export", ALICE, "--json")

    assert result.json["account"]["email"] == ALICE
    assert secret not in result.printed
    assert "none fits" not in result.printed  # the password's hash
    assert "totp_secret" not in result.printed


def test_people_read_an_export_as_indented_json(run, alices):
    result = run("people", "export", ALICE)

    assert json.loads(result.printed) == run("people", "export", ALICE, "--json").json
    assert result.printed.startswith('{\n  "feedback": [\n')


def test_an_erasure_takes_the_rows_of_all_projects(run, alices, messages):
    result = run("people", "erase", ALICE, "--yes", "--json")

    assert result.json == {"email": ALICE, "erased": {"feedback": 2}}
    assert messages() == ["Third"]


def test_an_erasure_from_the_shell_has_no_actor(run, alices, call):
    run("people", "erase", ALICE, "--yes")

    entry = call("GET", "/audit").get_json()["audit"][0]
    assert (entry["actor"], entry["action"], entry["detail"]) == (
        None,
        "person.erased",
        {"feedback": 1},
    )


def test_nothing_goes_without_a_yes_where_nobody_can_be_asked(run, alices, messages):
    refused = run("people", "erase", ALICE)

    assert refused.refusal == "Error: 2 feedback would go. Say --yes; nothing is deleted yet."[7:]
    assert refused.exit_code == 3
    assert len(messages()) == 3


@pytest.mark.parametrize(
    ("typed", "left"), [("y\n", ["Third"]), ("n\n", ["First", "Second", "Third"])]
)
def test_on_a_terminal_it_asks(run, alices, messages, on_a_terminal, typed, left):
    result = run("people", "erase", ALICE, input=typed)

    assert "alice@example.com: 2 feedback. Delete all of this for good?" in result.errors
    assert messages() == left


def test_somebody_unknown_is_erased_without_a_question(run, alices, messages):
    assert run("people", "erase", "nobody@example.com").printed == "Erased: nothing.\n"
    assert len(messages()) == 3


def test_an_account_is_not_deleted_unless_told(run, alices, make_account, make_project, messages):
    alice = make_account(ALICE)
    mine = make_project("Mine", owner_id=alice.id)

    refused = run("people", "erase", ALICE, "--yes")

    assert refused.refusal == (
        "alice@example.com has an account here, owning with all that is in them:"
        f" Mine ({mine.id}). Say --with-account to delete that, too; nothing is deleted yet."
    )
    assert len(messages()) == 3


def test_an_account_goes_with_all_it_owns_when_told(
    run, alices, make_account, make_project, make_feedback, messages
):
    mine = make_project("Mine", owner_id=make_account(ALICE).id)
    make_feedback(project_id=mine.id, message="Fourth")

    result = run("people", "erase", ALICE, "--yes", "--with-account")

    assert result.printed == "Erased: 1 account, 1 projects, 2 feedback.\n"
    assert messages() == ["Third"]
    assert [row["name"] for row in run("projects", "list", "--json").json["projects"]] == [
        "My app",
        "Other",
    ]


def test_the_question_names_what_the_account_owns(run, make_account, on_a_terminal):
    make_account(ALICE)

    result = run("people", "erase", ALICE, "--with-account", input="n\n")

    assert "1 account" in result.errors and "owning no project" in result.errors
    assert run("people", "export", ALICE, "--json").json["account"]


@pytest.mark.parametrize("command", ["export", "erase"])
def test_what_is_no_address_is_refused(run, command):
    assert "is not a valid e-mail address" in run("people", command, "nobody").refusal


def test_a_busy_database_is_told_in_one_line(request, alices, make_app, settings):
    impatient = make_app(replace(settings, sqlite_busy_seconds=0))
    request.getfixturevalue("locked_database")

    result = impatient.test_cli_runner().invoke(args=["people", "erase", ALICE, "--yes"])

    assert (result.exit_code, result.output.count("\n")) == (3, 1)
    assert "busy" in result.output

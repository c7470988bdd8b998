"""`pionne-feedback projects …` and the purge in `retention run`, for whoever has the shell."""

import json

import pytest

from app.services import projects


@pytest.fixture
def run(app):
    def invoke(*arguments: str):
        return app.test_cli_runner().invoke(args=list(arguments))

    return invoke


def test_a_project_made_from_the_shell_is_the_owners_and_has_no_actor(run, call, owner):
    made = json.loads(run("projects", "create", "Shop", "--owner", owner.email, "--json").output)

    (entry,) = call("GET", "/audit", project_id=made["id"]).get_json()["audit"]
    assert (entry["actor"], entry["action"]) == (None, "project.created")


def test_rotating_from_the_shell_is_audited(run, call, project):
    rotated = run("projects", "rotate-token", str(project.id), "--json")

    assert json.loads(rotated.output)["token"] != project.token
    newest = call("GET", "/audit").get_json()["audit"][0]
    assert (newest["actor"], newest["action"]) == (None, "token.rotated")


def test_key_is_rotated_from_the_shell_and_audited(run, call, project):
    dsn = call("GET", "").get_json()["dsn"]
    rotated = json.loads(run("projects", "rotate-key", str(project.id), "--json").output)

    assert rotated["sentry_key"] not in dsn
    assert rotated["sentry_key"] in call("GET", "").get_json()["dsn"]
    newest = call("GET", "/audit").get_json()["audit"][0]
    assert (newest["actor"], newest["action"]) == (None, "sentry_key.rotated")


def test_token_is_added_and_listed_from_the_shell(run, project):
    added = json.loads(run("projects", "add-token", str(project.id), "iOS", "--json").output)
    listed = run("projects", "tokens", str(project.id), "--json").output
    assert added["token"] not in listed
    assert [row["label"] for row in json.loads(listed)["tokens"]] == ["First token", "iOS"]
    assert "iOS  (pio_live_" in run("projects", "tokens", str(project.id)).output


def test_no_command_finds_a_deleted_project(run, app, project, clock):
    app.extensions["background_purge"].stop()
    with app.app_context():
        projects.mark_deleted(project.id, confirm=project.name, actor=None, now=clock())

    assert json.loads(run("projects", "list", "--json").output) == {"projects": []}
    for arguments in (
        ("projects", "rotate-token", str(project.id)),
        ("projects", "rotate-key", str(project.id)),
        ("releases", "verdict", str(project.id), "1.1", "--against", "1.0"),
    ):
        refused = run(*arguments)
        assert refused.exit_code == 3
        assert refused.output == f"Error: There is no project {project.id}.\n"


def test_retention_purges_deleted_projects_after_a_dry_run_that_does_not(
    run, app, project, fill_feedback, clock, database_rows
):
    app.extensions["background_purge"].stop()
    fill_feedback(7)
    with app.app_context():
        projects.mark_deleted(project.id, confirm=project.name, actor=None, now=clock())

    dry = run("retention", "run", "--dry-run")
    # The feedback, with what is searched of each, two audit entries, and the project.
    assert "        17  rows of deleted projects\n" in dry.output
    assert database_rows("SELECT count(*) FROM feedback") == [(7,)]

    done = run("retention", "run")

    assert done.exit_code == 0
    assert "        17  rows of deleted projects deleted\n" in done.output
    assert database_rows("SELECT count(*) FROM feedback") == [(0,)]
    assert database_rows("SELECT count(*) FROM projects") == [(0,)]


def test_a_hostile_name_is_shown_in_one_line_and_not_run(run, owner, make_project):
    make_project("\x1b[2J\x9b31mShop\u202e\nfake line")
    shown = run("projects", "list").stdout
    assert shown.count("\n") == 1
    assert not set(shown) & set("\x1b\x9b\u202e")
    assert "Shop" in shown

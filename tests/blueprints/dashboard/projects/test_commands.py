"""`pionne-feedback projects …`: the apps whose users are heard, and their tokens."""

import re

import pytest

TOKEN = re.compile(r"pio_live_[0-9a-f]{40}")


@pytest.fixture
def post(client):
    """The status that feedback with this token is answered with."""

    def status(token):
        headers = {"X-Pionne-Token": token}
        return client.post("/feedback", json={"message": "Hello"}, headers=headers).status_code

    return status


def test_created_project_takes_feedback(run, owner, post):
    result = run("projects", "create", "My app", "--owner", owner.email, "--json")
    assert post(result.json["token"]) == 202


def test_created_project_is_the_owners(run, owner, bearer, client):
    project_id = run("projects", "create", "x", "--owner", owner.email, "--json").json["id"]
    path = f"/api/projects/{project_id}/feedback"
    assert client.get(path, headers=bearer(owner.email)).status_code == 200


def test_json_of_create_has_id_name_and_token(run, owner):
    answer = run("projects", "create", " My app ", "--owner", owner.email, "--json").json
    assert {**answer, "token": "…"} == {"id": 1, "name": "My app", "token": "…"}
    assert TOKEN.fullmatch(answer["token"])


def test_people_read_the_token_once_created(run, owner):
    result = run("projects", "create", "My app", "--owner", owner.email.upper())
    first, second = result.printed.splitlines()
    assert first == "Project 1 (My app) created for owner@example.com."
    assert TOKEN.fullmatch(second.removeprefix("Token, shown only now: "))


def test_only_a_digest_of_the_token_is_stored(run, owner, database_bytes):
    token = run("projects", "create", "x", "--owner", owner.email, "--json").json["token"]
    assert token.removeprefix("pio_live_").encode() not in database_bytes()


def test_two_projects_may_have_one_name(run, owner):
    arguments = ("projects", "create", "x", "--owner", owner.email, "--json")
    first, second = run(*arguments).json, run(*arguments).json
    assert first["id"] != second["id"]
    assert first["token"] != second["token"]


@pytest.mark.parametrize("output", [(), ("--json",)])
def test_project_of_an_unknown_owner_is_refused(run, output):
    result = run("projects", "create", "x", "--owner", "nobody@b.example", *output)
    assert result.refusal == "There is no account nobody@b.example."
    assert run("projects", "list", "--json").json == {"projects": []}


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\x00b"])
def test_name_that_cannot_be_kept_is_refused(run, owner, name):
    refusal = run("projects", "create", name, "--owner", owner.email).refusal
    assert refusal.startswith("Invalid value for 'NAME': ")


def test_longest_name_is_kept(run, owner):
    answer = run("projects", "create", "é" * 120, "--owner", owner.email, "--json").json
    assert answer["name"] == "é" * 120


@pytest.mark.parametrize("platform", ["", "x" * 41])
def test_platform_that_cannot_be_kept_is_refused(run, owner, platform):
    arguments = ("projects", "create", "x", "--owner", owner.email, "--platform", platform)
    assert run(*arguments).refusal.startswith("Invalid value for '--platform': ")


def test_malformed_owner_is_refused(run):
    refusal = run("projects", "create", "x", "--owner", "nobody").refusal
    assert refusal == "Invalid value for '--owner': 'nobody' is not a valid e-mail address."


def test_missing_owner_is_refused(run):
    assert run("projects", "create", "x").refusal == "Missing option '--owner'."


def test_rotated_token_replaces_the_old_one(run, project, post):
    answer = run("projects", "rotate-token", str(project.id), "--json").json
    assert (post(project.token), post(answer["token"])) == (401, 202)


def test_rotation_leaves_other_projects_alone(run, project, make_project, post):
    other = make_project("Another")
    run("projects", "rotate-token", str(project.id))
    assert post(other.token) == 202


def test_json_of_rotate_has_id_name_and_token(run, project):
    answer = run("projects", "rotate-token", str(project.id), "--json").json
    assert {**answer, "token": "…"} == {"id": project.id, "name": project.name, "token": "…"}


def test_people_read_the_token_once_rotated(run, project):
    first, second = run("projects", "rotate-token", str(project.id)).printed.splitlines()
    assert first == "Project 1 (My app) has a new token; all others are dead."
    assert TOKEN.fullmatch(second.removeprefix("Token, shown only now: "))


@pytest.mark.parametrize("output", [(), ("--json",)])
def test_rotation_of_an_unknown_project_is_refused(run, project, output):
    assert run("projects", "rotate-token", "99", *output).refusal == "There is no project 99."


@pytest.mark.parametrize("project_id", ["abc", "0", "1.5", "99999999999999999999", "My app"])
def test_id_that_no_project_can_have_is_refused(run, project_id):
    refusal = run("projects", "rotate-token", project_id).refusal
    assert refusal.startswith("Invalid value for 'ID': ")


def test_list_shows_every_project_oldest_first(run, owner, make_account, make_project):
    other = make_account("other@example.com")
    first, second = make_project("One"), make_project("Two", owner_id=other.id)
    assert run("projects", "list", "--json").json == {
        "projects": [
            {
                "id": project.id,
                "name": project.name,
                "platform": None,
                "owner": email,
                "token_preview": project.token[:13] + "...",
                "created_at": "2026-05-07T17:25:00Z",
            }
            for project, email in [(first, "owner@example.com"), (second, "other@example.com")]
        ]
    }


def test_list_shows_the_platform(run, owner):
    run("projects", "create", "x", "--owner", owner.email, "--platform", "react-native")
    (row,) = run("projects", "list", "--json").json["projects"]
    assert row["platform"] == "react-native"


def test_people_read_one_line_a_project(run, project):
    preview = project.token[:13] + "..."
    assert run("projects", "list").printed == (
        f"   1  My app  (owner@example.com, {preview}, 2026-05-07T17:25:00Z)\n"
    )


def test_list_never_shows_a_token(run, project):
    assert project.token not in run("projects", "list").printed
    assert project.token not in run("projects", "list", "--json").printed


def test_preview_follows_the_rotation(run, project):
    token = run("projects", "rotate-token", str(project.id), "--json").json["token"]
    (row,) = run("projects", "list", "--json").json["projects"]
    assert row["token_preview"] == token[:13] + "..."


def test_people_without_projects_read_what_to_do_next(run):
    assert run("projects", "list").printed == (
        "No projects yet. Next: pionne-feedback projects create NAME --owner EMAIL\n"
    )

"""Who may see and decide: the owner, by a bearer token, and nobody else."""

import pytest

VERBS = [("GET", ""), ("PATCH", "/1"), ("DELETE", "/1")]


@pytest.fixture
def ask(client, feedback_path, make_feedback):
    """Any of the three verbs about the first feedback, with these headers."""
    make_feedback()

    def request(verb=VERBS[0], *, headers=None, path=feedback_path, **kwargs):
        method, suffix = verb
        json = {"status": "archived"} if method == "PATCH" else None
        return client.open(path + suffix, method=method, json=json, headers=headers, **kwargs)

    return request


@pytest.mark.parametrize("verb", VERBS)
def test_owner_is_let_in(ask, as_owner, verb):
    assert ask(verb, headers=as_owner).status_code == 200


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_token_nothing_is_shown_or_changed(ask, stored_feedback, verb):
    response = ask(verb)
    assert response.status_code == 401
    assert response.get_json() == {"message": "Unauthenticated."}
    assert [row.status for row in stored_feedback()] == ["open"]


def test_401_tells_how_to_authenticate(ask):
    assert ask().headers["WWW-Authenticate"].strip().lower() == "bearer"


def test_401_comes_as_problem_json_on_request(ask):
    response = ask(headers={"Accept": "application/problem+json"})
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["status"] == 401


SPOILED = {
    "no pipe": lambda id_, secret: f"Bearer {id_}{secret}",
    "secret alone": lambda id_, secret: f"Bearer {secret}",
    "no id": lambda id_, secret: f"Bearer |{secret}",
    "no secret": lambda id_, secret: f"Bearer {id_}|",
    "id of nobody": lambda id_, secret: f"Bearer 999|{secret}",
    "huge id": lambda id_, secret: f"Bearer 99999999999999999999|{secret}",
    "id beyond 63 bits": lambda id_, secret: f"Bearer 9223372036854775808|{secret}",
    "endless id": lambda id_, secret: f"Bearer {'9' * 5000}|{secret}",
    "negative id": lambda id_, secret: f"Bearer -{id_}|{secret}",
    "id 0": lambda id_, secret: f"Bearer 0|{secret}",
    "id of other digits": lambda id_, secret: f"Bearer ١|{secret}",
    "wrong secret": lambda id_, secret: f"Bearer {id_}|{'0' * 40}",
    "short secret": lambda id_, secret: f"Bearer {id_}|{secret[:-1]}",
    "long secret": lambda id_, secret: f"Bearer {id_}|{secret}0",
    "loud secret": lambda id_, secret: f"Bearer {id_}|{secret.upper()}",
    "two pipes": lambda id_, secret: f"Bearer {id_}||{secret}",
    "something after": lambda id_, secret: f"Bearer {id_}|{secret} x",
    "Basic": lambda id_, secret: f"Basic {id_}|{secret}",
    "no scheme": lambda id_, secret: f"{id_}|{secret}",
    "scheme alone": lambda id_, secret: "Bearer",
    "scheme and space": lambda id_, secret: "Bearer ",
    "empty": lambda id_, secret: "",
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_token_that_is_spoiled_is_refused(ask, as_owner, spoil):
    token_id, _, secret = as_owner["Authorization"].removeprefix("Bearer ").partition("|")
    response = ask(headers={"Authorization": spoil(token_id, secret)})
    assert response.status_code == 401
    assert response.get_json() == {"message": "Unauthenticated."}


def test_secret_fits_only_the_id_it_was_issued_with(ask, as_owner, as_stranger):
    own_id = as_owner["Authorization"].partition("|")[0]
    other_secret = as_stranger["Authorization"].partition("|")[2]
    assert ask(headers={"Authorization": f"{own_id}|{other_secret}"}).status_code == 401


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_scheme_may_be_written_in_any_case(ask, as_owner, scheme):
    token = as_owner["Authorization"].removeprefix("Bearer ")
    assert ask(headers={"Authorization": f"{scheme} {token}"}).status_code == 200


def test_each_token_of_an_account_works(ask, bearer, owner):
    assert [ask(headers=bearer(owner.email)).status_code for _ in range(2)] == [200, 200]


def test_project_token_does_not_open_the_account_side(ask, project):
    headers = {"X-Pionne-Token": project.token, "Authorization": f"Bearer {project.token}"}
    assert ask(headers=headers, query_string={"token": project.token}).status_code == 401


def test_token_in_the_query_does_not_open_the_account_side(ask, as_owner):
    token = as_owner["Authorization"].removeprefix("Bearer ")
    assert ask(query_string={"token": token}).status_code == 401


@pytest.mark.parametrize("verb", VERBS)
def test_another_tenants_project_is_answered_like_an_unknown_one(
    ask, as_stranger, stored_feedback, verb
):
    response = ask(verb, headers=as_stranger)
    unknown = ask(verb, headers=as_stranger, path="/api/projects/999/feedback")
    assert response.status_code == unknown.status_code == 404
    assert response.get_json() == unknown.get_json()
    assert [row.status for row in stored_feedback()] == ["open"]


@pytest.mark.parametrize("verb", VERBS[1:])
def test_another_tenants_feedback_is_not_found_in_ones_own_project(
    ask, as_stranger, strangers_project, stored_feedback, verb
):
    path = f"/api/projects/{strangers_project.id}/feedback"
    response = ask(verb, headers=as_stranger, path=path)
    assert response.status_code == 404
    assert response.get_json() == {"message": "There is no such feedback in this project."}
    assert [row.status for row in stored_feedback()] == ["open"]


@pytest.mark.parametrize("verb", VERBS[1:])
def test_feedback_of_ones_other_project_is_not_found_here(
    ask, as_owner, make_project, stored_feedback, verb
):
    path = f"/api/projects/{make_project('Another').id}/feedback"
    assert ask(verb, headers=as_owner, path=path).status_code == 404
    assert [row.status for row in stored_feedback()] == ["open"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("project_id", ["abc", "-1", "0", "1.5", "99999999999999999999", "%00"])
def test_id_that_no_project_can_have_is_not_found(ask, as_owner, verb, project_id):
    response = ask(verb, headers=as_owner, path=f"/api/projects/{project_id}/feedback")
    assert response.status_code == 404
    assert list(response.get_json()) == ["message"]


@pytest.mark.parametrize("verb", VERBS)
def test_stranger_without_a_token_cannot_tell_which_projects_exist(ask, verb):
    known = ask(verb)
    unknown = ask(verb, path="/api/projects/999/feedback")
    assert (known.status_code, known.get_json()) == (unknown.status_code, unknown.get_json())

"""Who may write to a project: the project token, and nothing else (contract section 2)."""

import pytest

from app.services import projects

UNKNOWN = "pio_live_" + "0" * 40


@pytest.fixture
def post(client):
    def post(token=None, *, query=None, headers=None):
        headers = {**(headers or {}), **({} if token is None else {"X-Pionne-Token": token})}
        query_string = {} if query is None else {"token": query}
        body = {"message": "Hello"}
        return client.post("/feedback", json=body, headers=headers, query_string=query_string)

    return post


def test_token_in_the_header_is_taken(post, project):
    assert post(project.token).status_code == 202


def test_token_in_the_query_is_taken(post, project):
    assert post(query=project.token).status_code == 202


def test_header_wins_over_a_bad_query(post, project):
    assert post(project.token, query=UNKNOWN).status_code == 202


def test_header_wins_over_a_good_query(post, project):
    assert post(UNKNOWN, query=project.token).status_code == 401


def test_blank_header_is_no_header(post, project):
    assert post(" ", query=project.token).status_code == 202


def test_feedback_goes_to_the_project_of_the_token(post, make_project, stored_feedback):
    make_project("First")
    second = make_project("Second")
    post(second.token)
    assert stored_feedback()[0].project_id == second.id


@pytest.mark.parametrize(
    "arguments", [{}, {"token": ""}, {"query": ""}, {"token": "", "query": ""}]
)
def test_missing_token_is_refused(post, stored_feedback, arguments):
    response = post(**arguments)
    assert response.status_code == 401
    assert response.get_json() == {
        "message": (
            "The project token is missing: send it in the X-Pionne-Token header, or as ?token=."
        )
    }
    assert stored_feedback() == []


@pytest.mark.parametrize(
    "token",
    [
        UNKNOWN,
        "0" * 40,
        "pio_live_",
        "pio_live_" + "0" * 39,
        "pio_live_" + "0" * 41,
        "pio_live_" + "g" * 40,
        "pio_live_...",
        "pio_live_" + "x" * 100_000,
        "'; DROP TABLE projects; --",
        "é",
        "1|" + "0" * 40,
    ],
    ids=range(11),
)
@pytest.mark.parametrize("where", ["token", "query"])
def test_token_that_nobody_has_is_refused(post, project, stored_feedback, where, token):
    response = post(**{where: token})
    assert response.status_code == 401
    assert response.get_json() == {
        "message": "The project token is not known: it was mistyped, or has been rotated."
    }
    assert stored_feedback() == []


@pytest.mark.parametrize("spoil", [str.upper, lambda token: token[:-1], lambda token: token + "0"])
def test_token_that_is_nearly_right_is_refused(post, project, spoil):
    assert post(spoil(project.token)).status_code == 401


def test_nul_in_the_query_token_is_refused(post, project):
    assert post(query=project.token + "\x00").status_code == 401


def test_user_token_does_not_open_the_public_side(post, project, as_owner):
    assert post(headers=as_owner).status_code == 401


def test_cookie_does_not_open_the_public_side(post, client, project):
    client.set_cookie("token", project.token)
    assert post().status_code == 401


def test_rotated_token_is_refused_at_once(app, post, project, clock):
    with app.app_context():
        projects.rotate_token(project.id, actor=None, now=clock())
    assert post(project.token).status_code == 401


def test_new_token_is_taken_after_rotation(app, post, project, clock):
    with app.app_context():
        rotated = projects.rotate_token(project.id, actor=None, now=clock())
    assert post(rotated.token).status_code == 202


def test_rotation_in_another_process_counts_here(settings, make_app, post, project, clock):
    assert post(project.token).status_code == 202
    with make_app(settings).app_context():
        projects.rotate_token(project.id, actor=None, now=clock())
    assert post(project.token).status_code == 401


def test_wrong_method_is_refused_before_the_token_is_looked_at(client):
    assert client.get("/feedback").status_code == 405

"""Who may write to a project: the project token, and nothing else (contract section 2)."""

import pytest
from sqlalchemy import update

from app.database import write_transaction
from app.models import ProjectToken
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
    ],
    ids=range(10),
)
@pytest.mark.parametrize("where", ["token", "query"])
def test_token_that_nobody_has_is_refused(post, project, stored_feedback, where, token):
    response = post(**{where: token})
    assert response.status_code == 401
    assert response.get_json() == {
        "message": "The project token is not known: it was mistyped, or has been revoked."
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


@pytest.fixture
def rotate_elsewhere(app, client, project):
    """After a request was taken, as another process would: this one remembers the old token."""

    def rotate():
        headers = {"X-Pionne-Token": project.token}
        assert client.post("/feedback", json={"message": "x"}, headers=headers).status_code == 202
        with app.app_context(), write_transaction() as connection:
            connection.execute(update(ProjectToken).values(digest=bytes(32)))

    return rotate


SESSION = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "ok"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/feedback", {"message": "Hello"}),
        ("/feedback", {"message": ""}),
        ("/feedback", []),
        ("/events/1/feedback", {"message": "Hello"}),
        ("/events/x/feedback", {"message": "Hello"}),
        ("/sessions", SESSION),
        ("/sessions", {}),
        ("/ingest", {"exception_type": "TypeError"}),
        ("/ingest", {}),
    ],
)
def test_token_that_was_rotated_elsewhere_is_refused_before_all_else(
    client, project, rotate_elsewhere, path, body
):
    rotate_elsewhere()
    refused = client.post(path, json=body, headers={"X-Pionne-Token": project.token})
    assert refused.status_code == 401
    assert refused.get_json() == {
        "message": "The project token is not known: it was mistyped, or has been revoked."
    }
    # What is left of the guesses of this address, not of the project's requests.
    assert refused.headers["X-RateLimit-Limit"] == "60"


def test_rotated_token_of_a_project_over_its_limit_is_refused_as_unknown(
    app, client, project, wall_clock
):
    headers = {"X-Pionne-Token": project.token}
    for _ in range(101):
        answer = client.post("/feedback", json={}, headers=headers)
    assert answer.status_code == 429
    with app.app_context(), write_transaction() as connection:
        connection.execute(update(ProjectToken).values(digest=bytes(32)))
    assert client.post("/feedback", json={}, headers=headers).status_code == 401

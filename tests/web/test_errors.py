"""Any exception becomes one JSON answer that tells a developer what to mend, and nothing more."""

import json

import pytest
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from werkzeug.exceptions import Forbidden, ImATeapot, ServiceUnavailable, default_exceptions

from app.services.errors import Invalid, NotFound

pytestmark = pytest.mark.sqlite_only("no query is made")

SECRET = "someone@example.com"
PROBLEM_JSON = "application/problem+json"


@pytest.fixture
def fail(app):
    """What a request is answered with when its view raises this."""

    def answer(error, *, headers=None):
        @app.post("/failing")
        def failing():
            raise error

        return app.test_client().post("/failing", headers=headers)

    return answer


def database_error(kind):
    return kind("INSERT …", {"email": SECRET}, Exception(f"constraint failed: {SECRET}"))


@pytest.mark.parametrize(
    ("error", "status", "answer"),
    [
        (NotFound("No such thing."), 404, {"message": "No such thing."}),
        (Forbidden("Not yours."), 403, {"message": "Not yours."}),
        (ImATeapot(), 418, {"message": ImATeapot.description}),
        (ServiceUnavailable("Later."), 503, {"message": "Later."}),
        (
            Invalid("email", "Taken."),
            422,
            {"message": "Taken.", "errors": {"email": ["Taken."]}},
        ),
        (
            ValidationError({"a": ["One."]}),
            422,
            {"message": "One.", "errors": {"a": ["One."]}},
        ),
        (
            ValidationError({"a": ["One.", "Two."]}),
            422,
            {"message": "One. (and 1 more error)", "errors": {"a": ["One.", "Two."]}},
        ),
        (
            ValidationError({"a": ["One."], "b": ["Two.", "Three."]}),
            422,
            {
                "message": "One. (and 2 more errors)",
                "errors": {"a": ["One."], "b": ["Two.", "Three."]},
            },
        ),
        (
            ValidationError({"tags": {0: {"name": ["Too long."]}}}),
            422,
            {"message": "Too long.", "errors": {"tags.0.name": ["Too long."]}},
        ),
        (
            ValidationError("Not at all."),
            422,
            {"message": "Not at all.", "errors": {"body": ["Not at all."]}},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_refusal_has_the_contracted_shape(fail, error, status, answer):
    response = fail(error)
    assert response.status_code == status
    assert response.mimetype == "application/json"
    assert response.get_json() == answer


UNFORESEEN = [RuntimeError(SECRET), KeyError(SECRET), database_error(IntegrityError)]


@pytest.mark.parametrize("error", UNFORESEEN, ids=lambda error: type(error).__name__)
def test_unforeseen_failure_shows_no_trace_and_no_data(fail, error):
    response = fail(error)
    assert response.status_code == 500
    assert list(response.get_json()) == ["message"]
    assert response.get_json()["message"].startswith("The server failed to answer")
    assert SECRET not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("error", UNFORESEEN, ids=lambda error: type(error).__name__)
def test_unforeseen_failure_is_logged_by_place_without_what_it_said(fail, error, log_lines):
    response = fail(error)
    failure = json.loads(log_lines[0])
    assert set(failure) == {"time", "level", "exception", "cause", "code", "request_id", "at"}
    assert failure["exception"] == type(error).__name__
    assert failure["request_id"] == response.headers["X-Request-Id"]
    assert failure["at"][-1].endswith(" failing")
    assert SECRET not in "\n".join(log_lines)


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_database_that_is_away_is_answered_with_503_and_when_to_retry(fail, kind, log_lines):
    response = fail(database_error(kind))
    assert response.status_code == 503
    assert response.get_json() == {"message": "The database failed. Try again later."}
    assert int(response.headers["Retry-After"]) >= 1
    assert SECRET not in "\n".join(log_lines)


def test_foreseen_refusals_are_not_logged_as_problems(fail, log_lines):
    fail(NotFound("No such thing."))
    assert [line for line in log_lines if '"level"' in line] == []


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html,application/xhtml+xml", "application/json"),
        ("application/json", "application/json"),
        (f"{PROBLEM_JSON};q=0", "application/json"),
        (PROBLEM_JSON, PROBLEM_JSON),
        (f"application/json, {PROBLEM_JSON};q=0.5", PROBLEM_JSON),
        (f"text/html, {PROBLEM_JSON}, */*;q=0.1", PROBLEM_JSON),
        ("nonsense", "application/json"),
        ("", "application/json"),
    ],
)
def test_problem_json_is_answered_only_when_it_is_named(fail, accept, mimetype):
    headers = {} if accept is None else {"Accept": accept}
    assert fail(NotFound("No such thing."), headers=headers).mimetype == mimetype


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (
            NotFound("No such thing."),
            {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": "No such thing.",
            },
        ),
        (
            Invalid("email", "Taken."),
            {
                "type": "about:blank",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "Taken.",
                "errors": {"email": ["Taken."]},
            },
        ),
    ],
)
def test_problem_json_says_the_same(fail, error, problem):
    assert fail(error, headers={"Accept": PROBLEM_JSON}).get_json() == problem


@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_title_of_a_problem_is_that_of_the_first_line_on_every_python(fail, status):
    """http.HTTPStatus has other words for 413, 414 and 422 from Python 3.13 on."""
    answer = fail(default_exceptions[status]("No."), headers={"Accept": PROBLEM_JSON})
    assert answer.status.lower() == f"{status} {answer.get_json()['title']}".lower()


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/api/feedbacks",
        "/static/x.js",
        "/%00",
        "/%ff",
        "/..",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_unknown_address_is_404_in_json(client, method, path):
    response = client.open(path, method=method)
    assert response.status_code == 404
    assert response.get_json() == {"message": "There is nothing at this address; check the path."}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/feedback", {"POST", "OPTIONS"}),
        ("DELETE", "/api/events/1/feedback", {"POST", "OPTIONS"}),
        ("POST", "/api/projects/1/feedback", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/projects/1/feedback/1", {"PATCH", "DELETE", "OPTIONS"}),
    ],
)
def test_wrong_method_is_405_and_tells_the_right_ones(client, method, path, allowed):
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert {word.strip() for word in response.headers["Allow"].split(",")} == allowed
    named = ", ".join(sorted(allowed - {"HEAD", "OPTIONS"}))
    assert response.get_json() == {
        "message": f"This address does not take {method}; it takes {named}."
    }


def test_method_that_nobody_knows_is_405(client):
    assert client.open("/feedback", method="BREW").status_code == 405


def test_head_of_an_error_has_no_body(client):
    response = client.head("/feedback")
    assert (response.status_code, response.data) == (405, b"")


@pytest.mark.parametrize("host", ["bad host", "a/b", "a\\b", 'x">', "é", "[", "a:b:c"])
def test_host_header_that_is_nonsense_is_answered_in_json(client, project, as_owner, host):
    path = f"/api/projects/{project.id}/feedback"
    response = client.get(path, headers=as_owner, environ_overrides={"HTTP_HOST": host})
    assert response.status_code in {200, 400}
    assert response.mimetype == "application/json"

"""When something behind the routes fails: no trace, nothing half stored, and a way to go on."""

import json
from dataclasses import replace

import pytest

from app.limits.process_storage import ProcessStorage
from tests.blueprints.ingest.conftest import LEAK


def test_locked_database_is_answered_with_503_and_when_to_retry(
    post_feedback, locked_database, stored_feedback
):
    response = post_feedback()
    assert response.status_code == 503
    assert response.get_json() == {
        "message": "The database is busy: others have kept it locked for too long. Try again later."
    }
    assert int(response.headers["Retry-After"]) >= 1
    assert stored_feedback() == []


def test_feedback_is_taken_again_when_the_database_is_free(
    post_feedback, locked_database, stored_feedback
):
    post_feedback()
    locked_database.rollback()
    assert post_feedback().status_code == 202
    assert len(stored_feedback()) == 1


def test_triage_list_is_readable_while_the_database_is_locked(
    client, project, as_owner, locked_database
):
    response = client.get(f"/api/projects/{project.id}/feedback", headers=as_owner)
    assert response.status_code == 200


@pytest.mark.postgresql_only("a SQLite file does not change its mind")
def test_database_that_has_become_a_standby_is_answered_with_503(settings, make_app, project):
    url = f"{settings.database_url}?options=-cdefault_transaction_read_only%3Don"
    client = make_app(replace(settings, database_url=url)).test_client()
    headers = {"X-Pionne-Token": project.token}
    response = client.post("/feedback", json={"message": "Hello"}, headers=headers)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1


def test_unforeseen_failure_is_500_without_a_trace(post_feedback, failing_inserts, stored_feedback):
    response = post_feedback()
    assert response.status_code == 500
    assert list(response.get_json()) == ["message"]
    assert "Traceback" not in response.text
    assert stored_feedback() == []


def test_unforeseen_failure_is_logged_without_what_it_quoted(
    post_feedback, failing_inserts, log_lines, database_name
):
    response = post_feedback()
    failure = json.loads(log_lines[0])
    codes = {"sqlite": "SQLITE_CONSTRAINT_TRIGGER", "postgresql": "P0001"}
    assert failure["code"] == codes[database_name]
    assert failure["request_id"] == response.headers["X-Request-Id"]
    assert LEAK not in "\n".join(log_lines)


def test_table_that_is_gone_is_no_trace_either(post_feedback, database, project):
    database.execute("DROP TABLE feedback_texts")
    database.execute("DROP TABLE feedback")
    response = post_feedback()
    assert response.status_code in {500, 503}
    assert list(response.get_json()) == ["message"]
    assert "feedback" not in response.text


class StoreThatFailsToCount(ProcessStorage):
    STORAGE_SCHEME = ["fails-to-count"]

    def acquire_entry(self, *args, **kwargs):
        raise ConnectionError(LEAK)


class StoreThatFailsToTell(ProcessStorage):
    STORAGE_SCHEME = ["fails-to-tell"]

    def get_moving_window(self, *args, **kwargs):
        raise ConnectionError(LEAK)


@pytest.fixture
def post_with_store(settings, make_app, project):
    def post(scheme):
        app = make_app(replace(settings, ratelimit_storage_uri=f"{scheme}://"))
        headers = {"X-Pionne-Token": project.token, "Origin": "https://app.example.com"}
        return app.test_client().post("/feedback", json={"message": "Hello"}, headers=headers)

    return post


def test_feedback_that_the_store_of_limits_cannot_count_is_taken(post_with_store, stored_feedback):
    response = post_with_store("fails-to-count")
    assert response.status_code == 202
    assert response.headers["X-RateLimit-Remaining"] == "99"
    assert len(stored_feedback()) == 1


def test_feedback_that_was_stored_is_acknowledged_though_the_store_of_limits_fails_then(
    post_with_store, stored_feedback
):
    response = post_with_store("fails-to-tell")
    assert len(stored_feedback()) == 1
    assert response.status_code == 202


@pytest.mark.parametrize("scheme", ["fails-to-count", "fails-to-tell"])
def test_failure_of_the_store_of_limits_is_logged_without_what_it_said(
    post_with_store, log_lines, scheme
):
    post_with_store(scheme)
    assert log_lines
    assert LEAK not in "\n".join(log_lines)


@pytest.mark.parametrize("scheme", ["fails-to-count", "fails-to-tell"])
def test_request_line_is_written_though_the_store_of_limits_fails(
    post_with_store, log_lines, scheme
):
    post_with_store(scheme)
    assert json.loads(log_lines[-1])["route"] == "/feedback"

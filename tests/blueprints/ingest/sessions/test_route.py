"""Where sessions are posted, with which token, how often, and in which form."""

import pytest

from tests.blueprints.ingest.sessions.conftest import SESSION_ID

ALLOWED = 2000
UNKNOWN = "pio_live_" + "0" * 40


@pytest.mark.parametrize("path", ["/sessions", "/api/sessions", "/sessions/", "/api/sessions/"])
def test_all_addresses_take_sessions(post_session, stored_sessions, path):
    assert post_session(path=path).status_code == 202
    assert len(stored_sessions()) == 1


def test_beacon_sends_its_token_in_the_query(client, project, stored_sessions):
    response = client.post(
        f"/api/sessions?token={project.token}",
        data=f'{{"session_id": "{SESSION_ID}", "status": "crashed"}}',
        content_type="text/plain;charset=UTF-8",
        headers={"Origin": "https://shop.example"},
    )
    assert response.status_code == 202
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert [row.status for row in stored_sessions()] == ["crashed"]


def test_header_wins_over_the_query(post_session):
    assert post_session(path=f"/sessions?token={UNKNOWN}").status_code == 202


def test_preflight_is_answered_without_a_token(client):
    response = client.options("/sessions", headers={"Origin": "https://shop.example"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Credentials"] == "true"


@pytest.mark.parametrize("token", ["", UNKNOWN, "pio_live_", "x" * 5000])
def test_without_a_known_token_nothing_is_taken(post_session, stored_sessions, token):
    assert post_session(token=token).status_code == 401
    assert stored_sessions() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused(client, method):
    response = client.open("/sessions", method=method)
    assert response.status_code == 405
    assert response.get_json() == {
        "message": f"This address does not take {method}; it takes POST."
    }


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"x"', b"5", b"\xff\xfe\xff", b"[" * 40_000]
)
def test_body_that_is_no_json_object_is_refused(client, project, body):
    response = client.post("/sessions", data=body, headers={"X-Pionne-Token": project.token})
    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == ["body"]


def test_too_large_a_body_is_refused(post_session):
    assert post_session(release="x" * 2**20).status_code == 413


@pytest.mark.usefixtures("wall_clock")
class TestAllowance:
    """2000 a minute for each project, apart from feedback and events."""

    @pytest.fixture
    def use_up(self, client, project):
        """2000 requests that cost little, because there is nothing in them."""

        def send():
            headers = {"X-Pionne-Token": project.token}
            return {client.post("/sessions", headers=headers).status_code for _ in range(ALLOWED)}

        return send

    def test_2001st_in_a_minute_is_refused_for_that_project_only(
        self, use_up, post_session, make_project, wall_clock
    ):
        other = make_project("Another")
        assert use_up() == {422}
        refusal = post_session()
        assert refusal.status_code == 429
        assert refusal.headers["Retry-After"] == "60"
        assert refusal.get_json()["message"].startswith("Too many requests: 2000 a minute")
        assert post_session(token=other.token).status_code == 202
        wall_clock.shift(60.1)
        assert post_session().status_code == 202

    def test_sessions_feedback_and_events_are_counted_apart(
        self, client, project, post_session, post_feedback
    ):
        headers = {"X-Pionne-Token": project.token}
        left = [
            post_feedback().headers["X-RateLimit-Remaining"],
            post_session().headers["X-RateLimit-Remaining"],
            client.post("/ingest", json={"exception_type": "Error"}, headers=headers).headers[
                "X-RateLimit-Remaining"
            ],
        ]
        assert left == ["99", "1999", "599"]

    def test_feedback_that_is_refused_does_not_stop_sessions(self, post_feedback, post_session):
        for _ in range(101):
            post_feedback("")
        assert post_feedback().status_code == 429
        assert post_session().status_code == 202

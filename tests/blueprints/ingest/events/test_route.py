"""Where events are posted, how often, for which app, and that they can be spoken of at once."""

import pytest

ALLOWED = 600
UNKNOWN = "pio_live_" + "0" * 40


@pytest.mark.parametrize("path", ["/ingest", "/api/ingest", "/ingest/", "/api/ingest/"])
def test_all_addresses_take_events(post_event, path):
    assert post_event(path=path).status_code == 202


def test_beacon_sends_its_token_in_the_query(client, project):
    response = client.post(
        f"/api/ingest?token={project.token}",
        data=b'{"exception_type": "Error", "message": null}',
        content_type="application/json",
        headers={"Origin": "https://shop.example"},
    )
    assert response.status_code == 202
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"


@pytest.mark.parametrize("token", ["", UNKNOWN])
def test_without_a_known_token_nothing_is_taken(post_event, stored_events, token):
    assert post_event(token=token).status_code == 401
    assert stored_events() == []


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"\xff"])
def test_body_that_is_no_json_object_is_refused(post_body, body):
    response = post_body(body)
    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == ["body"]


def test_same_bug_is_one_issue_and_another_bug_another(post_event):
    def issue_of(**fields):
        return post_event(**fields).get_json()["issue_id"]

    first = issue_of(stack=["at pay (https://shop.example/main.4f3a2b1c.js:1:2)"], message="a")
    assert issue_of(stack="at pay (https://shop.example/main.91d0e2aa.js:9:8)") == first
    assert issue_of(stack=["at search (https://shop.example/main.4f3a2b1c.js:1:2)"]) != first


def test_feedback_may_be_given_on_the_event_at_once(post_event, post_feedback, stored_feedback):
    event = post_event(release="1.4.2").get_json()
    response = post_feedback(path=f"/events/{event['event_id']}/feedback")
    assert response.status_code == 202
    (row,) = stored_feedback()
    assert (row.event_id, row.issue_id) == (event["event_id"], event["issue_id"])


class TestBundle:
    def test_first_event_that_names_an_app_pins_it(self, post_event):
        answers = [post_event(), *(post_event(app_id="com.acme.app") for _ in range(2))]
        assert [answer.status_code for answer in answers] == [202] * 3

    @pytest.mark.parametrize("app_id", ["com.other", ..., None, "", "Com.acme.app"])
    def test_another_app_is_refused_with_a_hint(self, post_event, stored_events, app_id):
        post_event(app_id="com.acme.app")
        refusal = post_event(app_id=app_id)
        assert refusal.status_code == 403
        told = refusal.get_json()
        assert told.pop("message").startswith("Bundle ID mismatch: ")
        assert told == {"expected_format": "*om.acme.app"}
        assert len(stored_events()) == 1

    def test_each_project_is_pinned_for_itself(self, post_event, make_project):
        other = make_project("Another")
        assert post_event(app_id="com.acme.app").status_code == 202
        assert post_event(app_id="com.other", token=other.token).status_code == 202
        assert post_event(app_id="com.acme.app", token=other.token).status_code == 403

    def test_blanks_around_it_do_not_matter(self, post_event):
        post_event(app_id="com.acme.app ")
        assert post_event(app_id=" com.acme.app").status_code == 202

    def test_invalid_event_pins_nothing(self, post_event):
        post_event(app_id="com.acme.app", message=7)
        assert post_event(app_id="com.other").status_code == 202

    def test_refused_event_still_counts_for_the_allowance(self, post_event):
        post_event(app_id="com.acme.app")
        assert post_event().headers["X-RateLimit-Remaining"] == "598"


@pytest.mark.usefixtures("wall_clock")
class TestAllowance:
    """600 a minute for each project, apart from feedback and sessions."""

    def test_601st_in_a_minute_is_refused_for_that_project_only(
        self, post_event, make_project, wall_clock
    ):
        other = make_project("Another")
        assert {post_event(exception_type="").status_code for _ in range(ALLOWED)} == {422}
        refusal = post_event()
        assert refusal.status_code == 429
        assert refusal.headers["Retry-After"] == "60"
        assert post_event(token=other.token).status_code == 202
        wall_clock.shift(60.1)
        assert post_event().status_code == 202

    def test_both_addresses_share_it(self, post_event):
        post_event()
        assert post_event(path="/api/ingest").headers["X-RateLimit-Remaining"] == "598"

    def test_feedback_and_sessions_are_still_taken(
        self, post_event, post_feedback, client, project
    ):
        for _ in range(ALLOWED + 1):
            post_event(exception_type="")
        session = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "ok"}
        headers = {"X-Pionne-Token": project.token}
        assert client.post("/sessions", json=session, headers=headers).status_code == 202
        assert post_feedback().status_code == 202

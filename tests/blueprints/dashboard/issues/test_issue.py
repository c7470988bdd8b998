"""GET, PATCH and DELETE of one issue (contract section 4.5)."""

import pytest

NOT_FOUND = {"message": "There is no such issue in this project."}
METHODS = ("GET", "PATCH", "DELETE")


class TestReading:
    def test_issue_comes_with_its_events_and_its_feedback(
        self, post_event, detail, listed, make_feedback
    ):
        event = post_event()
        feedback_id = make_feedback(event_id=event["event_id"])
        answer = detail(event["issue_id"])
        assert list(answer) == ["issue", "events", "feedback", "merged", "grounds"]
        assert [answer["issue"]] == listed()
        assert [row["id"] for row in answer["events"]] == [event["event_id"]]
        assert [row["id"] for row in answer["feedback"]] == [feedback_id]

    def test_event_carries_all_that_was_kept_of_it(self, post_event, detail):
        event = post_event(
            stack=["at pay (cart.js:1:2)", 5],
            breadcrumbs=[{"message": "Pay"}],
            tags={"plan": "free"},
            contexts={"device": {"model": "Pixel"}},
            mechanism={"handled": False},
            release="1.4.2",
            platform="web",
            device_model="Pixel 8",
            user_id_anon="ann",
            sdk="js",
            message=None,
        )
        assert detail(event["issue_id"])["events"] == [
            {
                "stack": ["at pay (cart.js:1:2)"],
                "breadcrumbs": [{"message": "Pay"}],
                "tags": {"plan": "free"},
                "contexts": {"device": {"model": "Pixel"}},
                "mechanism": {"handled": False},
                "extra": {"sdk": "js"},
                "context": {"device_model": "Pixel 8"},
                "user_id_anon": "ann",
                "_meta": {"cut": {"dropped": 1}},
                "id": event["event_id"],
                "issue_id": event["issue_id"],
                "exception_type": "TypeError",
                "message": None,
                "level": "error",
                "release": "1.4.2",
                "environment": "production",
                "platform": "web",
                "created_at": "2026-05-07T17:25:00Z",
            }
        ]

    def test_20_newest_events_come_newest_first(self, post_event, detail):
        ids = [post_event()["event_id"] for _ in range(21)]
        assert [row["id"] for row in detail(1)["events"]] == ids[:0:-1]

    def test_other_issues_do_not_show(self, post_event, detail, make_feedback):
        first, second = post_event("one"), post_event("two")
        make_feedback(event_id=second["event_id"])
        answer = detail(first["issue_id"])
        assert [row["id"] for row in answer["events"]] == [first["event_id"]]
        assert answer["feedback"] == []


class TestMoving:
    @pytest.mark.parametrize("status", ["open", "resolved", "ignored"])
    def test_answer_is_the_row(self, post_event, patch, detail, status):
        issue_id = post_event(release="1.0")["issue_id"]
        response = patch(issue_id, {"status": status})
        assert (response.status_code, response.get_json()["issue"]["status"]) == (200, status)
        assert response.get_json()["issue"] == detail(issue_id)["issue"]

    def test_other_issues_do_not_move(self, post_event, patch, detail):
        first, second = post_event("one"), post_event("two")
        patch(first["issue_id"], {"status": "resolved"})
        assert detail(second["issue_id"])["issue"]["status"] == "open"

    @pytest.mark.parametrize(
        "body",
        [{}, {"status": None}, {"status": ""}, {"status": "handled"}, {"status": 1}, [], "x", None],
    )
    def test_what_is_no_status_is_refused(self, post_event, patch, detail, body):
        issue_id = post_event()["issue_id"]
        assert patch(issue_id, body).status_code == 422
        assert detail(issue_id)["issue"]["status"] == "open"

    def test_other_fields_cannot_be_set(self, post_event, patch):
        issue_id = post_event()["issue_id"]
        row = patch(issue_id, {"status": "ignored", "events_count": 99, "id": 5}).get_json()[
            "issue"
        ]
        assert (row["id"], row["events_count"]) == (issue_id, 1)


class TestDeleting:
    def test_events_go_and_feedback_stays_unlinked(
        self, post_event, ask, make_feedback, stored_feedback, post_feedback
    ):
        event = post_event()
        make_feedback(event_id=event["event_id"])
        response = ask(f"/{event['issue_id']}", method="DELETE")
        assert (response.status_code, response.get_json()) == (200, {"deleted": True})
        (row,) = stored_feedback()
        assert (row.event_id, row.issue_id) == (None, None)
        assert post_feedback(path=f"/events/{event['event_id']}/feedback").status_code == 404

    def test_it_is_gone_for_good(self, post_event, ask, listed):
        issue_id = post_event()["issue_id"]
        ask(f"/{issue_id}", method="DELETE")
        assert listed() == []
        assert [ask(f"/{issue_id}", method=method).status_code for method in ("GET", "DELETE")] == [
            *(404, 404)
        ]

    def test_its_bug_comes_back_as_a_new_issue(self, post_event, ask, detail):
        first = post_event(release="1.0")
        ask(f"/{first['issue_id']}", method="DELETE")
        second = post_event(release="2.0")
        assert second["issue_id"] > first["issue_id"]
        assert second["event_id"] > first["event_id"]
        row = detail(second["issue_id"])["issue"]
        assert (row["events_count"], row["releases"]) == (1, ["2.0"])


class TestNotFound:
    @pytest.mark.parametrize("method", METHODS)
    def test_unknown_issue(self, ask, method):
        response = ask("/99", method=method, json={"status": "open"})
        assert (response.status_code, response.get_json()) == (404, NOT_FOUND)

    @pytest.mark.parametrize("method", METHODS)
    def test_issue_of_another_own_project(self, post_event, ask, make_project, method):
        other = make_project("Another")
        issue_id = post_event(token=other.token)["issue_id"]
        response = ask(f"/{issue_id}", method=method, json={"status": "ignored"})
        assert (response.status_code, response.get_json()) == (404, NOT_FOUND)
        assert ask(f"/{issue_id}", project_id=other.id).get_json()["issue"]["status"] == "open"

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", ""), *((method, "/1") for method in METHODS)]
    )
    def test_project_of_somebody_else(self, post_event, ask, as_stranger, method, path):
        post_event()
        response = ask(path, method=method, json={"status": "ignored"}, headers=as_stranger)
        assert (response.status_code, response.get_json()) == (
            404,
            {"message": "There is no such project."},
        )
        assert ask("/1").get_json()["issue"]["status"] == "open"

    @pytest.mark.parametrize(
        "issue_id",
        ["0", "-1", "+1", "x", "1.0", "1e3", "٣", "%201", "%00", "9223372036854775808", "9" * 500],
    )
    @pytest.mark.parametrize("method", METHODS)
    def test_id_that_no_issue_can_have(self, post_event, ask, method, issue_id):
        post_event()
        response = ask(f"/{issue_id}", method=method, json={"status": "ignored"})
        assert response.status_code == 404
        assert list(response.get_json()) == ["message"]


@pytest.mark.parametrize("path", ["", "/1"])
def test_without_a_token_nothing_is_shown(post_event, ask, path):
    post_event()
    assert ask(path, headers={}).status_code == 401


@pytest.mark.parametrize("path", ["/", "/1/"])
def test_trailing_slash_is_tolerated(post_event, ask, path):
    post_event()
    assert ask(path).status_code == 200

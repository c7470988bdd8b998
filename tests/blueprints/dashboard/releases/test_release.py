"""GET …/release-health/{release}: one release in full."""

import pytest

NAMES = [
    "1.0",
    "com.acme.app@1.4.2+17",
    "feature/cart/2",
    "v 2.0 (beta)",
    "Ünïcödé 😅 版",
    "100%",
    "a?b#c&d=e",
    "release-health",
    "verdict",
    "..x",
    "a//b",
    "unknown",
    "-",
]


@pytest.fixture
def detail(ask):
    def read(release="1.0", /, **query):
        response = ask(release, **query)
        assert response.status_code == 200, response.get_json()
        return response.get_json()

    return read


@pytest.mark.parametrize("name", NAMES)
def test_release_of_any_name_is_found(record, detail, rows, name):
    record(release=name)
    record(release="another")
    answer = detail(name)
    assert {key: answer[key] for key in rows()[name]} == rows()[name]


def test_trailing_slash_is_tolerated(record, ask):
    record(release="1.0")
    assert ask("1.0", then="/").get_json()["release"] == "1.0"


@pytest.mark.parametrize("name", ["2.0", "1", "1.0 ", "\x00", "1.0\x00", b"\xed\xa0\xbd"])
def test_release_that_is_not_there_is_not_found(record, ask, name):
    record()
    response = ask(name)
    assert (response.status_code, response.get_json()) == (
        404,
        {"message": "No session of this release began in the last 14 days."},
    )


def test_release_outside_the_window_is_not_found(record, ask, clock):
    record()
    clock.advance(days=5)
    assert ask("1.0", days=5).status_code == 404
    assert ask("1.0", days=6).status_code == 200


def test_release_of_another_environment_is_not_found(record, ask):
    record(environment="staging")
    assert ask("1.0", environment="production").status_code == 404
    assert ask("1.0", environment="staging").status_code == 200


@pytest.mark.parametrize("days", ["0", "91", "x"])
def test_days_that_cannot_be_are_refused(ask, days):
    assert ask("1.0", days=days).status_code == 422


def test_there_is_one_point_a_day_oldest_first(record, detail, clock):
    record("crashed", user="ann")
    record("ok", user="ann")
    record("ok", release="2.0")
    clock.advance(days=1)
    record(release="2.0")
    assert detail(days=3)["days"] == [
        {
            "day": "2026-05-06",
            "sessions": 0,
            "ok": 0,
            "exited": 0,
            "errored": 0,
            "abnormal": 0,
            "crashed": 0,
            "crash_free": None,
            "users": 0,
            "adoption": None,
        },
        {
            "day": "2026-05-07",
            "sessions": 2,
            "ok": 1,
            "exited": 0,
            "errored": 0,
            "abnormal": 0,
            "crashed": 1,
            "crash_free": 0.5,
            "users": 1,
            "adoption": 0.6667,
        },
        {
            "day": "2026-05-08",
            "sessions": 0,
            "ok": 0,
            "exited": 0,
            "errored": 0,
            "abnormal": 0,
            "crashed": 0,
            "crash_free": None,
            "users": 0,
            "adoption": 0.0,
        },
    ]


def test_there_are_14_points_when_not_said(record, detail):
    record()
    assert len(detail()["days"]) == 14


def test_days_add_up_to_the_row(record, detail, clock):
    for status in ("ok", "crashed", "exited", "crashed", "errored"):
        record(status)
        clock.advance(days=1)
    answer = detail()
    assert sum(day["sessions"] for day in answer["days"]) == answer["sessions_total"] == 5
    assert sum(day["crashed"] for day in answer["days"]) == answer["sessions_crashed"] == 2


def test_durations_are_of_ended_sessions(record, detail):
    for duration_ms in (300, 100, 200):
        record("exited", duration_ms=duration_ms)
    record("ok", duration_ms=999)
    answer = detail()
    assert (answer["duration_p50_ms"], answer["duration_p95_ms"]) == (200, 300)


def test_durations_are_null_when_none_is_known(record, detail):
    record("exited")
    answer = detail()
    assert answer["duration_p50_ms"] is answer["duration_p95_ms"] is None


class TestIssuesAndFeedback:
    @pytest.fixture
    def post_event(self, client, project):
        def post(message, **fields):
            body = {"exception_type": "Error", "message": message, **fields}
            headers = {"X-Pionne-Token": project.token}
            return client.post("/ingest", json=body, headers=headers).get_json()

        return post

    def test_issues_with_most_events_come_first(self, record, detail, post_event):
        record()
        rare = post_event("rare", release="1.0")["issue_id"]
        often = post_event("often", release="1.0")["issue_id"]
        post_event("often", app_version="1.0")
        post_event("elsewhere", release="2.0")
        issues = detail()["issues"]
        assert [(issue["id"], issue["events_count"]) for issue in issues] == [(often, 2), (rare, 1)]

    def test_feedback_comes_by_its_version_or_its_events_release(
        self, record, detail, post_event, make_feedback
    ):
        record()
        by_version = make_feedback(app_version="1.0")
        event = post_event("broken", release="1.0")
        by_event = make_feedback(event_id=event["event_id"], app_version="0.9")
        by_both = make_feedback(event_id=event["event_id"], app_version="1.0")
        make_feedback(app_version="2.0")
        make_feedback()
        said = detail()["feedback"]
        assert [row["id"] for row in said] == [by_both, by_event, by_version]

    def test_feedback_stays_with_the_release_when_its_issue_is_deleted(
        self, record, detail, post_event, make_feedback, client, project, as_owner
    ):
        record()
        event = post_event("broken", release="1.0")
        feedback_id = make_feedback(event_id=event["event_id"])
        client.delete(f"/api/projects/{project.id}/issues/{event['issue_id']}", headers=as_owner)
        assert [row["id"] for row in detail()["feedback"]] == [feedback_id]
        assert detail()["issues"] == []

    def test_newest_20_are_shown(self, record, detail, make_feedback):
        record()
        ids = [make_feedback(app_version="1.0") for _ in range(21)]
        assert [row["id"] for row in detail()["feedback"]] == ids[:0:-1]

    def test_other_projects_do_not_show(self, record, detail, make_project, make_feedback):
        record()
        make_feedback(project_id=make_project("Another").id, app_version="1.0")
        assert detail()["feedback"] == []

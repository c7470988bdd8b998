"""/metrics of one process; tests/live adds several workers up."""

import os
from dataclasses import replace

import pytest

from app.services.issues.event_bytes import DayKey
from app.services.projects import disk_survey
from app.signals import tell, transaction_ended
from tests.blueprints.operations.conftest import TOKEN

SESSION = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "ok"}


def test_it_is_prometheus_text_format(client):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE pionne_request_seconds histogram\n" in answer.text


def test_requests_are_counted_by_method_route_and_status(post_feedback, metric):
    post_feedback("Hello")
    post_feedback("")
    post_feedback("Hello again")
    counted = {"method": "POST", "route": "/feedback"}
    assert metric("pionne_request_seconds_count", **counted, status="202") == 2
    assert metric("pionne_request_seconds_count", **counted, status="422") == 1


def test_requests_are_timed_by_method_and_route(post_feedback, metric):
    post_feedback("Hello")
    timed = {"method": "POST", "route": "/feedback"}
    assert 0 < metric("pionne_request_seconds_sum", **timed) < 60


def test_route_is_the_template(client, project, as_owner, metric):
    for number in (project.id, 4711):
        client.get(f"/api/projects/{number}/feedback", headers=as_owner)
    assert metric("pionne_request_seconds_count", route="/api/projects/<project>/feedback") == 2


def test_made_up_paths_and_methods_add_no_series(client, metric, scrape):
    client.get("/someone@example.com")
    client.open("/feedback", method="BREW")
    scrape()  # which adds its own
    before = scrape().count("\n")
    for number in range(20):
        client.get(f"/made-up-{number}")
        client.open("/feedback", method=f"BREW{number}")
    assert scrape().count("\n") == before
    assert metric("pionne_request_seconds_count", route="none", method="GET", status="404") == 21
    assert metric("pionne_request_seconds_count", route="none", method="other", status="405") == 21


def test_failures_of_the_server_are_counted(app, client, metric):
    @app.get("/fails")
    def fail():
        raise RuntimeError

    client.get("/fails")
    assert metric("pionne_request_seconds_count", route="/fails", status="500") == 1


def test_new_feedback_and_copies_are_counted_apart(post_feedback, metric):
    for message in ("Hello", "Hello", "Hello", "Good bye"):
        post_feedback(message)
    assert metric("pionne_feedback_accepted_total") == 2
    assert metric("pionne_feedback_deduplicated_total") == 2


def test_redactions_are_counted_by_kind_once_for_what_is_stored(post_feedback, metric):
    for _ in range(2):
        post_feedback("me@example.com, you@example.com and 4111 1111 1111 1111")
    assert metric("pionne_redactions_total", kind="email") == 2
    assert metric("pionne_redactions_total", kind="card") == 1
    assert metric("pionne_redactions_total", kind="jwt") == 0


def test_kinds_of_redactions_are_there_before_the_first(scrape):
    assert 'pionne_redactions_total{kind="jwt"} 0.0' in scrape()


@pytest.mark.usefixtures("wall_clock")
def test_refusals_are_counted_by_allowance(post_feedback, metric):
    for number in range(103):
        post_feedback(f"Number {number}")
    assert metric("pionne_limited_total", allowance="feedback") == 3


def test_sessions_and_events_are_counted(client, project, metric):
    headers = {"X-Pionne-Token": project.token}
    client.post("/sessions", json=SESSION, headers=headers)
    client.post("/ingest", json={"exception_type": "Oh me@example.com"}, headers=headers)
    assert metric("pionne_session_reports_accepted_total") == 1
    assert metric("pionne_events_accepted_total") == 1
    assert metric("pionne_redactions_total", kind="email") == 1


def test_time_in_the_database_is_timed_by_method_and_route(post_feedback, metric):
    post_feedback("Hello")
    post_feedback("Hello again")
    timed = {"method": "POST", "route": "/feedback"}
    assert metric("pionne_request_database_seconds_count", **timed) == 2
    assert metric("pionne_request_database_seconds_sum", **timed) > 0


def test_time_in_the_database_adds_up_over_the_request_and_no_further(app, client, metric):
    @app.get("/takes/<int:seconds>")
    def take(seconds):
        for _ in range(seconds):
            tell(transaction_ended, seconds=1.0)
        return {}

    for seconds in (2, 0, 3):
        client.get(f"/takes/{seconds}")
    timed = {"method": "GET", "route": "/takes/<int:seconds>"}
    assert metric("pionne_request_database_seconds_count", **timed) == 2
    assert metric("pionne_request_database_seconds_sum", **timed) == 5


def test_store_of_the_limits_is_asked(metric):
    assert metric("pionne_limiter_store_up") == 1


def test_room_on_the_disk_is_what_the_service_may_write(metric, settings):
    found = os.statvfs(settings.instance_dir)
    assert metric("pionne_disk_free_bytes") == pytest.approx(
        found.f_bavail * found.f_frsize, rel=0.2
    )


def test_database_grows_with_what_is_stored(metric, fill_feedback):
    before = metric("pionne_database_bytes")
    fill_feedback(3000)
    assert metric("pionne_database_bytes") > before > 100_000


def test_open_feedback_is_counted_and_its_oldest_told(metric, make_feedback, make_project, clock):
    make_feedback(status="handled")
    clock.advance(days=1)
    oldest = clock()
    make_feedback(project_id=make_project("Other").id)
    clock.advance(hours=1)
    make_feedback()
    make_feedback(status="archived")
    assert metric("pionne_feedback_open") == 2
    assert metric("pionne_feedback_oldest_open_timestamp_seconds") == oldest.timestamp()


def test_nothing_is_told_of_an_oldest_where_none_is_open(metric, scrape, make_feedback):
    make_feedback(status="handled")
    assert metric("pionne_feedback_open") == 0
    assert "oldest_open" not in scrape()


def test_metrics_are_told_without_the_database(make_app, settings):
    app = make_app(replace(settings, database_url="sqlite:////nowhere/at/all.db"))
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert "pionne_limiter_store_up 1.0" in answer.text
    assert "pionne_feedback_open" not in answer.text


def test_nothing_of_a_request_is_a_label(post_feedback, project, make_event, scrape):
    event = make_event()
    post_feedback(
        "me@example.com wrote this",
        path=f"/events/{event.id}/feedback?token=pio_live_secret",
        address="203.0.113.9",
        name="Alice",
    )
    text = scrape()
    private = ["example.com", "pio_live", project.token, "203.0.113.9", "Alice", "My app", TOKEN]
    assert [word for word in private if word in text] == []


def test_each_app_of_a_process_counts_for_itself(post_feedback, make_app, settings):
    post_feedback("Hello")
    other = make_app(settings).test_client()
    text = other.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "pionne_feedback_accepted_total 0.0" in text


def test_counter_that_fails_costs_no_answer_and_is_logged(
    app, post_feedback, monkeypatch, log_lines
):
    monkeypatch.setattr(app.extensions["metrics"], "_of_request", None)
    assert post_feedback("Hello").status_code == 202
    assert any("TypeError" in line for line in log_lines)


def test_losses_are_counted_by_source_kind_and_reason(post_feedback, metric):
    for _ in range(2):
        post_feedback("")
    lost = {"source": "server", "kind": "feedback"}
    assert metric("pionne_losses_total", **lost, reason="invalid") == 2
    assert metric("pionne_losses_total", **lost, reason="limited") == 0  # there from the start


def test_largest_projects_are_told_in_a_few_series(app, clock, make_project, metric, scrape):
    ids = [make_project(f"App {number}").id for number in range(7)]
    with app.app_context():
        kept = app.extensions["event_bytes"]
        for size, project_id in enumerate(ids, start=1000):
            kept.add(DayKey(project_id, clock().date()), size)
        kept.flush()
        disk_survey.count_all(now=clock())
    assert metric("pionne_project_event_bytes", project=str(ids[-1])) == 1006
    assert metric("pionne_project_disk_bytes", project=str(ids[0])) > 0
    for series in ("pionne_project_event_bytes", "pionne_project_disk_bytes"):
        assert scrape().count(f"\n{series}{{") == 5

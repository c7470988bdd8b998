"""100 a minute for each project over both feedback routes."""

import time

import pytest

ALLOWED = 100
UNKNOWN = "pio_live_" + "0" * 40

pytestmark = pytest.mark.usefixtures("wall_clock")


def test_100_in_a_minute_are_taken(post_feedback, stored_feedback):
    answers = {post_feedback(f"Number {n}").status_code for n in range(ALLOWED)}
    assert answers == {202}
    assert len(stored_feedback()) == ALLOWED


def test_101st_feedback_in_a_minute_is_refused_for_that_project_only(statuses, make_project):
    other = make_project("Another")
    statuses(ALLOWED)
    assert statuses(1) == {429}
    assert statuses(1, token=other.token) == {202}


def test_refused_feedback_is_not_stored(statuses, post_feedback, stored_feedback):
    statuses(ALLOWED)
    post_feedback("One too many")
    assert [row.message for row in stored_feedback() if row.message == "One too many"] == []


def test_all_addresses_of_a_project_share_one_allowance(statuses):
    statuses(ALLOWED, address="192.0.2.1")
    assert statuses(1, address="192.0.2.2") == {429}


def test_all_routes_share_one_allowance(statuses, make_event):
    event = make_event()
    paths = ["/feedback", "/api/feedback/", f"/events/{event.id}/feedback"]
    paths.append(f"/api/events/{event.id}/feedback")
    for path in paths:
        assert statuses(ALLOWED // 4, path=path) == {202}
    assert [statuses(1, path=path) for path in paths] == [{429}] * 4


@pytest.mark.parametrize(
    ("status", "arguments"),
    [
        (422, {"message": ""}),
        (422, {"message": 5}),
        (404, {"path": "/events/999/feedback"}),
        (404, {"path": "/events/abc/feedback"}),
    ],
)
def test_invalid_requests_count(statuses, status, arguments):
    assert statuses(ALLOWED, **arguments) == {status}
    assert statuses(1) == {429}


def test_requests_that_the_limit_refuses_are_not_looked_at(statuses):
    statuses(ALLOWED)
    assert statuses(1, message="") == {429}


def test_duplicates_count(statuses, stored_feedback):
    statuses(ALLOWED, "The same")
    assert len(stored_feedback()) == 1
    assert statuses(1) == {429}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("OPTIONS", {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}),
        ("GET", {}),
        ("POST", {"X-Pionne-Token": UNKNOWN}),
    ],
)
def test_requests_that_are_nobodys_do_not_count_against_the_project(
    client, statuses, method, headers
):
    for _ in range(ALLOWED + 1):
        client.open("/feedback", method=method, headers=headers)
    assert statuses(ALLOWED) == {202}


def test_preflights_are_answered_when_the_allowance_is_used_up(client, statuses):
    statuses(ALLOWED + 1)
    assert client.options("/feedback").status_code == 204


def test_window_moves_so_that_its_edge_lets_no_200_through(statuses, wall_clock):
    wall_clock.shift(59)
    assert statuses(ALLOWED) == {202}
    for _ in range(6):  # until 59.9 seconds later
        assert statuses(1) == {429}
        wall_clock.shift(59.9 / 6)
    assert statuses(1) == {429}
    wall_clock.shift(0.2)
    assert statuses(ALLOWED) == {202}


def test_never_more_than_100_are_taken_in_any_60_seconds(post_feedback, wall_clock):
    taken = []
    for _ in range(25):
        for _ in range(14):
            if post_feedback().status_code == 202:
                taken.append(time.time())
        wall_clock.shift(6.3)
    assert len(taken) > 2 * ALLOWED
    assert all(later - first > 60 for first, later in zip(taken, taken[ALLOWED:]))


def test_room_comes_back_one_by_one(statuses, wall_clock):
    for _ in range(ALLOWED):
        statuses(1)
        wall_clock.shift(0.5)
    wall_clock.shift(10.6)  # the first two are older than a minute
    assert [statuses(1) for _ in range(3)] == [{202}, {202}, {429}]


def test_refusals_do_not_prolong_the_wait(statuses, wall_clock):
    statuses(ALLOWED)
    wall_clock.shift(30)
    statuses(50)
    wall_clock.shift(30.1)
    assert statuses(ALLOWED) == {202}


def test_accepted_feedback_tells_what_is_left(post_feedback):
    headers = post_feedback().headers
    assert headers["X-RateLimit-Limit"] == "100"
    assert headers["X-RateLimit-Remaining"] == "99"
    assert 60 < int(headers["X-RateLimit-Reset"]) - time.time() <= 61


def test_accepted_feedback_has_no_retry_after(post_feedback):
    headers = [post_feedback().headers for _ in range(ALLOWED)]
    assert [each["Retry-After"] for each in headers if "Retry-After" in each] == []


def test_refusal_tells_when_to_come_back(statuses, post_feedback, wall_clock):
    statuses(ALLOWED)
    wall_clock.shift(20.5)
    response = post_feedback()
    assert response.headers["Retry-After"] == "40"
    assert response.headers["X-RateLimit-Limit"] == "100"
    assert response.headers["X-RateLimit-Remaining"] == "0"
    assert 39.5 < int(response.headers["X-RateLimit-Reset"]) - time.time() <= 40.5
    assert response.get_json() == {
        "message": "Too many requests: 100 a minute are allowed. Try again in 40 seconds."
    }


@pytest.mark.parametrize("waited_seconds", [0, 30.3, 59.9])
def test_retry_after_is_at_least_one_second_and_then_it_is_allowed(
    statuses, post_feedback, wall_clock, waited_seconds
):
    wall_clock.shift(0.25)
    statuses(ALLOWED)
    wall_clock.shift(waited_seconds)
    retry_after_seconds = int(post_feedback().headers["Retry-After"])
    assert retry_after_seconds >= 1
    wall_clock.shift(retry_after_seconds + 0.001)
    assert statuses(1) == {202}


def test_other_apps_in_the_process_count_for_themselves(settings, make_app, statuses, project):
    statuses(ALLOWED + 1)
    client = make_app(settings).test_client()
    response = client.post("/feedback", headers={"X-Pionne-Token": project.token})
    assert response.status_code == 422

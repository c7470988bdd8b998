"""GET …/release-health/{release}/verdict: something a release pipeline can poll."""

import pytest

KEYS = [
    *("verdict", "reason", "release", "against", "unit", "tolerance", "minimum"),
    *(
        "interval",
        "sessions_needed",
        "new",
        "old",
        "days",
        "sliding",
        "settle",
        "settled_until",
        "late",
    ),
]
KEYS_OF_A_SIDE = [
    *("sessions", "crashed", "users", "crash_rate", "crash_rate_interval"),
    *("design_effect", "wary_design_effect"),
]


@pytest.fixture
def judged(ask):
    def read(release="2.0", against="1.0", **query):
        response = ask(release, then="/verdict", against=against, **query)
        assert response.status_code == 200, response.get_json()
        return response.get_json()

    return read


@pytest.mark.parametrize(
    ("crashed", "verdict", "beginning"),
    [
        (0, "pass", "2.0 does not crash noticeably more often than 1.0: "),
        (10, "undecided", "Too few sessions to be certain: "),
        (100, "fail", "2.0 crashes more often than 1.0: "),
    ],
)
def test_verdict_comes_with_its_reason_and_its_figures(fill, judged, crashed, verdict, beginning):
    fill("1.0", sessions=1000, crashed=5)
    fill("2.0", sessions=1000, crashed=crashed)
    answer = judged()
    assert list(answer) == KEYS
    assert list(answer["new"]) == list(answer["old"]) == KEYS_OF_A_SIDE
    assert answer["verdict"] == verdict
    assert answer["reason"].startswith(beginning)
    assert (answer["interval"][0] > 0) == (verdict == "fail")
    assert (answer["sessions_needed"] == 0) == (verdict != "undecided")


def test_release_that_nobody_used_yet_is_undecided(fill, judged, clock):
    fill("1.0", sessions=1000)
    assert judged() == {
        "verdict": "undecided",
        "reason": "No session of 2.0 began in the last 14 days.",
        "release": "2.0",
        "against": "1.0",
        "unit": "sessions",
        "tolerance": 0.01,
        "minimum": 0,
        "interval": None,
        "sessions_needed": None,
        "new": None,
        "old": None,
        "days": [],
        "sliding": False,
        "settle": 0,
        "settled_until": clock().date().isoformat(),
        "late": None,
    }


@pytest.mark.parametrize("name", ["feature/cart/2", "v 2.0 (é)", "verdict", "a//b"])
def test_release_of_any_name_is_judged(fill, judged, name):
    fill("1.0", sessions=1000)
    fill(name, sessions=1000)
    assert judged(name)["verdict"] == "pass"
    assert judged("1.0", against=name)["verdict"] == "pass"


def test_trailing_slash_is_tolerated(fill, ask):
    fill("1.0", sessions=1000)
    response = ask("1.0", then="/verdict/", against="1.0")
    assert (response.status_code, response.get_json().get("verdict")) == (200, "pass")


def test_days_and_environment_narrow(fill, judged, clock):
    fill("1.0", sessions=1000)
    fill("2.0", sessions=1000)
    clock.advance(days=3)
    assert judged(days=4)["verdict"] == "pass"
    assert judged(days=3)["verdict"] == "undecided"
    assert judged(days=4, environment="staging")["verdict"] == "undecided"


@pytest.mark.parametrize("query", [{}, {"against": ""}, {"against": "  "}])
def test_release_to_compare_with_is_the_one_before(fill, ask, query):
    fill("1.0", sessions=1000)
    fill("2.0", sessions=1000)
    answer = ask("2.0", then="/verdict", **query).get_json()
    assert (answer["verdict"], answer["against"]) == ("pass", "1.0")


def test_tolerance_is_what_may_pass(fill, judged):
    fill("1.0", sessions=1000, crashed=5)
    fill("2.0", sessions=1000, crashed=5)
    assert judged(tolerance="0.02")["verdict"] == "pass"
    answer = judged(tolerance="0.002")
    assert (answer["verdict"], answer["tolerance"]) == ("undecided", 0.002)


def test_days_that_settle_do_not_count_for_a_pass(fill, judged, clock):
    fill("1.0", sessions=1000)
    fill("2.0", sessions=1000)
    answer = judged(settle=1)
    assert answer["verdict"] == "undecided"
    assert "is settled yet" in answer["reason"]
    clock.advance(days=1)
    assert judged(settle=1)["verdict"] == "pass"


def test_users_are_compared_where_they_are_asked_for(fill, judged):
    fill("1.0", users=1000, users_crashed=5)
    fill("2.0", users=1000, users_crashed=100)
    answer = judged(unit="users")
    assert (answer["verdict"], answer["unit"]) == ("fail", "users")
    assert answer["reason"].startswith("Users who crashed: ")


@pytest.mark.parametrize(
    "query",
    [
        {"days": "0"},
        {"against": "x" * 201},
        {"environment": "\x00"},
        {"tolerance": "0"},
        {"tolerance": "1"},
        {"tolerance": "nan"},
        {"tolerance": "1e-3"},
        {"tolerance": "-0.01"},
        {"settle": "8"},
        {"settle": "-1"},
        {"unit": "people"},
        {"unit": "users", "settle": "1"},
    ],
)
def test_query_that_cannot_be_is_refused(ask, query):
    response = ask("2.0", then="/verdict", **{"against": "1.0", **query})
    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == [list(query)[-1]]

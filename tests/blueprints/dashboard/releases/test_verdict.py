"""GET …/release-health/{release}/verdict?against=: something a release pipeline can poll."""

import pytest


@pytest.fixture
def judged(ask):
    def read(release="2.0", against="1.0", **query):
        response = ask(release, then="/verdict", against=against, **query)
        assert response.status_code == 200, response.get_json()
        return response.get_json()

    return read


@pytest.mark.parametrize(("crashed", "verdict"), [(5, "pass"), (12, "undecided"), (100, "fail")])
def test_verdict_comes_with_its_reason(fill, judged, crashed, verdict):
    fill("1.0", users=1000, users_crashed=5)
    fill("2.0", users=1000, users_crashed=crashed)
    answer = judged()
    assert list(answer) == ["verdict", "reason"]
    assert answer["verdict"] == verdict
    assert answer["reason"].startswith("Crash-free users: ")


def test_release_that_nobody_used_yet_is_undecided(fill, judged):
    fill("1.0", sessions=1000)
    assert judged() == {
        "verdict": "undecided",
        "reason": "No session of 2.0 began in the last 14 days.",
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
    clock.advance(days=3)
    fill("2.0", sessions=1000)
    assert judged(days=4)["verdict"] == "pass"
    assert judged(days=3)["verdict"] == "undecided"
    assert judged(environment="staging")["verdict"] == "undecided"


@pytest.mark.parametrize("query", [{}, {"against": ""}, {"against": "  "}])
def test_release_to_compare_with_is_required(fill, ask, query):
    fill("2.0")
    response = ask("2.0", then="/verdict", **query)
    assert response.status_code == 422
    assert response.get_json()["errors"] == {"against": ["The against field is required."]}


@pytest.mark.parametrize("query", [{"days": "0"}, {"against": "x" * 201}, {"environment": "\x00"}])
def test_query_that_cannot_be_is_refused(ask, query):
    assert ask("2.0", then="/verdict", **{"against": "1.0", **query}).status_code == 422

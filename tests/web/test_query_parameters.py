"""Account routes refuse query parameters that they do not take, each of them, whatever comes."""

import pytest
from werkzeug.routing import Rule

from app.web.openapi import Credentials, documentation_of

OF_ACCOUNTS = ("accounts", "dashboard")


def is_of_accounts(app, rule) -> bool:
    """Asks for a user token, whatever blueprint it is in, or gives one out."""
    described = documentation_of(app.view_functions[rule.endpoint])
    asks = described and not described.is_page and described.credentials is Credentials.USER_TOKEN
    return asks or rule.endpoint.partition(".")[0] in OF_ACCOUNTS


def account_operations(app) -> list[tuple[str, Rule]]:
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if is_of_accounts(app, rule)
        for method in sorted(rule.methods - {"OPTIONS"})
    ]


@pytest.mark.sqlite_only("asks no database")
def test_every_account_route_refuses_a_parameter_that_it_does_not_know(app, client, as_owner):
    operations = account_operations(app)
    assert {rule.endpoint.partition(".")[0] for _, rule in operations} >= set(OF_ACCOUNTS)
    for method, rule in operations:
        path = rule.build(dict.fromkeys(rule.arguments, 1), append_unknown=False)[1]
        answer = client.open(f"{path}?no_such_name=1", method=method, headers=as_owner)
        assert answer.status_code == 422, (method, path)
        if method != "HEAD":
            assert list(answer.get_json()["errors"]) == ["no_such_name"]


def test_the_refusal_names_what_is_known_and_what_was_meant(client, project, as_owner):
    answer = client.get(f"/api/projects/{project.id}/feedback?state=open", headers=as_owner)
    assert answer.status_code == 422
    message = answer.get_json()["errors"]["state"][0]
    assert "Did you mean status?" in message
    for known in ("include", "status", "q", "since", "limit", "before"):
        assert known in message


@pytest.mark.sqlite_only("asks no database")
def test_an_address_without_parameters_says_so(client, as_owner):
    answer = client.get("/api/auth/me?verbose=1", headers=as_owner)
    assert "takes none" in answer.get_json()["message"]


@pytest.mark.sqlite_only("asks no database")
def test_a_parameter_that_is_given_twice_is_refused(client, project, as_owner):
    path = f"/api/projects/{project.id}/feedback?status=open&status=handled"
    answer = client.get(path, headers=as_owner)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["status"]


def test_a_parameter_of_another_address_is_unknown_to_this_one(client, project, as_owner):
    path = f"/api/projects/{project.id}/release-health/1.0?release=2.0"
    answer = client.get(path, headers=as_owner)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["release"]


@pytest.mark.sqlite_only("asks no database")
def test_who_is_not_logged_in_is_told_that_first(client):
    assert client.get("/api/auth/me?verbose=1").status_code == 401


@pytest.mark.sqlite_only("asks no database")
def test_a_name_of_any_length_makes_a_short_answer(client, as_owner):
    answer = client.get(f"/api/auth/me?{'x' * 5000}=1", headers=as_owner)
    assert answer.status_code == 422
    assert len(answer.data) < 500


def test_public_routes_ignore_what_they_do_not_know(post_feedback):
    assert post_feedback(path="/feedback?state=open&utm_source=mail").status_code == 202


def test_pages_lead_on_with_their_filters(client, project, as_owner, make_feedback):
    make_feedback(), make_feedback()
    path = f"/api/projects/{project.id}/feedback?limit=1&status=open"
    link = client.get(path, headers=as_owner).headers["Link"]
    following = link.partition("<")[2].partition(">")[0]
    assert client.get(following, headers=as_owner).status_code == 200

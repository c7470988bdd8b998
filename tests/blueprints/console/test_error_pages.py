"""Refusals are pages at the console's addresses, and JSON at all others, whatever is accepted."""

import pytest
from sqlalchemy.exc import OperationalError

from app.services.accounts import console_sessions
from app.services.pages import projects_at_a_glance

HTML = {"Accept": "text/html,application/xhtml+xml"}


def test_project_that_is_not_there_is_a_page(as_alice):
    answer = as_alice.get("/projects/7/inbox")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is nothing here" in as_alice.text


def test_page_that_needs_another_role_says_which(make_member, browser_of, project):
    browser = browser_of(make_member(role="viewer"))
    assert browser.get(f"/projects/{project.id}/delete").status_code == 403
    assert "You may not do this" in browser.text
    assert "This needs the role owner in the project; yours is viewer." in browser.text


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/projectsx", "/accounts"])
def test_address_of_nobody_is_json_for_browsers_too(as_alice, path):
    answer = as_alice.get(path, headers=HTML)
    assert (answer.status_code, answer.mimetype) == (404, "application/json")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/projects/1/nowhere", 404),
        ("/account/nowhere", 404),
        ("/logout", 405),
        ("/projects/1/inbox/undo", 405),
    ],
)
def test_address_that_is_nearly_the_consoles_is_a_page_for_browsers(browser, path, status):
    answer = browser.get(path, headers=HTML)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert "Go to the start page" in browser.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/html;q=0, */*"])
def test_address_that_is_nearly_the_consoles_is_json_for_programs(browser, accept):
    headers = {"Accept": accept} if accept else {}
    answer = browser.get("/projects/1/feedback", headers=headers)
    assert (answer.status_code, answer.mimetype) == (404, "application/json")


def test_post_to_an_address_that_is_nearly_the_consoles_is_json(browser):
    answer = browser.client.post("/projects/1/feedback", json={}, headers=HTML)
    assert (answer.status_code, answer.mimetype) == (404, "application/json")


BEARER = {"Authorization": "Bearer 1|secret"}


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/html;q=0, */*"])
@pytest.mark.parametrize(
    ("method", "path", "meant"),
    [
        ("GET", "/projects", "/api/projects."),
        ("GET", "/projects/7/issues", "/api/projects/7/issues."),
        ("POST", "/projects/7/tokens", "/api/projects/7/tokens."),
        ("POST", "/projects", "/api/projects."),  # no page takes it
        ("GET", "/account", "/api/docs"),
    ],
)
def test_program_with_a_token_at_a_page_is_told_where_the_api_is(
    client, project, method, path, meant, accept
):
    headers = BEARER | ({"Accept": accept} if accept else {})
    answer = client.open(path, method=method, headers=headers)
    assert answer.status_code == (405 if (method, path) == ("POST", "/projects") else 404)
    assert answer.mimetype == "application/json"
    assert "Location" not in answer.headers
    assert f"the api is below /api: {meant}" in answer.get_json()["message"].lower()


def test_program_may_have_it_as_a_problem(client, project):
    answer = client.get("/projects", headers=BEARER | {"Accept": "application/problem+json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "/api/projects" in answer.get_json()["detail"]
    assert {"Accept", "Authorization"} <= set(answer.vary.to_header().split(", "))


@pytest.mark.parametrize(
    "headers",
    [HTML, HTML | BEARER, {}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer "}],
    ids=str,
)
def test_others_are_led_to_a_page(client, project, headers):
    answer = client.get("/projects", headers=headers)
    assert (answer.status_code, answer.location) == (302, "/register")  # nobody can log in yet


def test_feedback_that_is_gone_leads_to_the_inbox_of_its_project(as_owner_of_project, project):
    answer = as_owner_of_project.get(f"/projects/{project.id}/feedback/9")
    assert answer.status_code == 404
    assert f'href="/projects/{project.id}/inbox"' in as_owner_of_project.page
    assert "Go to the inbox of My app" in as_owner_of_project.text


def test_project_that_one_is_no_member_of_is_not_named(browser_of, make_account, project):
    stranger = browser_of(make_account("eve@example.com"))
    assert stranger.get(f"/projects/{project.id}/feedback/9").status_code == 404
    assert "inbox" not in stranger.page


def test_page_is_html_for_whoever_prefers_json(as_alice):
    answer = as_alice.get("/projects/7/inbox", headers={"Accept": "application/problem+json"})
    assert answer.mimetype == "text/html"


def test_failure_names_the_request_and_nothing_else(as_alice, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError("a secret in the message")

    monkeypatch.setattr(projects_at_a_glance, "list_page", fail)
    answer = as_alice.get("/projects")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in as_alice.text
    assert "secret" not in as_alice.page


def test_database_that_is_away_is_a_page_though_nobody_can_be_asked_who_looks(
    as_alice, monkeypatch
):
    monkeypatch.setattr(console_sessions, "find", _away)
    answer = as_alice.get("/projects")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert "The service is busy" in as_alice.text


def test_body_that_is_too_large_is_a_page(as_alice, settings):
    as_alice.get("/projects/new")
    answer = as_alice.send("/projects/new", name="x" * settings.max_body_bytes)
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


def test_refusals_are_guarded_as_pages_are(as_alice):
    answer = as_alice.get("/projects/7/inbox")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_session_is_asked_for_once_a_page(as_alice, monkeypatch):
    asked = []
    find = console_sessions.find
    monkeypatch.setattr(
        console_sessions, "find", lambda *args, **kwargs: asked.append(1) or find(*args, **kwargs)
    )
    as_alice.get("/account")
    assert len(asked) == 1


def _away(*_args, **_kwargs):
    raise OperationalError("SELECT", {}, Exception("away"))

"""Requests that other sites cause in a browser that is logged in here."""

import pytest


@pytest.fixture
def rename(as_alice):
    """Sends the form that makes a project, with the headers of some browser."""

    def send(**headers):
        as_alice.get("/projects/new")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return as_alice.send("/projects/new", headers=named, name="My app")

    return send


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "same-origin"},
        {"Origin": "http://localhost"},
        # Behind a proxy that is not trusted to tell the scheme; the browser knows better.
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://localhost"},
    ],
)
def test_form_of_our_own_page_is_taken(rename, headers):
    assert rename(**headers).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "https://localhost"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_form_that_another_site_sent_is_refused_even_with_its_token(rename, headers, database_rows):
    answer = rename(**headers)
    assert answer.status_code == 403
    assert answer.mimetype == "text/html"
    assert "came from another site" in answer.get_data(as_text=True)
    assert database_rows("SELECT id FROM projects") == []


@pytest.mark.parametrize("token", [None, "", "made up"])
def test_form_without_its_token_is_refused(as_alice, token, database_rows):
    as_alice.get("/projects/new")
    fields = {"name": "My app"} | ({} if token is None else {"csrf_token": token})
    answer = as_alice.client.post("/projects/new", data=fields)
    assert answer.status_code == 400
    assert "Go back, load it again" in answer.get_data(as_text=True)
    assert database_rows("SELECT id FROM projects") == []


def test_token_of_another_browser_is_refused(as_alice, new_browser):
    other = new_browser()
    other.get("/login")
    as_alice.get("/projects/new")
    as_alice.token = other.token
    assert as_alice.send("/projects/new", name="My app").status_code == 400


def test_reading_needs_no_token_and_changes_nothing(as_alice):
    cross_site = {"Sec-Fetch-Site": "cross-site"}
    assert as_alice.get("/projects", headers=cross_site).status_code == 200


def test_logout_cannot_be_forged(as_alice):
    assert as_alice.client.post("/logout").status_code == 400
    assert as_alice.get("/logout").status_code == 405
    assert as_alice.get("/account").status_code == 200


def test_apps_still_post_from_any_origin(post_feedback):
    headers = {"Origin": "https://app.example.com", "Sec-Fetch-Site": "cross-site"}
    assert post_feedback(headers=headers).status_code == 202

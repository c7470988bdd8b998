"""Whatever form of its address people set as an SDK's endpoint, nothing is lost (contract 3.0)."""

import itertools
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blueprints.ingest.addresses import usual_form

SESSION_ID = "123e4567-e89b-12d3-a456-426614174000"
ORIGIN = "https://app.example.com"
HOST = "https://feedback.example.com"
FORMS = ["", "/", "/api", "/api/", "/ingest", "/ingest/", "/api/ingest", "/api/ingest/"]


class Sdk:
    """Derives addresses from its one setting as the vendor's SDKs do, as text.

    Some take a slash off the end of what they were given first, others do not.
    """

    def __init__(self, client, token, form, *, takes_slash_off):
        self.client, self.token = client, token
        self.endpoint = HOST + form
        if takes_slash_off:
            self.endpoint = self.endpoint.removesuffix("/")
        self.base = self.endpoint.removesuffix("/ingest")

    def ask(self, method, address, **kwargs):
        # As a server hands it on: the test client would take `//sessions` for a host.
        path = {"PATH_INFO": urlsplit(address).path or "/"}
        return self.client.open(HOST, method=method, environ_overrides=path, **kwargs)

    def post(self, address, **body):
        headers = {"X-Pionne-Token": self.token, "Origin": ORIGIN}
        return self.ask("POST", address, json=body, headers=headers)

    @property
    def addresses(self):
        derived = ("/feedback", "/events/1/feedback", "/sessions")
        return [self.endpoint, *(self.base + path for path in derived)]


@pytest.fixture(
    params=itertools.product(FORMS, [False, True]),
    ids=lambda form: f"HOST{form[0]}{' without its slash' if form[1] else ''}",
)
def sdk(client, project, request):
    form, takes_slash_off = request.param
    return Sdk(client, project.token, form, takes_slash_off=takes_slash_off)


def test_session_that_crashes_is_seen_to_crash_and_its_user_is_heard(
    sdk, client, project, as_owner, stored_feedback
):
    session = {"session_id": SESSION_ID, "release": "1.4.2"}
    opened = sdk.post(f"{sdk.base}/sessions", **session, status="ok")
    crash = sdk.post(sdk.endpoint, exception_type="TypeError", level="fatal", release="1.4.2")
    # As in the SDKs, which flip a session only after its fatal event was taken.
    flipped = sdk.post(f"{sdk.base}/sessions", **session, status="crashed")
    event_id = crash.get_json()["event_id"]
    about_it = sdk.post(f"{sdk.base}/events/{event_id}/feedback", message="It closed")
    alone = sdk.post(f"{sdk.base}/feedback", message="Hello")

    answers = [opened, crash, flipped, about_it, alone]
    assert [answer.status_code for answer in answers] == [202] * 5
    report = client.get(f"/api/projects/{project.id}/release-health", headers=as_owner)
    (release,) = report.get_json()["releases"]
    assert (release["sessions_total"], release["crash_free_sessions"]) == (1, 0.0)
    assert [row.event_id for row in stored_feedback()] == [event_id, None]


def test_pages_of_any_origin_may_post_there(sdk):
    for address in sdk.addresses:
        headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        answer = sdk.ask("OPTIONS", address, headers=headers)
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"


def test_refusals_are_json_that_pages_of_any_origin_may_read(sdk):
    for address in sdk.addresses:
        refusals = {
            401: sdk.ask("POST", address, json={}, headers={"Origin": ORIGIN}),
            405: sdk.ask("PATCH", address, json={}, headers={"Origin": ORIGIN}),
            422: sdk.post(address),
        }
        for status, answer in refusals.items():
            assert answer.status_code == status
            assert set(answer.get_json()) <= {"message", "errors"}
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"])
def test_nothing_but_the_console_sends_anybody_elsewhere(sdk, method):
    for address in sdk.addresses:
        if method in ("GET", "HEAD") and urlsplit(address).path in ("", "/"):
            continue
        answer = sdk.ask(method, address)
        assert "Location" not in answer.headers
        assert answer.status_code in {204, 401, 405}


def test_wrong_method_is_told_with_the_right_one(client):
    assert "POST" in client.put("/").headers["Allow"]
    assert "POST" in client.put("/api").headers["Allow"]
    assert client.get("/api").status_code == 405


def test_host_in_a_browser_is_the_console_all_the_same(client):
    answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.location == "/register"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_post_to_the_host_with_the_cookie_of_the_console_needs_the_token_of_a_project(
    client, as_owner
):
    client.set_cookie("pionne", "anything")
    answer = client.post("/", json={"exception_type": "TypeError"}, headers=as_owner)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path",
    ["/api//projects", "/ingest/projects", "/api/ingest//auth/login", "/ingest/metrics", "/x//"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_routes_have_no_odd_forms(client, as_owner, path, method):
    answer = client.open(path, method=method, headers=as_owner)
    assert answer.status_code == 404


def test_odd_forms_are_logged_and_counted_as_the_usual_route(client, project, log_lines):
    for path in ("/ingest//sessions", "/ingest/sessions", "/sessions"):
        client.post(path, json={}, headers={"X-Pionne-Token": project.token})
    assert sum('"route": "/sessions"' in line for line in log_lines) == 3


def test_odd_forms_are_not_in_the_description_of_the_api(client):
    paths = client.get("/api/openapi.json").get_json()["paths"]
    assert not [path for path in paths if "//" in path or path.startswith("/ingest/")]


public = st.sampled_from(
    ["/ingest", "/feedback", "/sessions", "/events/7/feedback", "/events/a b/feedback"]
)


@given(public, st.sampled_from(["", "/api"]), st.sampled_from(["", "/ingest"]), st.data())
def test_any_number_of_slashes_leads_to_the_same_place(route, api, ingest, data):
    slashes = st.integers(1, 3).map("/".__mul__)
    path = "".join(
        data.draw(slashes) if character == "/" else character for character in api + ingest + route
    )
    assert usual_form(path) == api + route
    assert usual_form(path + data.draw(slashes)) == api + route


@given(st.text(st.sampled_from("/aeinpgstv"), max_size=40))
def test_rewriting_an_address_twice_changes_nothing(path):
    assert usual_form(usual_form(path)) == usual_form(path)

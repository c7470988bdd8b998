"""Pages of any origin post here, also with credentials (contract section 3.1)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.cors import allowed_headers

ANSWERS = [202, 401, 404, 405, 413, 422, 429, 500, 503]
ORIGINS = ["https://app.example.com", "http://localhost:8081", "capacitor://localhost", "null"]


def words(header):
    return {word.strip().lower() for word in header.split(",")}


EXPOSED = {"retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


@pytest.mark.parametrize("status", ANSWERS)
@pytest.mark.parametrize("origin", ["https://app.example.com", "null"])
def test_page_of_any_origin_may_read_every_answer(answer, status, origin):
    response = answer(status, headers={"Origin": origin})
    assert response.status_code == status
    assert response.headers.getlist("Access-Control-Allow-Origin") == [origin]
    assert response.headers.getlist("Access-Control-Allow-Credentials") == ["true"]
    assert EXPOSED <= words(response.headers["Access-Control-Expose-Headers"])
    assert "origin" in words(response.headers["Vary"])


@pytest.mark.parametrize("status", ANSWERS)
def test_answer_to_nobody_in_particular_varies_all_the_same(answer, status):
    response = answer(status)
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "origin" in words(response.headers["Vary"])


@pytest.mark.parametrize("path", ["/feedback", "/api/feedback/", "/events/1/feedback"])
@pytest.mark.parametrize("origin", ORIGINS)
def test_preflight_allows_what_sdks_send(client, path, origin):
    response = client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-pionne-token",
        },
    )
    assert response.status_code == 204
    assert response.data == b""
    cors = {
        name: value
        for name, value in response.headers
        if name.startswith("Access-Control-") and name != "Access-Control-Expose-Headers"
    }
    assert cors == {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Headers": "Content-Type, X-Pionne-Token",
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Max-Age": "7200",
    }
    assert words(response.headers["Vary"]) == {"origin"}


@pytest.mark.parametrize("path", ["/events//feedback", "/api/events/1/2/feedback", "/sessions/x"])
def test_page_that_posts_beside_an_address_may_do_so_and_read_why_it_is_refused(client, path):
    """What its browser keeps back could not be counted as lost."""
    origin = {"Origin": "https://app.example.com"}
    asked = client.options(path, headers={**origin, "Access-Control-Request-Method": "POST"})
    refused = client.post(path, json={}, headers=origin)
    assert (asked.status_code, refused.status_code) == (204, 404)
    for response in (asked, refused):
        assert response.headers["Access-Control-Allow-Origin"] == origin["Origin"]


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere"])
def test_pages_read_nothing_elsewhere(client, path):
    for method in ("OPTIONS", "POST"):
        response = client.open(path, method=method, headers={"Origin": "https://app.example.com"})
        assert response.status_code == 404
        assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("", "Content-Type, X-Pionne-Token"),
        (
            "baggage, content-type,sentry-trace ,traceparent,x-pionne-token",
            "Content-Type, X-Pionne-Token, baggage, sentry-trace, traceparent",
        ),
        ("a b, x:y, <script>, é, ,,good", "Content-Type, X-Pionne-Token, good"),
        ("x" * 101, "Content-Type, X-Pionne-Token"),
    ],
)
def test_preflight_allows_what_tracing_adds(client, asked, allowed):
    headers = {"Origin": ORIGINS[0], "Access-Control-Request-Headers": asked}
    answer = client.options("/api/ingest", headers=headers)
    assert answer.headers["Access-Control-Allow-Headers"] == allowed


@given(st.lists(st.text(st.characters(codec="latin-1"))).map(",".join))
def test_whatever_is_asked_for_a_few_field_names_come_back(asked):
    names = allowed_headers(asked).split(", ")
    assert names[:2] == ["Content-Type", "X-Pionne-Token"]
    assert len(names) <= 40
    assert all(re.fullmatch("[!-~]+", name) for name in names)


def test_preflight_needs_no_event_and_no_token(client):
    assert client.options("/events/abc/feedback").status_code == 204


def test_preflight_has_no_body_to_speak_of(client):
    headers = client.options("/feedback").headers
    assert "Content-Type" not in headers
    assert headers.get("Content-Length", "0") == "0"


def test_preflight_with_a_query_token_is_answered(client):
    assert client.options("/feedback?token=unknown").status_code == 204


def test_beacon_is_stored(client, project, stored_feedback):
    """`sendBeacon` with a Blob: token in the query, cookies along, and no header of its own."""
    client.set_cookie("session", "something")
    response = client.post(
        f"/api/feedback?token={project.token}",
        data=b'{"message": "Hello"}',
        headers={"Content-Type": "application/json", "Origin": "https://app.example.com"},
    )
    assert response.status_code == 202
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert len(stored_feedback()) == 1


def test_public_routes_set_no_cookie(answer):
    assert "Set-Cookie" not in answer(202).headers


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("path", ["/api/projects/1/feedback", "/api/projects/1/feedback/1"])
def test_dashboard_allows_no_origin(client, project, as_owner, path, method):
    headers = {**as_owner, "Origin": "https://app.example.com"}
    response = client.open(path, method=method, headers=headers)
    assert [name for name, _ in response.headers if name.startswith("Access-Control-")] == []


def test_unknown_address_allows_no_origin(client):
    response = client.post("/nowhere", headers={"Origin": "https://app.example.com"})
    assert "Access-Control-Allow-Origin" not in response.headers

"""The headers of every answer, whatever made it."""

import pytest
from flask import Flask

pytestmark = pytest.mark.sqlite_only("no query is made")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/auth/me", 401),
        ("GET", "/feedback", 405),
        ("POST", "/api/auth/login", 422),
        ("OPTIONS", "/feedback", 204),
        ("POST", "/fails", 500),
    ],
)
def test_every_answer_carries_them(app: Flask, method, path, status):
    @app.post("/fails")
    def fail():
        raise RuntimeError

    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_json_may_load_nothing_if_somebody_opens_it_as_a_page(client):
    answer = client.get("/nowhere", headers={"Accept": "application/problem+json"})

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_answer_without_content_is_not_called_html(client):
    answer = client.options("/feedback")

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Content-Type" not in answer.headers


def test_a_view_that_sets_one_itself_wins(app: Flask):
    @app.get("/page")
    def page():
        return "<p>", {"Cache-Control": "max-age=60", "Content-Security-Policy": "img-src *"}

    answer = app.test_client().get("/page")
    assert answer.headers["Cache-Control"] == "max-age=60"
    assert answer.headers["Content-Security-Policy"] == "img-src *"


def test_browsers_are_told_to_stay_on_https_only_over_https(client):
    secure = client.get("/nowhere", base_url="https://localhost")

    assert "Strict-Transport-Security" in secure.headers
    assert "Strict-Transport-Security" not in client.get("/nowhere").headers


def test_pages_of_any_origin_still_post_feedback(post_feedback):
    answer = post_feedback(headers={"Origin": "https://app.example.com"})

    assert answer.status_code == 202
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert "Cross-Origin-Resource-Policy" not in answer.headers

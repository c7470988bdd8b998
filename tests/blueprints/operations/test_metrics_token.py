"""Who may read /metrics: nobody, until METRICS_TOKEN says who."""

from dataclasses import replace

import pytest

from app.config import ConfigurationError, read_settings
from tests.blueprints.operations.conftest import TOKEN


@pytest.fixture
def ask(make_app, settings):
    def get(authorization, *, token=TOKEN):
        headers = {} if authorization is None else {"Authorization": authorization}
        app = make_app(replace(settings, metrics_token=token))
        return app.test_client().get("/metrics", headers=headers)

    return get


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_token_of_the_settings_reads(ask, scheme):
    assert ask(f"{scheme} {TOKEN}").status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", "Bearer \xe9"],
)
def test_anything_else_is_refused(ask, authorization):
    answer = ask(authorization)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "METRICS_TOKEN" in answer.get_json()["message"]


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer ", f"Bearer {TOKEN}"])
def test_without_a_token_in_the_settings_nobody_reads(ask, authorization):
    answer = ask(authorization, token="")
    assert answer.status_code == 403
    assert "set METRICS_TOKEN" in answer.get_json()["message"]


def test_refused_scrape_is_logged(ask, log_lines):
    ask(None)
    assert '"/metrics", "status": 401' in log_lines[-1]


def test_metrics_have_one_address(client):
    assert client.get("/api/metrics").status_code == 404


@pytest.mark.parametrize("token", ["too short", "x" * 15, "é" * 20, "line\nbreak" + "x" * 20])
def test_token_that_can_not_be_used_is_refused_without_being_shown(token):
    with pytest.raises(ConfigurationError, match="METRICS_TOKEN must have 16") as refusal:
        read_settings({"METRICS_TOKEN": token, "APP_KEY": "k" * 32})
    assert token not in str(refusal.value)


def test_token_is_not_shown_with_the_settings():
    settings = read_settings({"METRICS_TOKEN": "x" * 16, "APP_KEY": "k" * 32})
    assert settings.metrics_token == "x" * 16
    assert "x" * 16 not in repr(settings)

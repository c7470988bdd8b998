"""/healthz and /readyz: what they ask, what they say, and what stays out of the log."""

from dataclasses import replace

import pytest

from app.database import write_transaction
from app.limits.allowances import limiter

WELL = {"ok": True, "message": None}


@pytest.fixture
def execute(app):
    def run(sql):
        with app.app_context(), write_transaction() as connection:
            connection.exec_driver_sql(sql)

    return run


@pytest.fixture
def client_of(make_app):
    def make(settings):
        return make_app(settings).test_client()

    return make


@pytest.fixture
def settings_without_database(settings):
    return replace(settings, database_url="sqlite:////nowhere/at/all.db")


@pytest.fixture
def store_is_away(app, monkeypatch):
    """A stand-in for a dead Valkey; tests/live stops a real one."""
    monkeypatch.setattr(limiter.storage, "check", lambda: False)


@pytest.mark.parametrize("path", ["/healthz", "/api/healthz", "/healthz/"])
def test_process_is_alive(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()) == (200, {"ok": True})


def test_process_is_alive_without_its_database(client_of, settings_without_database):
    assert client_of(settings_without_database).get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/readyz", "/api/readyz"])
def test_instance_that_is_well_is_ready(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "ready": True,
        "message": "All is well.",
        "degraded": [],
        "checks": {
            "key": WELL,
            "database": WELL,
            "migrations": WELL,
            "writes": WELL,
            "limiter": WELL,
            "clock": WELL,
        },
    }


def test_instance_without_its_database_is_not_ready(client_of, settings_without_database):
    answer = client_of(settings_without_database).get("/readyz")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    body = answer.get_json()
    assert body["ready"] is False
    assert body["message"] == "Not ready, feedback cannot be stored: database, migrations, writes."
    assert body["checks"]["database"] == {
        "ok": False,
        "message": "The file of the database cannot be opened or made: give it and its folder to"
        " the user of the service. `pionne-feedback doctor` says more.",
    }
    assert body["checks"]["key"] == body["checks"]["limiter"] == WELL


def test_instance_with_an_old_schema_is_not_ready_and_says_what_to_run(client, execute):
    execute("DELETE FROM alembic_version")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["database"] == WELL
    assert "pionne-feedback db upgrade" in answer.get_json()["checks"]["migrations"]["message"]


def test_instance_without_a_key_is_not_ready(client_of, settings):
    answer = client_of(replace(settings, app_key="")).get("/readyz")
    assert answer.status_code == 503
    assert "APP_KEY is missing" in answer.get_json()["checks"]["key"]["message"]


@pytest.mark.usefixtures("store_is_away")
def test_instance_without_the_store_of_its_limits_takes_feedback_and_says_so(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["ready"] is True
    assert body["message"] == "Ready. Limits are counted per process until their store is back."
    assert body["degraded"] == ["limiter"]
    assert body["checks"]["limiter"]["ok"] is False
    assert "start it" in body["checks"]["limiter"]["message"]


@pytest.mark.usefixtures("store_is_away")
def test_instance_that_is_not_ready_tells_both_what_it_lacks_and_what_is_degraded(client, execute):
    execute("DELETE FROM alembic_version")
    body = client.get("/readyz").get_json()
    assert body["message"] == "Not ready, feedback cannot be stored: migrations."
    assert body["degraded"] == ["limiter"]


def test_answers_name_no_place_and_no_password(client_of, settings):
    url = "postgresql+psycopg://user:hunter2@127.0.0.1:1/name"
    broken = client_of(replace(settings, database_url=url, app_key="too short"))
    text = broken.get("/readyz").text
    for private in ("user", "hunter2", "127.0.0.1", "name", str(settings.instance_dir), 'short"'):
        assert private not in text


def test_probe_that_finds_all_well_is_no_news(client, log_lines):
    client.get("/healthz")
    client.get("/readyz")
    assert [line for line in log_lines if "healthz" in line or "readyz" in line] == []


def test_probe_that_finds_a_problem_is_logged(client, execute, log_lines):
    execute("DELETE FROM alembic_version")
    client.get("/readyz")
    assert '"/readyz", "status": 503' in log_lines[-1]


def test_debug_level_shows_probes_too(client_of, settings, log_lines):
    client_of(replace(settings, log_level="DEBUG")).get("/healthz")
    assert '"/healthz"' in log_lines[-1]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_not_limited_and_take_no_post(client, path):
    assert "X-RateLimit-Limit" not in client.get(path).headers
    assert client.post(path).status_code == 405


def test_service_is_whole_without_the_blueprint(make_app, settings):
    names = tuple(name for name in settings.blueprints if name != "operations")
    app = make_app(replace(settings, blueprints=names))
    assert app.test_client().get("/healthz").status_code == 404
    assert app.test_client().post("/feedback", json={}).status_code == 401

"""The application factory has no effects beyond the app it returns."""

import gc
import logging
from weakref import ref

import pytest

from app import create_app
from app.config import ConfigurationError, read_settings
from app.logs import LineHandler
from tests.fixtures.apps import APP_KEY, dispose

pytestmark = pytest.mark.sqlite_only("no query is made")


def test_nothing_is_created_on_disk(tmp_path, make_app):
    make_app(read_settings({"INSTANCE_DIR": str(tmp_path / "new"), "APP_KEY": APP_KEY}))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_printed(settings, make_app, capfd):
    make_app(settings)
    assert capfd.readouterr() == ("", "")


def test_database_that_is_away_is_no_obstacle(make_app):
    make_app(read_settings({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}))


def test_settings_come_from_the_environment_when_none_are_given(monkeypatch, tmp_path, make_app):
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "4321")
    assert make_app(None).config["PIONNE"].port == 4321


def test_second_app_in_a_process_does_not_double_the_request_lines(
    settings, make_app, client, log_lines
):
    make_app(settings)
    client.get("/nowhere")
    assert len(log_lines) == 1
    handlers = logging.getLogger("pionne.requests").handlers
    assert len([each for each in handlers if isinstance(each, LineHandler)]) == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "nonsense://h/db"),
        ("DATABASE_URL", "sqlite+nonsense:///x.db"),
        ("RATELIMIT_STORAGE_URI", "nonsense"),
        ("RATELIMIT_STORAGE_URI", "nonsense://h"),
        ("BLUEPRINTS", "nonsense"),
    ],
)
def test_setting_that_cannot_be_used_is_refused_by_name_in_one_line(variable, value):
    with pytest.raises(ConfigurationError, match=variable) as refusal:
        create_app(read_settings({variable: value, "APP_KEY": APP_KEY}))
    assert "\n" not in str(refusal.value)


def test_app_that_nobody_holds_goes_away(settings):
    """Tests make thousands in one process, and the collector would walk through all of them."""
    app = create_app(settings)
    with app.test_client() as client:
        assert client.get("/healthz").status_code == 200
        assert client.post("/feedback", json={"message": "Hello"}).status_code == 401
        assert client.get("/login").status_code in (200, 302)
    dispose(app)
    watched = ref(app)
    del app, client
    gc.collect()

    assert watched() is None

"""Limits that are not on a view are still looked for, where there are any."""

import pytest
from flask import Blueprint, Flask

from app.extensions import DecoratingLimiter


@pytest.fixture
def limited():
    """The statuses of two requests to an app whose limiter is made so."""

    def ask(app, limiter, *, room_limit=None):
        room = Blueprint("room", __name__)
        room.get("/")(lambda: "")
        if room_limit:
            limiter.limit(room_limit)(room)
        app.config["RATELIMIT_STORAGE_URI"] = "memory://"
        limiter.init_app(app)
        app.register_blueprint(room)
        client = app.test_client()
        return [client.get("/").status_code for _ in range(2)]

    return ask


def limiter(**options):
    return DecoratingLimiter(key_func=lambda: "everybody", strategy="moving-window", **options)


def test_without_limits_nothing_is_counted(limited):
    assert limited(Flask("bare"), limiter()) == [200, 200]


@pytest.mark.parametrize(
    "options", [{"default_limits": ["1/minute"]}, {"application_limits": ["1/minute"]}]
)
def test_limits_of_the_app_count(limited, options):
    assert limited(Flask("limited"), limiter(**options)) == [200, 429]


def test_a_limit_of_a_plugins_blueprint_counts(limited):
    assert limited(Flask("plugged"), limiter(), room_limit="1/minute") == [200, 429]

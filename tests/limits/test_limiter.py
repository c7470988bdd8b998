"""Limits of views, counted straight; limits of rooms are still looked for, where there are any."""

import pytest
from flask import Blueprint, Flask, request

from app.limits.limiter import DecoratingLimiter


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


class Site:
    """Two views that share an allowance of two, by who asks, and one with its own."""

    def __init__(self, **config) -> None:
        self.limiter = limiter()
        letters = self.limiter.allowance(
            "2/minute", scope="letters", key_func=lambda: request.args["who"]
        )
        alone = self.limiter.allowance("1/minute", scope="alone")
        app = Flask("site")
        app.config.update(RATELIMIT_STORAGE_URI="memory://", **config)
        self.limiter.init_app(app)

        @app.get("/a")
        @letters
        def a():
            """The first letter."""
            return "a"

        @app.get("/b")
        @letters
        def b():
            return "b"

        @app.get("/alone")
        @alone
        def on_its_own():
            return "alone"

        @app.after_request
        def tell_what_is_left(response):
            limit = self.limiter.current_limit
            response.headers["Left"] = limit.remaining if limit else "all"
            return response

        self.app = app
        self.client = app.test_client()

    def ask(self, path, who="me"):
        return self.client.get(path, query_string={"who": who})


def test_views_share_an_allowance():
    site = Site()
    assert [site.ask(path).status_code for path in ("/a", "/b", "/a")] == [200, 200, 429]


def test_each_key_has_an_allowance_of_its_own():
    site = Site()
    assert [site.ask("/a", who).status_code for who in "xxyyx"] == [200, 200, 200, 200, 429]


def test_each_scope_has_an_allowance_of_its_own():
    site = Site()
    paths = ("/alone", "/a", "/alone", "/a")
    assert [site.ask(path).status_code for path in paths] == [200, 200, 429, 200]


def test_what_is_left_is_known_after_the_view():
    site = Site()
    assert [site.ask("/a").headers["Left"] for _ in range(3)] == ["1", "0", "0"]


def test_what_is_left_of_one_request_is_not_taken_for_anothers():
    site = Site()
    site.ask("/a")
    assert site.ask("/nowhere").headers["Left"] == "all"


def test_nothing_is_counted_where_limits_are_switched_off():
    site = Site(RATELIMIT_ENABLED=False)
    assert [site.ask("/alone").status_code for _ in range(3)] == [200] * 3


def test_a_view_keeps_its_name_and_its_docstring():
    view = Site().app.view_functions["a"]
    assert (view.__name__, view.__doc__) == ("a", "The first letter.")


def test_default_limits_do_not_apply_to_a_view_with_an_allowance():
    site = Site(RATELIMIT_DEFAULT="1/minute")
    assert [site.ask("/a").status_code for _ in range(3)] == [200, 200, 429]


def test_beside_a_limit_of_flask_limiters_own_it_counts_once():
    site = Site()
    letters = site.limiter.allowance("2/minute", scope="others", key_func=lambda: "me")

    @site.app.get("/both")
    @letters
    @site.limiter.limit("100/minute")
    def both():
        return "both"

    assert [site.ask("/both").status_code for _ in range(3)] == [200, 200, 429]

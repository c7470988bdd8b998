"""Limits of views, counted straight; what plugins limit otherwise is Flask-Limiter's business."""

import pytest
from flask import Blueprint, Flask, request
from flask_limiter import Limiter

from app.limits.limiter import AllowanceLimiter


class Site:
    """Two views that share an allowance of two, by who asks, and one with its own."""

    def __init__(self, **config) -> None:
        self.limiter = AllowanceLimiter(key_func=lambda: "everybody")
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


def test_flask_limiters_hooks_stay_away():
    app = Site().app
    added = [app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs]
    modules = [hook.__module__ for hooks in added for hook in hooks.get(None, [])]
    assert modules == [__name__, "app.limits.limiter"]


def test_one_counts_in_several_apps_in_turn():
    first = Site()
    app = Flask("second")
    app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    first.limiter.init_app(app)
    assert [first.ask("/alone").status_code for _ in range(2)] == [200, 429]


class SiteWithPlugin(Site):
    """Beside it, a plugin's limiter as Flask-Limiter's own documentation has it."""

    def __init__(self, *, room_limit=None, **options) -> None:
        super().__init__()
        plugins_own = Limiter(lambda: "everybody", app=self.app, **options)
        room = Blueprint("room", __name__)
        room.get("/room")(lambda: "")
        if room_limit:
            plugins_own.limit(room_limit)(room)
        self.app.register_blueprint(room)


@pytest.mark.parametrize(
    "options",
    [
        {"room_limit": "1/minute"},
        {"default_limits": ["1/minute"]},
        {"application_limits": ["1/minute"]},
    ],
)
def test_what_a_plugin_limits_with_a_limiter_of_its_own_counts(options):
    site = SiteWithPlugin(**options)
    assert [site.ask("/room").status_code for _ in range(2)] == [200, 429]


def test_an_allowance_counts_beside_a_plugins_limiter():
    site = SiteWithPlugin(room_limit="1/minute")
    statuses = [site.ask(path).status_code for path in ("/room", "/a", "/a", "/a")]
    assert statuses == [200, 200, 200, 429]

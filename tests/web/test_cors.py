"""Which paths pages of any origin may read is what plugins say; several may."""

import pytest
from flask import Blueprint, Flask

from app.web.cors import init_cors, publish


@pytest.fixture
def ask():
    """Whether a page of another origin may read the answer, in an app with three plugins."""
    app = Flask("site")
    init_cors(app)
    first, inner, second, shut = (
        Blueprint(name, name) for name in ("first", "inner", "second", "shut")
    )
    routes = [
        (first, "POST", "/first"),
        (inner, "GET", "/first/inner"),
        (second, "GET", "/second"),
        (second, "PUT", "/shared"),
        (shut, "POST", "/shut"),
        (shut, "GET", "/shared"),
    ]
    for blueprint, method, path in routes:
        blueprint.add_url_rule(path, f"{method}{path}", lambda: "", methods=[method])
    first.register_blueprint(inner)
    for blueprint in (first, second):
        publish(app, blueprint)
    for blueprint in (first, second, shut):
        app.register_blueprint(blueprint)

    def ask(method, path):
        answer = app.test_client().open(
            path, method=method, headers={"Origin": "https://example.com"}
        )
        return "Access-Control-Allow-Origin" in answer.headers

    return ask


@pytest.mark.parametrize("path", ["/first", "/second", "/first/inner"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_each_plugin_publishes_its_own_paths_whatever_the_method(ask, method, path):
    assert ask(method, path)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize("path", ["/shut", "/nowhere", "/firsts"])
def test_no_other_path_is_public(ask, method, path):
    assert not ask(method, path)


def test_where_two_plugins_share_a_path_each_method_is_its_plugins(ask):
    assert [ask(method, "/shared") for method in ("PUT", "GET")] == [True, False]


def test_a_method_that_a_shared_path_lacks_is_refused_readably(ask):
    assert ask("DELETE", "/shared")


def test_where_nothing_is_published_nothing_is_public():
    app = Flask("site")
    init_cors(app)
    app.get("/")(lambda: "")
    answer = app.test_client().get("/", headers={"Origin": "https://example.com"})
    assert "Access-Control-Allow-Origin" not in answer.headers

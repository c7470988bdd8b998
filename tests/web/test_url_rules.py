"""Rules that compile at first use build what werkzeug's own do, or refuse it as they do."""

from threading import Barrier, Thread

import pytest
from werkzeug.routing import BuildError, Map, RequestRedirect, Rule

from app import create_app
from app.web.url_rules import LazyRule

RULES = [
    ("/plain", {}),
    ("/projects/<int:project>/feedback/<int:feedback>", {}),
    ("/files/<path:name>", {}),
    ("/<any(de, en):language>/<word>", {}),
    ("/pages/", {"defaults": {"page": 1}, "endpoint": "pages"}),
    ("/pages/<int:page>", {"endpoint": "pages"}),
    ("/ümlaut/<float:x>-<y>", {}),
]
VALUES = [
    {},
    {"project": 7, "feedback": 8},
    {"project": "no number", "feedback": 8},
    {"project": 7, "feedback": 8, "q": "ä b&c", "none": None, "many": ["x", "y"]},
    {"name": "a/b c/ü.txt"},
    {"language": "de", "word": "grün/blau"},
    {"language": "fr", "word": "vert"},
    {"page": 1},
    {"page": 2, "more": 3},
    {"x": 1.5, "y": "z"},
]


def adapter(rule_class):
    rules = [
        rule_class(rule, **{"endpoint": str(at), **more}) for at, (rule, more) in enumerate(RULES)
    ]
    return Map(rules).bind("host.example", "/")


def built(adapter, endpoint, values, *, append_unknown):
    try:
        return adapter.build(str(endpoint), values, append_unknown=append_unknown)
    except (BuildError, ValueError) as error:
        return type(error)


@pytest.mark.parametrize("append_unknown", [True, False])
def test_urls_are_those_of_werkzeug_the_first_time_and_later(append_unknown):
    ours, werkzeugs = adapter(LazyRule), adapter(Rule)
    answers = []
    for endpoint in ("pages", *range(len(RULES))):
        for values in VALUES:
            expected = built(werkzeugs, endpoint, values, append_unknown=append_unknown)
            for _ in range(2):
                assert built(ours, endpoint, values, append_unknown=append_unknown) == expected
            answers.append(expected)
    assert len(set(answers)) > len(RULES)


def test_redirects_to_a_rule_with_defaults_are_those_of_werkzeug():
    targets = []
    for rule_class in (LazyRule, Rule):
        with pytest.raises(RequestRedirect) as redirect:
            adapter(rule_class).match("/pages/1")
        targets.append(redirect.value.new_url)
    assert targets[0] == targets[1]


def test_every_rule_of_the_app_is_one_of_them_and_compiles(settings):
    app = create_app(settings)
    for rule in app.url_map.iter_rules():
        assert isinstance(rule, LazyRule)
        # One of the words that a kind may be.
        values = {name: "minidump" if name == "kind" else 1 for name in rule.arguments}
        expected = Rule(rule.rule, endpoint=rule.endpoint)
        Map([expected], converters=app.url_map.converters)
        assert rule.build(values) == expected.build(values)


def test_threads_that_build_first_at_once_get_the_same():
    for _ in range(50):
        ours = adapter(LazyRule)
        together, results = Barrier(4), []

        def build(ours=ours, together=together, results=results):
            together.wait()
            results.append(ours.build("1", {"project": 7, "feedback": 8}))

        threads = [Thread(target=build) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == ["/projects/7/feedback/8"] * 4

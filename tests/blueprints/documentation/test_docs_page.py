"""The page that shows the document works without scripts, without the internet, and strictly."""

import re

import pytest
from flask import Blueprint

from app.blueprints.documentation.reading import blocks, kind
from app.web.openapi import entitle

pytestmark = pytest.mark.sqlite_only("no query is made")


@pytest.fixture
def page(client):
    return client.get("/api/docs")


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").get_json()


def test_it_is_a_page(page):
    assert page.status_code == 200
    assert page.mimetype == "text/html"


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/"])
def test_all_that_it_loads_is_here(client, path):
    html = client.get(path).text
    loaded = re.findall(r'(?:src|href)="([^#"][^"]*)"', html)

    assert len(loaded) >= 2
    for address in loaded:
        assert address.startswith("/api/")
        with client.get(address) as answer:
            assert answer.status_code == 200, address


def test_its_policy_allows_no_script_and_no_other_host(page):
    policy = page.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy and "http" not in policy


def test_it_has_no_script_and_no_inline_style(page):
    assert "<script" not in page.text
    assert "<style" not in page.text and "style=" not in page.text
    assert not re.search(r"\son\w+=", page.text)


def test_it_has_every_operation_every_schema_and_every_refusal(page, document):
    names = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    components = document["components"]
    wanted = {
        *names,
        *(f"schema-{name}" for name in components["schemas"]),
        *(f"refusal-{status}" for status in components["responses"]),
    }

    assert wanted <= set(re.findall(r'\sid="([^"]*)"', page.text))


def test_every_link_within_it_leads_somewhere(page):
    ids = re.findall(r'\sid="([^"]*)"', page.text)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', page.text)) <= set(ids)


def test_every_property_of_every_schema_is_on_it(page, document):
    for schema in document["components"]["schemas"].values():
        for name in schema.get("properties", {}):
            assert f"<code>{name}</code>" in page.text


def test_a_plugin_stands_under_its_own_title(app, client):
    def view():
        """Say hello."""

    view.documentation = app.view_functions["accounts.read_account"].documentation
    plugin = Blueprint("hello", __name__)
    entitle(plugin, "How to greet")
    plugin.get("/api/hello")(view)
    app.register_blueprint(plugin)

    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", client.get("/api/docs").text)

    assert "How to greet" in headings and "hello" not in headings


def test_words_are_text_whatever_a_plugin_writes_into_them(app, client):
    def view():
        """Show <script>alert(1)</script> and `<b>`."""

    view.documentation = app.view_functions["accounts.read_account"].documentation
    app.add_url_rule("/api/hello", view_func=view)

    page = client.get("/api/docs").text
    assert "&lt;script&gt;" in page and "<code>&lt;b&gt;</code>" in page
    assert "<script>" not in page and "<b>`" not in page


def test_lists_and_paragraphs_are_told_apart():
    found = blocks("One `a`\nand on.\n\n- x\n  y\n- `z`")

    assert [(block["is_list"], len(block["items"])) for block in found] == [(False, 1), (True, 2)]
    assert found[0]["items"] == [[(False, "One "), (True, "a"), (False, " and on.")]]


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"$ref": "#/components/schemas/Row"}, "Row"),
        ({"type": ["string", "null"], "maxLength": 5}, "string or null (0 to 5 characters)"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, "list of Row"),
        ({"type": ["array", "null"], "items": {"type": "string"}}, "list of string or null"),
        ({"enum": ["a", None]}, '"a" | null'),
        ({"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Row"}]}, "string or Row"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer"),
        ({}, "anything"),
    ],
)
def test_what_a_value_may_be_is_told_in_words(schema, shown):
    assert "".join(text for _, text in kind(schema)) == shown


@pytest.mark.parametrize("name", ["index.html", "show.js", "..%2f__init__.py", "x"])
def test_nothing_else_is_served(client, name):
    assert client.get(f"/api/docs/{name}").status_code == 404

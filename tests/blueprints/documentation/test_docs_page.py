"""The page that shows the document works without the internet and under a strict policy."""

import re

import pytest

pytestmark = pytest.mark.sqlite_only("no query is made")


@pytest.fixture
def page(client):
    return client.get("/api/docs")


def test_it_is_a_page(page):
    assert page.status_code == 200
    assert page.mimetype == "text/html"


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/"])
def test_all_that_it_loads_is_here(client, path):
    html = client.get(path).text
    loaded = re.findall(r'(?:src|href|data-description)="([^"]*)"', html)

    assert len(loaded) >= 5
    for address in loaded:
        assert address.startswith("/api/")
        with client.get(address) as answer:
            assert answer.status_code == 200, address


def test_its_policy_allows_no_inline_script_and_no_other_host(page):
    policy = page.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy and "http" not in policy


def test_it_has_no_inline_script_or_style(page):
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page.text) == ["", ""]
    assert "<style" not in page.text and "style=" not in page.text
    assert not re.search(r"\son\w+=", page.text)


def test_scripts_come_as_scripts_because_types_are_not_guessed(client):
    with client.get("/api/docs/swagger-ui-bundle.js") as script:
        assert script.mimetype == "text/javascript"


@pytest.mark.parametrize("name", ["index.html", "oauth2-redirect.html", "..%2f__init__.py", "x"])
def test_nothing_else_of_the_package_is_served(client, name):
    assert client.get(f"/api/docs/{name}").status_code == 404


def test_the_viewer_gets_the_version_that_it_can_read(client):
    answer = client.get("/api/docs/openapi-3.0.json")
    document = answer.get_json()
    handled_at = document["components"]["schemas"]["FeedbackRow"]["properties"]["handled_at"]

    assert document["openapi"] == "3.0.3"
    assert handled_at == {"type": "string", "format": "date-time", "nullable": True}
    assert '"type":[' not in answer.text.replace(" ", "")  # as 3.1 writes null
    assert document["paths"].keys() == client.get("/api/openapi.json").get_json()["paths"].keys()

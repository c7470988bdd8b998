"""What every page has: headers, assets that are kept, times, links, and nothing inline."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.blueprints.console import assets
from app.blueprints.console.assets import VERSION

ASSETS = Path(assets.__file__).parent / "static"
PAGES = ("/projects", "/projects/new", "/account", "/projects/1/inbox", "/projects/1/settings")


@pytest.fixture
def page(as_owner_of_project, project, make_feedback):
    make_feedback(message="<script>alert(1)</script>", name="Zoë & Co")
    return as_owner_of_project


@pytest.mark.parametrize("path", PAGES)
def test_policy_allows_files_of_ours_only(page, path):
    headers = page.get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_inline_or_from_elsewhere(page, path):
    page.get(path)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", page.page)
    loaded = re.findall(r'<(?:script|link|img)\b[^>]*\b(?:src|href)="([^"]+)"', page.page)
    assert loaded
    assert all(address.startswith(f"/assets/{VERSION}/") for address in loaded)


def test_text_of_strangers_stays_text(page):
    page.get("/projects/1/inbox")
    assert "<script>alert(1)</script>" not in page.page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.page
    assert "Zoë &amp; Co" in page.page


def test_times_are_in_words_with_the_exact_time_beside_them(page, clock):
    clock.advance(minutes=5)
    page.get("/projects/1/inbox")
    assert (
        '<time datetime="2026-05-07T17:25:00Z" title="7 May 2026, 17:25 UTC" data-time="ago">'
        "5 min ago</time>" in page.page
    )


def test_assets_of_this_version_are_kept_for_good(client):
    with client.get(f"/assets/{VERSION}/console.css") as answer:
        assert answer.mimetype == "text/css"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_page_of_another_version_gets_the_present_asset_but_does_not_keep_it(client):
    with client.get("/assets/0123456789ab/console.js") as answer:
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Cache-Control"] == "no-cache"


GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("file", sorted(ASSETS.iterdir()), ids=lambda file: file.name)
def test_asset_is_compressed_for_who_takes_that_and_the_same_for_others(client, file):
    path = f"/assets/{VERSION}/{file.name}"
    with client.get(path, headers=GZIP) as small, client.get(path) as plain:
        assert small.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert gzip.decompress(small.data) == plain.data == file.read_bytes()
        for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options"):
            assert small.headers[name] == plain.headers[name], name
        assert (
            "Accept-Encoding" in small.headers["Vary"]
            and "Accept-Encoding" in plain.headers["Vary"]
        )
        assert small.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", ""])
def test_who_refuses_gzip_gets_the_plain_asset(client, accepted):
    headers = {"Accept-Encoding": accepted}
    with client.get(f"/assets/{VERSION}/console.css", headers=headers) as answer:
        assert answer.text == (ASSETS / "console.css").read_text()


def test_compressed_asset_that_somebody_has_is_not_sent_again(client):
    with client.get(f"/assets/{VERSION}/console.css", headers=GZIP) as answer:
        etag = answer.headers["ETag"]
    with client.get("/assets/old/console.css", headers={**GZIP, "If-None-Match": etag}) as answer:
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("headers", [{}, GZIP], ids=str)
@pytest.mark.parametrize("name", ["nothing.css", "..%2f__init__.py", "%2e%2e/__init__.py"])
def test_no_other_file_is_served(client, name, headers):
    assert client.get(f"/assets/{VERSION}/{name}", headers=headers).status_code == 404


def test_project_says_which_tab_one_is_on(page):
    page.get("/projects/1/settings")
    assert re.findall(r'aria-current="page">(\w+)', page.page) == ["Settings", "Project"]


def test_projects_of_others_are_not_in_the_list(page, make_account, make_project):
    make_project("Not yours", owner_id=make_account("other@example.com").id)
    page.get("/projects")
    assert "Not yours" not in page.text


def test_methods_of_a_page_are_no_secret(client):
    answer = client.options("/projects")
    assert answer.status_code == 200
    assert "GET" in answer.headers["Allow"]


def test_the_api_works_without_the_console(settings, make_app):
    app = make_app(replace(settings, blueprints=("ingest", "accounts")))
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.mimetype) == (
        405,
        "application/json",
    )  # POST is where events go

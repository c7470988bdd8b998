"""What is optional is not marked as needed: no attribute says a Python value."""

import re
from html.parser import HTMLParser

import pytest

from app.blueprints.console.forms import ConsoleForm, Text


class Inputs(HTMLParser):
    """The fields of a page: their attributes by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        if tag in ("input", "select", "textarea") and named.get("name"):
            self.found[named["name"]] = named


@pytest.fixture
def pages(app, as_owner_of_project, project, make_feedback, make_event, make_member):
    """Every page that a GET of the app's own rules shows to the owner, and to nobody."""
    names = {
        "project": project.id,
        "feedback_id": make_feedback(),
        "issue": make_event().issue_id,
        "member": make_member().id,
        "release": "1.0",
    }
    shown = {}
    for browser in (as_owner_of_project, type(as_owner_of_project)(app.test_client())):
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("console.") and "GET" in rule.methods:
                values = {name: names.get(name, 1) for name in rule.arguments}
                path = rule.build(values, append_unknown=False)[1]
                if browser.get(path).mimetype == "text/html":
                    shown[id(browser), path] = browser.page
    return shown


def test_no_attribute_of_any_page_is_a_python_value(pages):
    assert sum("<form" in page for page in pages.values()) > 10
    for (_, path), page in pages.items():
        found = re.findall(r'<[^>]*="(?:None|True|False)"[^>]*>', page)
        assert found == [], path


def test_optional_fields_are_optional_and_the_others_needed(pages):
    inputs = [Inputs(page).found for page in pages.values()]
    (new_project,) = [one for one in inputs if {"name", "platform"} == one.keys() - {"csrf_token"}]
    assert "required" in new_project["name"]
    assert "required" not in new_project["platform"]


@pytest.mark.parametrize(("is_required", "shown"), [(True, True), (False, False)])
def test_text_field_says_whether_it_is_needed(app, is_required, shown):
    class Form(ConsoleForm):
        word = Text("Word", max_chars=5, is_required=is_required)

    with app.test_request_context():
        assert ("required" in Form().word()) == shown

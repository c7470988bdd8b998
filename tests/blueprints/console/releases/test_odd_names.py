"""A release of any name can be opened: by its links, and by the forms that carry its name.

Forms are read and sent as browsers do: HTML makes one line break of CR and LF, and a form sends
each as CR and LF.
"""

import re
import uuid
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.services import sessions
from tests.release_names import odd_names

NAMES = odd_names()
ENVIRONMENTS = ["production", "a\nb", "a\rb", "a\r\nb", "100%", "%0A", "a&b=c", "  x".strip(), "😅"]


class Page(HTMLParser):
    """`links` are addresses; `forms` are (action, fields, choices by field)."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms, self.headings = [], [], []
        self._select = self._in_heading = None
        self.feed(text.replace("\r\n", "\n").replace("\r", "\n"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a":
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append((given.get("action", ""), {}, {}))
        elif tag in ("input", "select") and given.get("name") and self.forms:
            self._select = given["name"] if tag == "select" else self._select
            self.forms[-1][1][given["name"]] = given.get("value", "")
        elif tag == "option" and self._select in self.forms[-1][1]:
            self.forms[-1][2].setdefault(self._select, []).append(given["value"])
            if "selected" in given or len(self.forms[-1][2][self._select]) == 1:
                self.forms[-1][1][self._select] = given["value"]
        elif tag == "h1":
            self.headings.append("")
            self._in_heading = True

    def handle_endtag(self, tag):
        self._in_heading = self._in_heading and tag != "h1"
        self._select = None if tag == "select" else self._select

    def handle_data(self, data):
        if self._in_heading:
            self.headings[-1] += data


def as_sent(fields):
    """What a browser makes of line breaks in a form."""
    return {name: re.sub(r"\r\n|\r|\n", "\r\n", value) for name, value in fields.items()}


def seen(name):
    """As HTML reads it."""
    return name.replace("\r\n", "\n").replace("\r", "\n")


@pytest.fixture
def record(app, project, clock):
    def report(release, environment="production"):
        clock.advance(seconds=1)
        session = SessionReport(
            session_id=uuid.uuid4().bytes,
            status=SessionStatus.OK,
            release=release,
            environment=environment,
        )
        with app.app_context():
            sessions.record(project.id, session, now=clock())

    return report


@pytest.fixture
def open_page(as_owner_of_project):
    def get(address, **query):
        answer = as_owner_of_project.get(address, query_string=query or None)
        assert answer.status_code == 200, (address, query)
        return Page(as_owner_of_project.page)

    return get


@pytest.fixture
def list_address(project):
    return f"/projects/{project.id}/releases"


@pytest.mark.sqlite_only("addresses and forms are the same, whatever the pages were read from")
def test_the_links_of_the_list_lead_to_every_release(record, open_page, list_address):
    for name in NAMES:
        record(name)
    shown, address = [], list_address
    while address:
        listed = open_page(address)
        to_releases = [link for link in listed.links if "/release?" in link]
        for link in to_releases:
            (name,) = (value for key, value in parse_qsl(urlsplit(link).query) if key == "name")
            assert open_page(link).headings == [seen(name)]
            shown.append(name)
        address = next((link for link in listed.links if "before=" in link), None)
    assert shown == NAMES[::-1]


@pytest.mark.sqlite_only("addresses and forms are the same, whatever the pages were read from")
def test_the_forms_of_a_release_lead_to_itself_and_to_each_other_one(
    record, open_page, list_address
):
    names = [name for name in NAMES if len(name) < 100]
    for name in names:
        record(name)
    for name in names[::3]:
        page = open_page(list_address.removesuffix("s"), name=name)
        filters, compare = [form for form in page.forms if form[0].endswith("/release")]
        sent = as_sent(filters[1] | {"days": "30"})
        assert open_page(filters[0], **sent).headings == [seen(name)]
        assert len(compare[2]["against"]) == len(names) - 1
        for other in compare[2]["against"][:: len(names) // 3]:
            sent = as_sent(compare[1] | {"against": other})
            shown = open_page(compare[0], **sent)
            assert shown.headings == [seen(name)]
            assert shown.forms[-1][1]["against"] == other


@pytest.mark.sqlite_only("addresses and forms are the same, whatever the pages were read from")
def test_every_environment_that_is_offered_narrows_the_list(record, open_page, list_address):
    for number, environment in enumerate(ENVIRONMENTS):
        record(f"1.{number}", environment)
    (filters,) = [form for form in open_page(list_address).forms if form[0] == list_address]
    offered = filters[2]["environment"][1:]
    assert len(offered) == len(ENVIRONMENTS)
    for number, environment in enumerate(reversed(offered)):
        listed = open_page(filters[0], **as_sent(filters[1] | {"environment": environment}))
        releases = [link for link in listed.links if "/release?" in link]
        assert [dict(parse_qsl(urlsplit(link).query))["name"] for link in releases] == [
            f"1.{number}"
        ]


@pytest.mark.sqlite_only("addresses and forms are the same, whatever the pages were read from")
def test_the_pages_of_all_choices_lead_to_each_of_them(record, open_page, list_address):
    names = NAMES[-45:]  # fewer than may be new in a day
    for name in names:
        record(name, environment=name)
    for kind, key in (("environments", "environment"), ("others", "against")):
        chosen, address = [], f"{list_address}/{kind}?name=1.0"
        while address:
            page = open_page(address)
            rows = [link for link in page.links if f"{key}=" in link and kind not in link]
            chosen += [dict(parse_qsl(urlsplit(link).query))[key] for link in rows]
            address = next(
                (each for each in page.links if re.search("[?&](after|before)=", each)), None
            )
        assert chosen == names[::-1]

"""The system's Chromium, driven by Playwright, against a real gunicorn.

Whatever a page's console says as a warning or an error fails the test, and so does a script that
fails. Chromium itself comes with the system and is never downloaded.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from app.domain.times import utc_now
from app.services import accounts, projects
from tests.live.conftest import (  # noqa: F401  # fixtures
    Server,
    few_authorities,
    is_forked,
    server,
    start_server,
)

EMAIL, PASSWORD = "alice@example.com", "correct horse battery"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
# The browser itself reports a page that is answered with 4xx; the tests say where one is wanted.
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
_SERIOUS = ("serious", "critical")
# How bright the ground and the ink of a page are, and what browsers draw by themselves: 0 to 1.
_BRIGHTNESS = """() => {
    const brightness = (colour) => {
        const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number);
        return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
    };
    const page = getComputedStyle(document.body);
    const own = document.createElement("i");
    own.style.backgroundColor = "Canvas";
    document.body.append(own);
    const canvas = brightness(getComputedStyle(own).backgroundColor);
    own.remove();
    return { ground: brightness(page.backgroundColor), ink: brightness(page.color), canvas };
}"""


@dataclass
class Complaints:
    """What the pages of a test complained about; a test takes out what it provokes."""

    texts: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("warning", "error"):
            self.texts.append(message.text)

    def forget_refusals(self) -> None:
        self.texts = [text for text in self.texts if not _REFUSED.match(text)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    heard = Complaints()
    yield heard
    assert heard.texts == []


@pytest.fixture
def open_browser(
    running_chromium: Browser, server: Server, complaints: Complaints  # noqa: F811
) -> Iterator[Callable[..., Page]]:
    """A page of a browser of its own; further arguments are Playwright's, for its context."""
    contexts: list[BrowserContext] = []

    def start(*, phone: bool = False, **options: object) -> Page:
        viewport = PHONE if phone else WIDE
        context = running_chromium.new_context(base_url=server.url, viewport=viewport, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", complaints.hear)
        page.on("pageerror", lambda error: complaints.texts.append(str(error)))
        return page

    yield start
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_browser: Callable[..., Page]) -> Page:
    return open_browser()


@pytest.fixture
def register() -> Callable[[Page], None]:
    """Make the first account, and be logged in as it."""

    def fill(page: Page) -> None:
        page.goto("/")
        page.get_by_label("Name").fill("Alice Martin")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        # A click does not wait: whoever goes elsewhere at once may be there before the account is.
        page.wait_for_url("**/projects/new")

    return fill


@pytest.fixture
def create_project() -> Callable[[Page], str]:
    """Make a project, and return its token."""

    def fill(page: Page, name: str = "Garden shop") -> str:
        page.goto("/projects/new")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Create project").click()
        token = page.get_by_text(re.compile("^pio_live_")).first.inner_text()
        assert re.fullmatch("pio_live_[0-9a-f]{40}", token)
        return token

    return fill


@pytest.fixture
def alice(app: Flask) -> accounts.AccountRow:
    """Has an account of the running instance, made past its pages: those are slow on purpose."""
    with app.app_context():
        return accounts.create(EMAIL, password=PASSWORD, name="Alice Martin", now=utc_now())


@pytest.fixture
def garden_shop(app: Flask, alice: accounts.AccountRow) -> projects.ProjectToken:
    """Alice's project."""
    with app.app_context():
        return projects.create("Garden shop", owner_id=alice.id, actor=alice.email, now=utc_now())


@pytest.fixture
def send_feedback(
    server: Server, garden_shop: projects.ProjectToken  # noqa: F811
) -> Callable[..., int]:
    """POST /feedback to the running instance, as an SDK does; returns the id."""

    def send(message: str, **fields: str) -> int:
        answer = httpx.post(
            f"{server.url}/feedback",
            json={"message": message, **fields},
            headers={"X-Pionne-Token": garden_shop.token},
        )
        assert answer.status_code == 202, answer.text
        return int(answer.json()["feedback_id"])

    return send


@pytest.fixture
def log_in(alice: accounts.AccountRow) -> Callable[[Page], Page]:
    """Alice logs in with this browser."""

    def fill(page: Page) -> Page:
        page.goto("/login")
        page.get_by_label("E-mail").fill(alice.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(re.compile("/(projects/.*)?$"))
        return page

    return fill


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """axe-core finds nothing serious on the page as a phone shows it and as a desk does, nothing
    sticks out at its side, and it is as light or as dark as its visitor wants it."""

    def check(page: Page) -> None:
        for viewport in (PHONE, WIDE):
            page.set_viewport_size(viewport)
            found = Axe().run(page).response["violations"]
            told = [
                f"{page.url}: {violation['id']}: {node['html']}"
                for violation in found
                if violation["impact"] in _SERIOUS
                for node in violation["nodes"]
            ]
            assert told == []
            root = "document.documentElement"
            assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), page.url
        wants_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        shown = page.evaluate(_BRIGHTNESS)
        assert (shown["ground"] < 0.2 and shown["canvas"] < 0.2) == wants_dark, (page.url, shown)
        assert (shown["ink"] > 0.8) == wants_dark, (page.url, shown)

    return check

"""Browsers without scripts: they keep cookies and send the forms that they were shown."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.config import Settings
from app.database import write_transaction
from app.extensions import db
from app.services import accounts
from app.services.accounts import user_tokens
from app.services.accounts.user_tokens import CONSOLE
from tests.fixtures.apps import CHEAP_HASHER
from tests.fixtures.clocks import MovableClock

EMAIL, PASSWORD = "alice@example.com", "correct horse battery"


class Browser:
    """`page` is the last one shown."""

    def __init__(self, client: FlaskClient, *, base_url: str = "http://localhost") -> None:
        self.client = client
        self.base_url = base_url
        self.page = self.token = ""

    def get(self, path: str, **kwargs: object) -> TestResponse:
        return self._shown(self.client.get(path, base_url=self.base_url, **kwargs))

    def send(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
        """A form, with the token that the last page with a form had."""
        data = {"csrf_token": self.token, **fields}
        answer = self.client.post(path, data=data, headers=headers, base_url=self.base_url)
        return self._shown(answer)

    def fill(self, path: str, **fields: str) -> TestResponse:
        """The form of a page, as somebody fills it in."""
        self.get(path)
        return self.send(path, **fields)

    def log_in_past_the_page(self, session_token: str) -> None:
        with self.client.session_transaction() as session:
            session["_user_id"] = session_token

    @property
    def text(self) -> str:
        """What is to be read on the page, without tags, each run of blanks as one."""
        without_head = re.sub(r"(?s)<head>.*?</head>|<[^>]*>", " ", self.page)
        return " ".join(html.unescape(without_head).split())

    def _shown(self, answer: TestResponse) -> TestResponse:
        self.page = answer.get_data(as_text=True)
        if found := re.search(r'name="csrf_token" value="([^"]+)"', self.page):
            self.token = found[1]
        answer.close()
        return answer


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client)


@pytest.fixture
def new_browser(app: Flask) -> Callable[..., Browser]:
    """Another one, of the same instance."""
    return lambda **kwargs: Browser(app.test_client(), **kwargs)


@pytest.fixture
def make_browser(
    settings: Settings, clock: MovableClock, make_app: Callable[..., Flask]
) -> Callable[..., Browser]:
    """One of an instance with other settings."""

    def make(**changes: object) -> Browser:
        changed = replace(settings, **changes)
        return Browser(make_app(changed, clock=clock, password_hasher=CHEAP_HASHER).test_client())

    return make


@pytest.fixture
def alice(app: Flask, clock: MovableClock) -> accounts.AccountRow:
    with app.app_context():
        return accounts.create(EMAIL, password=PASSWORD, name="Alice", now=clock())


@pytest.fixture
def as_alice(browser: Browser, alice: accounts.AccountRow) -> Browser:
    assert browser.fill("/login", email=EMAIL, password=PASSWORD).status_code == 302
    return browser


@pytest.fixture
def session_token_of(app: Flask, clock: MovableClock) -> Callable[[accounts.AccountRow], str]:
    """What is in the cookie of a browser in which somebody is logged in."""

    def make(account: accounts.AccountRow) -> str:
        with app.app_context(), write_transaction() as connection:
            return user_tokens.add(connection, account.id, client=CONSOLE, now=clock())

    return make


@pytest.fixture
def browser_of(
    app: Flask, session_token_of: Callable[[accounts.AccountRow], str]
) -> Callable[[accounts.AccountRow], Browser]:
    """A browser of somebody who is logged in, past the login page."""

    def make(account: accounts.AccountRow) -> Browser:
        browser = Browser(app.test_client())
        browser.log_in_past_the_page(session_token_of(account))
        return browser

    return make


@pytest.fixture
def as_owner_of_project(browser_of: Callable[..., Browser], owner: accounts.AccountRow) -> Browser:
    """Of the fixture `project`."""
    return browser_of(owner)


@pytest.fixture
def count_statements(app: Flask) -> Iterator[Callable[[Callable[[], object]], int]]:
    """How many statements the database gets during a call."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    def measure(call: Callable[[], object]) -> int:
        before = count
        call()
        return count - before

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield measure
    event.remove(engine, "before_cursor_execute", note)

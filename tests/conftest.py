"""An app on a database of its own for each test, a clock to move, and makers of what tests need."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings, read_settings
from app.extensions import db
from app.services import accounts, feedback, projects

APP_KEY = "a key for tests, long enough to be one"
ADDRESS_HASH = bytes(32)


class MovableClock:
    """The time, until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 7, 17, 25, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> None:
        self.time += timedelta(**duration)


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema and no rows, made by the migrations."""
    folder = tmp_path_factory.mktemp("migrated")
    app = create_app(read_settings({"INSTANCE_DIR": str(folder), "APP_KEY": APP_KEY}))
    with app.app_context():
        flask_migrate.upgrade()
    dispose(app)
    return folder / "pionne.db"


@pytest.fixture
def settings(tmp_path: Path, migrated_database: Path) -> Settings:
    shutil.copy(migrated_database, tmp_path / "pionne.db")
    return read_settings({"INSTANCE_DIR": str(tmp_path), "APP_KEY": APP_KEY})


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def make_app() -> Iterator[Callable[..., Flask]]:
    """create_app(), with every app's connections closed after the test."""
    made: list[Flask] = []

    def make(settings: Settings, **kwargs: object) -> Flask:
        made.append(create_app(settings, **kwargs))
        return made[-1]

    yield make
    for app in made:
        dispose(app)


@pytest.fixture
def app(settings: Settings, clock: MovableClock, make_app: Callable[..., Flask]) -> Flask:
    return make_app(settings, clock=clock)


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """For tests of services, which need the app's database and no request."""
    with app.app_context():
        yield


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def make_account(app: Flask, clock: MovableClock) -> Callable[..., accounts.AccountRow]:
    def make(email: str = "owner@example.com") -> accounts.AccountRow:
        with app.app_context():
            return accounts.create(email, password="correct horse", now=clock())

    return make


@pytest.fixture
def owner(make_account: Callable[..., accounts.AccountRow]) -> accounts.AccountRow:
    return make_account()


@pytest.fixture
def make_project(
    app: Flask, clock: MovableClock, owner: accounts.AccountRow
) -> Callable[..., projects.ProjectToken]:
    def make(name: str = "My app", *, owner_id: int = owner.id) -> projects.ProjectToken:
        with app.app_context():
            return projects.create(name, owner_id=owner_id, now=clock())

    return make


@pytest.fixture
def project(make_project: Callable[..., projects.ProjectToken]) -> projects.ProjectToken:
    return make_project()


@pytest.fixture
def bearer(app: Flask, clock: MovableClock) -> Callable[[str], dict[str, str]]:
    """The headers of somebody who is logged in."""

    def headers(email: str) -> dict[str, str]:
        with app.app_context():
            token = accounts.issue_token(email, client="test", now=clock()).token
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest.fixture
def as_owner(
    bearer: Callable[[str], dict[str, str]], owner: accounts.AccountRow
) -> dict[str, str]:
    return bearer(owner.email)


@pytest.fixture
def make_feedback(
    app: Flask, clock: MovableClock, project: projects.ProjectToken
) -> Callable[..., int]:
    """Stores feedback past the HTTP side; returns its id."""
    count = 0

    def make(
        *, project_id: int = project.id, status: str = "open", event_id: int | None = None,
        **fields: str,
    ) -> int:
        nonlocal count
        count += 1
        submission = feedback.Submission(**{"message": f"Feedback number {count}", **fields})
        with app.app_context():
            stored = feedback.submit(
                project_id,
                submission,
                event_id=event_id,
                address_hash=ADDRESS_HASH,
                now=clock(),
                duplicate_window=timedelta(0),
            )
            if status != "open":
                new_status = feedback.FeedbackStatus(status)
                feedback.set_status(project_id, stored.id, status=new_status, now=clock())
        return stored.id

    return make


@pytest.fixture
def post_feedback(client: FlaskClient, project: projects.ProjectToken) -> Callable[..., object]:
    """POST /feedback as an SDK does; the answer is Flask's test response."""

    def post(
        message: object = "The Pay button stays grayed out",
        *,
        token: str = project.token,
        path: str = "/feedback",
        headers: dict[str, str] | None = None,
        **fields: object,
    ) -> object:
        return client.post(
            path,
            json={"message": message, **fields},
            headers={"X-Pionne-Token": token, **(headers or {})},
        )

    return post


def dispose(app: Flask) -> None:
    """Close the app's database connections: pytest turns an open one into a failure."""


    with app.app_context():
        db.engine.dispose()

"""An app on a database of its own for each test, a clock to move, and makers of what tests need."""

import json
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import flask_migrate
import pytest
import time_machine
from argon2 import PasswordHasher, profiles
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Row, event, func, insert, select
from werkzeug.test import TestResponse

from app import create_app
from app.config import Settings, read_settings
from app.database import read_transaction, write_transaction
from app.domain.feedback_status import FeedbackStatus
from app.extensions import db
from app.limits import process_storage
from app.models import Account, Feedback, FeedbackText, ProjectMember
from app.services import accounts, feedback, projects
from app.services.feedback import triage
from app.services.issues import events
from tests.compiled import Compiled
from tests.databases import Database, PostgresqlDatabase, Rows, SqliteDatabase
from tests.statements import note_those_without_columns

pytest_plugins = ["tests.garbage", "tests.traced", "tests.servers.fixtures"]

APP_KEY = "a key for tests, long enough to be one"
ADDRESS_HASH = bytes(32)
CHEAP_HASHER = PasswordHasher.from_parameters(profiles.CHEAPEST)
CLIENT_ADDRESS = "192.0.2.7"


class MovableClock:
    """The time, until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 7, 17, 25, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> datetime:
        """The new time."""
        self.time += timedelta(**duration)
        return self.time


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema and no rows, made by the migrations."""
    folder = tmp_path_factory.mktemp("migrated")
    app = create_app(read_settings({"INSTANCE_DIR": str(folder), "APP_KEY": APP_KEY}))
    with app.app_context():
        flask_migrate.upgrade()
    dispose(app)
    return folder / "pionne.db"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What uses a database runs on both, unless a marker tells why one is enough."""
    if "database_name" not in metafunc.fixturenames:
        return
    names = ["sqlite", "postgresql"]
    for name, marker_name in (("sqlite", "sqlite_only"), ("postgresql", "postgresql_only")):
        for marker in metafunc.definition.iter_markers(marker_name):
            assert marker.args, f"{marker_name} tells the reason"
            names = [name]
    metafunc.parametrize("database_name", names)


@pytest.fixture
def settings(
    tmp_path: Path, database_name: str, migrated_database: Path, request: pytest.FixtureRequest
) -> Settings:
    """Of an instance with a database of its own, SQLite's file or PostgreSQL's copied template."""
    environment = {"INSTANCE_DIR": str(tmp_path), "APP_KEY": APP_KEY}
    if database_name == "postgresql":
        environment["DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    else:
        shutil.copy(migrated_database, tmp_path / "pionne.db")
    return read_settings(environment)


@pytest.fixture
def empty_database_url(tmp_path: Path, database_name: str, request: pytest.FixtureRequest) -> str:
    """DATABASE_URL of a database without any table."""
    if database_name == "postgresql":
        url: str = request.getfixturevalue("empty_postgresql_url")
        return url.replace("postgresql:", "postgresql+psycopg:")
    return f"sqlite:///{tmp_path}/empty.db"


@pytest.fixture
def database(settings: Settings) -> Database:
    """The test's database, past everything of the app's."""
    if settings.database_url.startswith("sqlite"):
        return SqliteDatabase(settings.instance_dir / "pionne.db")
    return PostgresqlDatabase(settings.database_url)


@pytest.fixture
def furnished(
    request: pytest.FixtureRequest, database: Database, kept_worlds: dict[Any, Any]
) -> Callable[[str], Any]:
    """What the fixture of this name stores and returns, which must be plain values.

    It is made for the first test of a module and copied for the others: each may change its own.
    """

    def get(fixture_name: str) -> Any:
        key = (request.module.__name__, fixture_name, database.name)
        if key not in kept_worlds:
            world = request.getfixturevalue(fixture_name)
            kept_worlds[key] = (world, database.keep())
        else:
            database.put_back(kept_worlds[key][1])
        return kept_worlds[key][0]

    return get


@pytest.fixture(scope="session")
def kept_worlds() -> dict[Any, Any]:
    """Of `furnished`, by whose they are."""
    return {}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def wall_clock(
    clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[time_machine.Traveller]:
    """Stops time.time(), and has limits counted by it; `shift(seconds)` moves it."""
    monkeypatch.setattr(process_storage, "forward_seconds", lambda: time.time())
    with time_machine.travel(clock(), tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    return Compiled()


@pytest.fixture
def make_app(compiled: Compiled) -> Iterator[Callable[..., Flask]]:
    """create_app(); afterwards its connections are closed, and its statements named columns."""
    made: list[Flask] = []
    without_columns: list[str] = []

    def make(settings: Settings | None = None, **kwargs: object) -> Flask:
        app = create_app(settings, **kwargs)
        compiled.share_with(app)
        for name in ("losses", "event_bytes"):
            app.extensions[name].writer.wait_seconds = 3600  # a test that wants it flushes
        made.append(app)
        with app.app_context():
            note_those_without_columns(db.engine, without_columns)
            if db.engine.dialect.name == "sqlite":
                event.listen(db.engine, "connect", _do_not_wait_for_the_disk)
        return app

    yield make
    for app in made:
        dispose(app)
    assert not without_columns


@pytest.fixture
def app(settings: Settings, clock: MovableClock, make_app: Callable[..., Flask]) -> Flask:
    return make_app(settings, clock=clock, password_hasher=CHEAP_HASHER)


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
    """Past the service: it hashes a password, which takes a tenth of a second on purpose."""

    def make(email: str = "owner@example.com") -> accounts.AccountRow:
        values = {"email": email, "email_key": email.lower(), "password_hash": "none fits"}
        with app.app_context(), write_transaction() as connection:
            new_id = connection.execute(
                insert(Account).returning(Account.id), {**values, "created_at": clock()}
            ).scalar_one()
        return accounts.AccountRow(id=new_id, email=email)

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
            return projects.create(name, owner_id=owner_id, actor=None, now=clock())

    return make


@pytest.fixture
def project(make_project: Callable[..., projects.ProjectToken]) -> projects.ProjectToken:
    return make_project()


@pytest.fixture
def make_member(
    app: Flask,
    clock: MovableClock,
    project: projects.ProjectToken,
    make_account: Callable[..., accounts.AccountRow],
) -> Callable[..., accounts.AccountRow]:
    """An account that joined a project, past its invitation."""

    def make(
        email: str = "member@example.com", role: str = "member", *, project_id: int = project.id
    ) -> accounts.AccountRow:
        account = make_account(email)
        values = {"project_id": project_id, "account_id": account.id, "role": role}
        with app.app_context(), write_transaction() as connection:
            connection.execute(insert(ProjectMember), {**values, "created_at": clock()})
        return account

    return make


@pytest.fixture
def bearer(app: Flask, clock: MovableClock) -> Callable[[str], dict[str, str]]:
    """The headers of somebody who is logged in."""

    def headers(email: str) -> dict[str, str]:
        with app.app_context():
            token = accounts.issue_token(email, client="test", now=clock()).token
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest.fixture
def as_owner(bearer: Callable[[str], dict[str, str]], owner: accounts.AccountRow) -> dict[str, str]:
    return bearer(owner.email)


@pytest.fixture
def make_feedback(
    app: Flask, clock: MovableClock, project: projects.ProjectToken
) -> Callable[..., int]:
    """Stores feedback past the HTTP side; returns its id."""
    count = 0

    def make(
        *,
        project_id: int = project.id,
        status: str = "open",
        event_id: int | None = None,
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
                new_status = FeedbackStatus(status)
                triage.set_status(project_id, stored.id, status=new_status, actor=None, now=clock())
        return stored.id

    return make


@pytest.fixture
def post_feedback(
    client: FlaskClient, project: projects.ProjectToken
) -> Callable[..., TestResponse]:
    """POST /feedback as an SDK does; the answer is Flask's test response."""

    def post(
        message: object = "The Pay button stays grayed out",
        *,
        token: str = project.token,
        path: str = "/feedback",
        address: str = CLIENT_ADDRESS,
        headers: dict[str, str] | None = None,
        **fields: object,
    ) -> TestResponse:
        return client.post(
            path,
            json={"message": message, **fields},
            headers={"X-Pionne-Token": token, **(headers or {})},
            environ_overrides={"REMOTE_ADDR": address},
        )

    return post


@pytest.fixture
def make_event(
    app: Flask, clock: MovableClock, project: projects.ProjectToken
) -> Callable[..., events.StoredEvent]:
    """A captured event in an issue of its own, past the HTTP side."""
    count = 0

    def make(*, project_id: int = project.id) -> events.StoredEvent:
        nonlocal count
        count += 1
        event = events.NewEvent(
            exception_type="TypeError",
            fingerprint=count.to_bytes(32, "big"),
            environment="production",
            release="1.0",
            content={},
        )
        with app.app_context():
            return events.ingest(project_id, event, now=clock())

    return make


@pytest.fixture
def fill_feedback(
    app: Flask, clock: MovableClock, project: projects.ProjectToken
) -> Callable[..., None]:
    """Many rows at once, past scrubbing and duplicates."""

    def fill(count: int, *, status: str = "open", project_id: int = project.id) -> None:
        row = {"project_id": project_id, "status": status, "created_at": clock()}
        with app.app_context(), write_transaction() as connection:
            connection.execute(
                insert(Feedback), [{**row, "message": f"Feedback {n}"} for n in range(count)]
            )
            without_text = select(
                Feedback.project_id, Feedback.id, func.lower(Feedback.message)
            ).where(Feedback.id.not_in(select(FeedbackText.feedback_id)))
            columns = ["project_id", "feedback_id", "folded"]
            connection.execute(insert(FeedbackText).from_select(columns, without_text))

    return fill


@pytest.fixture
def stored_feedback(app: Flask) -> Callable[[], list[Row[tuple[object, ...]]]]:
    """Reads all feedback of the database, oldest first, with every column."""

    def read() -> list[Row[tuple[object, ...]]]:
        with app.app_context(), read_transaction() as connection:
            columns = Feedback.__table__.columns
            return list(connection.execute(select(*columns).order_by(Feedback.id)))

    return read


@dataclass(frozen=True)
class CommandResult:
    exit_code: int
    printed: str
    errors: str

    @property
    def json(self) -> dict[str, Any]:
        """What was printed, which must be one JSON object and nothing else."""
        return cast(dict[str, Any], json.loads(self.printed))

    @property
    def refusal(self) -> str:
        """What a failed command says, which must be one line; click may put its usage above."""
        assert self.exit_code != 0
        assert self.printed == ""
        usage, start, line = self.errors.partition("Error: ")
        assert start and (not usage or usage.startswith("Usage: "))
        assert line.count("\n") == 1
        return line.strip()


@pytest.fixture
def run(app: Flask) -> Callable[..., CommandResult]:
    """`flask …` on the app's instance."""

    def invoke(*arguments: str, **kwargs: Any) -> CommandResult:
        result = app.test_cli_runner().invoke(args=arguments, **kwargs)
        return CommandResult(result.exit_code, result.stdout, result.stderr)

    return invoke


@pytest.fixture
def database_rows(database: Database) -> Callable[[str], Rows]:
    """Asks the database itself."""
    return database.rows


@pytest.fixture
def database_bytes(database: Database) -> Callable[[], bytes]:
    """Reads all that is stored."""
    return database.content


@pytest.fixture
def locked_database(database: Database) -> Iterator[Any]:
    """Another process is writing, until the test rolls it back."""
    with database.another_writer() as connection:
        yield connection


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """What any logger says at INFO or above, as it would be written."""
    handler = _KeepLines()
    loggers = [logging.getLogger(name) for name in (None, "pionne.requests", "pionne.problems")]
    root_level = loggers[0].level
    loggers[0].setLevel(logging.INFO)
    for logger in loggers:
        logger.addHandler(handler)
    yield handler.lines
    for logger in loggers:
        logger.removeHandler(handler)
    loggers[0].setLevel(root_level)


class _KeepLines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _do_not_wait_for_the_disk(connection: sqlite3.Connection, _record: object) -> None:
    """Nobody pulls the plug on a test, and waiting is what most of them would do."""
    connection.execute("PRAGMA synchronous = OFF")


def dispose(app: Flask) -> None:
    """Close the app's database connections: pytest turns an open one into a failure."""
    app.extensions["background_purge"].stop()
    for name in ("losses", "event_bytes"):
        app.extensions[name].take()  # what the test did not want is not written
        app.extensions[name].writer.stop()
    with app.app_context():
        db.engine.dispose()

"""One filled instance of a size, and what is asked of it: over HTTP, and in the database alone.

In the database means the statement that the service sends, by the driver alone, rows fetched.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, select

from app.database import read_transaction
from app.domain.release_health import Window
from app.domain.times import utc_now
from app.extensions import db
from app.models import Feedback
from app.models.feedback import IS_IN_INBOX
from app.services.feedback import triage
from app.services.releases import health as release_health
from bench.instance import Client, Instance, Server
from bench.population import (
    ABSENT_WORD,
    ENVIRONMENT,
    RARE_WORD,
    RELEASES,
    Population,
    Size,
    populate,
)

PAGE_ROWS = 100
NEWEST_IN_DATABASE = "newest 100, in the database"
HEALTH_OVER_HTTP = "release health, over HTTP"
QUESTIONS = (
    NEWEST_IN_DATABASE,
    "newest 100, over HTTP",
    "a deep page, in the database",
    "a deep page, over HTTP",
    "search, a word of 1 row in 100",
    "search, a word that is nowhere",
    "release health, in the database",
    HEALTH_OVER_HTTP,
    "a session opened and ended",
)
_HEALTH_DAYS = 14


@dataclass
class Town:
    """A filled instance that is served."""

    size: Size
    population: Population
    app: Flask
    server: Server
    deep_cursor: int = field(init=False)
    client: Client = field(init=False)
    project_client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.new_client()
        token = self.population.project_tokens[0]
        self.project_client = Client(self.server.port, {"X-Pionne-Token": token})
        with self.app.app_context():
            # Two thirds down: page 2,000 of 300,000 rows.
            self.deep_cursor = self._cursor_after(self.size.feedback_in_large * 2 // 3)

    def new_client(self) -> Client:
        """For the team."""
        return Client(self.server.port, {"Authorization": f"Bearer {self.population.user_token}"})

    @property
    def path(self) -> str:
        return f"/api/projects/{self.population.large_project_id}"

    def ask(self, path: str) -> None:
        status, _ = self.client.send("GET", f"{self.path}/{path}")
        if status != HTTPStatus.OK:
            raise RuntimeError(f"{path} answered {status}")

    def report_session(self) -> None:
        """Opens a session of somebody who was there before, and ends it."""
        user = random.randrange(self.size.users_in_large)
        release = random.randrange(RELEASES)
        session_id = uuid.uuid4()
        for status in ("ok", "exited"):
            body = (
                f'{{"session_id": "{session_id}", "status": "{status}", "release": "1.{release}.0",'
                f' "environment": "{ENVIRONMENT}", "user_id_anon": "{user}"}}'
            )
            answered, _ = self.project_client.send("POST", "/sessions", body)
            if answered != HTTPStatus.ACCEPTED:
                raise RuntimeError(f"/sessions answered {answered}")

    def questions(self) -> dict[str, Callable[[], float]]:
        """In the order of QUESTIONS; each asks once and returns how many seconds that took."""
        project_id = self.population.large_project_id
        window = Window(today=utc_now().date(), days=_HEALTH_DAYS, environment=None)
        before = self.deep_cursor
        ways = (
            self._in_database(lambda: triage.list_page(project_id, limit=PAGE_ROWS)),
            self._over_http("feedback"),
            self._in_database(lambda: triage.list_page(project_id, limit=PAGE_ROWS, before=before)),
            self._over_http(f"feedback?before={before}"),
            self._over_http(f"feedback?q={RARE_WORD}"),
            self._over_http(f"feedback?q={ABSENT_WORD}"),
            self._in_database(lambda: release_health.list_page(project_id, window, limit=100).rows),
            self._over_http("release-health"),
            lambda: _seconds(self.report_session),
        )
        return dict(zip(QUESTIONS, ways, strict=True))

    def _over_http(self, path: str) -> Callable[[], float]:
        return lambda: _seconds(lambda: self.ask(path))

    def _in_database(self, use: Callable[[], object]) -> Callable[[], float]:
        with self.app.app_context():
            statement, parameters = _statement_of(use)
            connection: Any = db.engine.raw_connection()

        def run() -> float:
            cursor = connection.cursor()
            started = time.perf_counter()
            cursor.execute(statement, parameters)
            rows = cursor.fetchall()
            seconds = time.perf_counter() - started
            cursor.close()
            connection.rollback()
            if not rows:
                raise RuntimeError("the statement found nothing")
            return seconds

        return run

    def _cursor_after(self, rows: int) -> int:
        """The id of the row after which so many newer ones have been listed."""
        query = (
            select(Feedback.id)
            .where(Feedback.project_id == self.population.large_project_id, IS_IN_INBOX)
            .order_by(Feedback.id.desc())
            .offset(rows - 1)
            .limit(1)
        )
        with read_transaction() as connection:
            return connection.execute(query).scalar_one()


@contextmanager
def town(size: Size, folder: Path, *, label: str, database_url: str = "") -> Iterator[Town]:
    """Builds it and serves it."""
    instance = Instance(folder, database_url).migrate()
    with instance.app_context():
        population = populate(size, label=label)
    with ExitStack() as running:
        server = running.enter_context(Server(instance)).wait_for("GET", "/api/projects")
        app = running.enter_context(instance.app_context())
        built = Town(size, population, app, server)
        running.callback(built.client.close)
        running.callback(built.project_client.close)
        yield built


def _statement_of(use: Callable[[], object]) -> tuple[str, Any]:
    """The last statement that the service sends, and its parameters, as the driver gets them."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        use()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return sent[-1]


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started

"""How much disk feedback, a session and an event take, with indexes and kept figures.

The bodies are what apps send: 20 words of feedback, sessions of people who come back five times,
events with 20 stack lines and 20 breadcrumbs. Sizes are growth of the whole database, with what
updates leave behind, because that is what a disk has to hold.
"""

import itertools
import random
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import flask_migrate
from sqlalchemy import event, text

from app import create_app
from app.blueprints.ingest.event_schema import EventSchema
from app.blueprints.ingest.schemas import FeedbackSchema, SessionSchema
from app.config import read_settings
from app.database import read_transaction
from app.domain.times import utc_now
from app.extensions import db
from app.services import accounts, feedback, projects, sessions
from app.services.issues import events
from app.services.issues.new_event import clean
from tests.servers.postgresql import PostgreSQL

Body = dict[str, Any]
_WORDS = "the page stays blank after payment when I tap twice in cart and go back to list".split()
_ALL_TABLES = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"


def feedback_bodies() -> Iterator[Body]:
    for number in itertools.count():
        yield {
            "message": " ".join(random.choices(_WORDS, k=20)) + f" {uuid.uuid4().hex[:6]}",
            "name": "Alice Example",
            "email": f"person{number}@example.com",
            "url": f"https://app.example.com/orders/{number}/checkout",
            "app_version": "1.4.2",
        }


def session_bodies() -> Iterator[Body]:
    for number in itertools.count():
        yield {
            "session_id": str(uuid.uuid4()),
            "release": f"1.{number % 20}.0",
            "environment": "production",
            "os_name": "Android",
            "user_id_anon": f"user-{number // 5}",
            "duration_ms": random.randrange(1000, 900_000),
        }


def event_bodies() -> Iterator[Body]:
    for number in itertools.count():
        yield {
            "exception_type": "TypeError",
            "message": f"Cannot read property {number} of undefined",
            "release": "1.4.2",
            "stack": [
                f"at handler{line} (/app/src/screens/checkout/Payment{number % 50}.tsx:{line}:13)"
                for line in range(20)
            ],
            "breadcrumbs": [
                {"type": "navigation", "message": f"Opened screen {step}", "timestamp": number}
                for step in range(20)
            ],
            "tags": {"plan": "pro", "region": "eu"},
            "contexts": {"device": {"model": "Pixel 7", "memory": 8192}},
            "os_name": "Android",
            "os_version": "14",
            "device_model": "Pixel 7",
            "locale": "de-DE",
        }


def print_table(count: int) -> None:
    print("\n| bytes on disk | SQLite | PostgreSQL |\n|---|---:|---:|")
    server = PostgreSQL()
    try:
        with tempfile.TemporaryDirectory() as folder:
            sizes = [
                _sizes(folder, count, {}),
                _sizes(folder, count, {"DATABASE_URL": server.fresh_database()}),
            ]
    finally:
        server.remove()
    for kind in sizes[0]:
        print(f"| {kind} | " + " | ".join(f"{size[kind]:.0f}" for size in sizes) + " |", flush=True)


def fill(project: int, *, feedback_count: int, session_count: int) -> None:
    """Past the limits, which count requests."""
    _store_feedback(project, feedback_count)
    _store_sessions(project, session_count)


def _sizes(folder: str, count: int, environment: dict[str, str]) -> dict[str, float]:
    instance = Path(folder) / ("postgresql" if environment else "sqlite")
    instance.mkdir()
    settings = {"INSTANCE_DIR": str(instance), "APP_KEY": "k" * 40, **environment}
    app = create_app(read_settings(settings))
    with app.app_context():
        if db.engine.name == "sqlite":
            event.listen(db.engine, "connect", _do_not_wait_for_the_disk)
        flask_migrate.upgrade()
        owner = accounts.create("rows@example.com", password="not a secret", now=utc_now())
        project = projects.create("Rows", owner_id=owner.id, actor=None, now=utc_now()).id
        kinds: dict[str, Callable[[], None]] = {
            "a piece of feedback": lambda: _store_feedback(project, count),
            "a session, opened and ended": lambda: _store_sessions(project, count),
            "an event": lambda: _store_events(project, count),
        }
        found = {}
        for kind, store in kinds.items():
            before = _bytes()
            store()
            found[kind] = (_bytes() - before) / count
        db.engine.dispose()
    app.extensions["background_purge"].stop()
    return found


def _store_feedback(project: int, count: int) -> None:
    schema = FeedbackSchema()
    for body in islice(feedback_bodies(), count):
        feedback.submit(
            project,
            schema.load(body),
            address_hash=random.randbytes(32),
            now=utc_now(),
            duplicate_window=timedelta(minutes=10),
        )


def _store_sessions(project: int, count: int) -> None:
    schema = SessionSchema()
    for body in islice(session_bodies(), count):
        for status in ("ok", "exited"):
            report = schema.load({**body, "status": status}).report
            sessions.record(project, report, now=utc_now())


def _store_events(project: int, count: int) -> None:
    schema = EventSchema()
    for body in islice(event_bodies(), count):
        events.ingest(project, clean(schema.load(body)), now=utc_now())


def _bytes() -> int:
    with read_transaction() as connection:
        if connection.dialect.name == "postgresql":
            return int(connection.execute(text(_ALL_TABLES)).scalar_one())
        pages, free, size = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


def _do_not_wait_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")

"""How the release-health report and a session upsert cost as sessions pile up (`make bench`).

Builds a database with sessions in bulk, a sixth of them in the project that is asked, and the kept
figures as the service would have left them (`flask sessions verify` agrees). Then, interleaved over
several rounds, medians: the report through the whole app, an upsert with and without the figures.
"""

import argparse
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from unittest import mock

import click
import flask_migrate
from flask import Flask
from sqlalchemy import insert, text

from app import create_app
from app.config import read_settings
from app.database import write_transaction
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.models import Release, Session
from app.services import accounts, projects, session_figures, sessions
from app.services.sessions import SessionReport

NOW = datetime.now(UTC)
DAYS = 90
RELEASES = 20
SHARE_OF_PROJECT = 6  # one session in so many is the asked project's
BATCH = 20_000
ROUNDS = 30

_USERS = """
INSERT INTO release_users (release_id, user_key, newest_day, newest_crashed_day)
SELECT scope.id, s.user_key, max(s.day), max(CASE WHEN s.status = 'crashed' THEN s.day END)
FROM sessions s JOIN releases own ON own.id = s.release_id
JOIN releases scope ON scope.project_id = own.project_id AND scope.name = own.name
WHERE s.user_key IS NOT NULL GROUP BY scope.id, s.user_key
"""
_DAYS = """
INSERT INTO release_days (release_id, day, ok, exited, errored, abnormal, crashed, users_active,
  users_newest, users_newest_crashed, first_seen_at, last_seen_at)
SELECT scope.id, s.day, sum(s.status = 'ok'), sum(s.status = 'exited'), sum(s.status = 'errored'),
  sum(s.status = 'abnormal'), sum(s.status = 'crashed'), count(DISTINCT s.user_key), 0, 0,
  min(s.started_at), max(s.started_at)
FROM sessions s JOIN releases own ON own.id = s.release_id
JOIN releases scope ON scope.project_id = own.project_id AND scope.name = own.name
GROUP BY scope.id, s.day
"""
_NEWEST = """
UPDATE release_days SET
  users_newest = (SELECT count(*) FROM release_users u
    WHERE u.release_id = release_days.release_id AND u.newest_day = release_days.day),
  users_newest_crashed = (SELECT count(*) FROM release_users u
    WHERE u.release_id = release_days.release_id AND u.newest_crashed_day = release_days.day)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=3_000_000)
    arguments = parser.parse_args()
    print(f"{'sessions':>10} {'report ms':>10} {'upsert µs':>10} {'without':>10} {'ratio':>6}")
    for count in (arguments.sessions // 10, arguments.sessions):
        with tempfile.TemporaryDirectory() as folder:
            _measure(folder, count)


def _measure(folder: str, count: int) -> None:
    settings = {"INSTANCE_DIR": folder, "APP_KEY": "k" * 40, "LOG_LEVEL": "WARNING"}
    app = create_app(read_settings(settings))
    with app.app_context():
        flask_migrate.upgrade()
        account = accounts.create("bench@example.com", password="not a secret", now=NOW)
        mine, other = (
            projects.create(name, owner_id=account.id, actor=None, now=NOW).id
            for name in ("Mine", "Other")
        )
        _build(mine, other, count)
        token = accounts.issue_token("bench@example.com", client="bench", now=NOW).token
        report = _report(app, mine, token)
        costs: dict[str, list[float]] = {"report": [], "with": [], "without": []}
        for _ in range(ROUNDS):
            costs["report"].append(_seconds(report))
            costs["with"].append(_seconds(lambda: _upserts(mine), clock=time.process_time) / 20)
            with _without_figures():
                costs["without"].append(
                    _seconds(lambda: _upserts(mine), clock=time.process_time) / 20
                )
    with_figures, without = (statistics.median(costs[name]) for name in ("with", "without"))
    print(
        f"{count:>10} {statistics.median(costs['report']) * 1000:>10.2f}"
        f" {with_figures * 1e6:>10.0f} {without * 1e6:>10.0f} {with_figures / without:>6.2f}"
    )


def _build(mine: int, other: int, count: int) -> None:
    chance = random.Random(count)
    with write_transaction() as connection:
        names = [(project, f"1.{n}.0") for project in (mine, other) for n in range(RELEASES)]
        connection.execute(
            insert(Release),
            [
                {"project_id": project, "name": name, "environment": environment}
                for project, name in names
                for environment in ("", "production")
            ],
        )
    with click.progressbar(range(0, count, BATCH), label=f"{count} sessions") as progress:
        for first in progress:
            rows = list(_rows(chance, mine, other, first, min(first + BATCH, count), count))
            with write_transaction() as connection:
                connection.execute(insert(Session), rows)
    with write_transaction() as connection:
        for statement in (_USERS, _DAYS, _NEWEST, "ANALYZE"):
            connection.execute(text(statement))


def _rows(
    chance: random.Random, mine: int, other: int, first: int, end: int, count: int
) -> Iterator[dict[str, object]]:
    users = count // 15  # 200,000 of 3 million
    for number in range(first, end):
        is_mine = number % SHARE_OF_PROJECT == 0
        release = chance.randrange(RELEASES)
        started_at = NOW - timedelta(days=DAYS * (1 - number / count))
        yield {
            "project_id": mine if is_mine else other,
            "session_id": chance.randbytes(16),
            "release_id": (0 if is_mine else RELEASES * 2) + release * 2 + 2,
            "day": started_at.date(),
            "status": SessionStatus.CRASHED if chance.random() < 0.01 else SessionStatus.EXITED,
            "user_key": user_key(str(chance.randrange(users))),
            "duration_ms": chance.randrange(1000, 900_000),
            "started_at": started_at,
            "ended_at": started_at,
        }


def _report(app: Flask, project_id: int, token: str) -> Callable[[], object]:
    client = app.test_client()
    headers = {"Authorization": f"Bearer {token}"}

    def ask() -> None:
        answer = client.get(f"/api/projects/{project_id}/release-health", headers=headers)
        assert len(answer.get_json()["releases"]) == RELEASES

    return ask


def _upserts(project_id: int) -> None:
    """Ten sessions of known users, opened and ended."""
    for _ in range(10):
        opened = SessionReport(
            session_id=uuid.uuid4().bytes,
            status=SessionStatus.OK,
            release=f"1.{random.randrange(RELEASES)}.0",
            environment="production",
            user_key=user_key(str(random.randrange(20_000))),
        )
        sessions.record(project_id, opened, now=NOW)
        ended = SessionReport(**{**vars(opened), "status": SessionStatus.EXITED})
        sessions.record(project_id, ended, now=NOW)


def _without_figures() -> object:
    """The same upsert, storing the session alone (its release id is still needed)."""
    nothing = mock.Mock(return_value=None)
    return mock.patch.multiple(
        session_figures,
        lock_users=mock.Mock(return_value={}),
        see_user=nothing,
        add=nothing,
        add_opened=nothing,
    )


def _seconds(run: Callable[[], object], *, clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    run()
    return clock() - started


if __name__ == "__main__":
    main()

"""What the list of projects costs with 50 projects, each with a month of everything
(`python -m bench.projects`).

In the process itself, past the socket. By the clock, because on PostgreSQL the database works
elsewhere, and in CPU time of this process, which a busy machine disturbs less.
One account owns all of them, and each has ten releases on each of 14 days, thousands of sessions,
hundreds of crashed ones, open feedback past what is counted, new issues, losses.
"""

import argparse
import logging
import re
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from flask.testing import FlaskClient
from sqlalchemy import event

from app.domain.times import utc_now
from app.domain.user_key import user_key
from app.extensions import db
from app.services import accounts, projects
from bench import machine
from bench.bulk import BulkConnection, Row
from bench.figures import Spread, table
from bench.instance import Instance
from bench.postgresql import MeasuredPostgreSQL

_EMAIL, _PASSWORD = "bench@example.com", "not a secret"
_PROJECTS = 50
_TARGET_MS = 50
_RELEASES, _DAYS = 10, 14
_ENVIRONMENT = "production"
_SESSIONS, _OPEN = 10_000, 2000
# Of sessions, one in so many crashed; the newest two releases have most of them.
_CRASHED_EVERY = 20


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    rows = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        if "postgresql" in options.databases:
            server = stack.enter_context(MeasuredPostgreSQL())
        version = server.version() if server else None
        click.echo(f"# Projects\n\n{machine.describe(folder, postgresql=version)}\n")
        for database in options.databases:
            url = server.new_database("projects") if server and database == "postgresql" else ""
            instance = Instance(folder / database, url).migrate()
            for name, spread, used, statements in _measure(instance, options):
                is_over = "over" if spread.median > _TARGET_MS else ""
                rows.append(
                    [database, name, spread.show(1), used.show(1), str(statements), is_over]
                )
    heads = ["database", "page", "milliseconds", "of CPU", "statements", f"of {_TARGET_MS} ms"]
    click.echo(table(heads, rows, texts=2))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.projects",
        description="Ask for the list of projects, with one and with many.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    databases = ["sqlite", "postgresql"]
    parser.add_argument("--databases", nargs="+", choices=databases, default=databases)
    parser.add_argument("--divide", type=int, default=1, help="divides the rows")
    parser.add_argument("--rounds", type=int, default=30, help="how often it is asked")
    return parser.parse_args(arguments)


def _measure(
    instance: Instance, options: argparse.Namespace
) -> Iterator[tuple[str, Spread, Spread, int]]:
    with instance.app_context() as app:
        now = utc_now()
        logging.getLogger("pionne.requests").disabled = True
        owner = accounts.create(_EMAIL, password=_PASSWORD, now=now)
        projects.create("Project 1", owner_id=owner.id, actor=None, now=now)
        _fill([1], now, options.divide)
        client = _logged_in(app.test_client())
        yield ("1 project", *_ask(client, options.rounds))
        others = range(2, _PROJECTS + 1)
        for number in others:
            projects.create(f"Project {number}", owner_id=owner.id, actor=None, now=now)
        _fill(others, now, options.divide)
        db.engine.dispose()
        yield (f"{_PROJECTS} projects", *_ask(client, options.rounds))


def _ask(client: FlaskClient, rounds: int) -> tuple[Spread, Spread, int]:
    """Milliseconds by the clock and of CPU time, and how many statements a page takes."""
    sent: list[str] = []
    listener = "before_cursor_execute"
    event.listen(db.engine, listener, lambda *given: sent.append(given[2]))
    times, used = [], []
    for _ in range(rounds + 2):
        sent.clear()
        started, cpu = time.perf_counter(), time.process_time()
        answer = client.get("/projects")
        times.append((time.perf_counter() - started) * 1000)
        used.append((time.process_time() - cpu) * 1000)
        if answer.status_code != 200 or "Newest release" not in answer.text:
            sys.exit(f"/projects answered {answer.status}")
    return Spread.of(times[2:]), Spread.of(used[2:]), len(sent)


def _logged_in(client: FlaskClient) -> FlaskClient:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/login").text)
    fields = {"csrf_token": found[1] if found else "", "email": _EMAIL, "password": _PASSWORD}
    answer = client.post("/login", data=fields)
    if answer.status_code != 302:
        sys.exit(f"The console did not take the login: {answer.status}")
    return client


def _fill(project_ids: Sequence[int], now: datetime, divide: int) -> None:
    """Past the service, as it would have left them; the triggers of the tables work as ever."""
    sessions, feedback = max(100, _SESSIONS // divide), max(10, _OPEN // divide)
    with BulkConnection() as connection:
        for name, columns, rows, count in (
            (
                "releases",
                ("id", "project_id", "name", "environment"),
                _releases(project_ids),
                2 * _RELEASES,
            ),
            (
                "release_days",
                ("release_id", "day", "ok", "exited", "errored", "abnormal", "crashed")
                + ("users_active", "users_newest", "users_newest_crashed")
                + ("first_seen_at", "last_seen_at"),
                _days(project_ids, now, sessions),
                2 * _RELEASES * _DAYS,
            ),
            (
                "sessions",
                ("project_id", "session_id", "release_id", "day", "status", "user_key")
                + ("started_at", "ended_at"),
                _sessions(project_ids, now, sessions),
                sessions,
            ),
            (
                "feedback",
                ("project_id", "message", "status", "created_at"),
                _feedback(project_ids, now, feedback),
                feedback,
            ),
            (
                "new_names",
                ("project_id", "day", "releases", "environments", "issues"),
                _new(project_ids, now),
                _DAYS,
            ),
            (
                "losses",
                ("project_id", "day", "source", "kind", "reason", "quantity"),
                _losses(project_ids, now),
                2 * _DAYS,
            ),
        ):
            total = count * len(project_ids)
            connection.load(name, columns, rows, count=total, label=name)
        if not connection.is_sqlite:
            connection.run(
                "SELECT setval(pg_get_serial_sequence('releases', 'id'), max(id)) FROM releases"
            )


def _release_id(project_id: int, release: int, scope: int) -> int:
    return 2 * (_RELEASES * (project_id - 1) + release) + scope + 1


def _releases(project_ids: Sequence[int]) -> Iterator[Row]:
    for project_id in project_ids:
        for release in range(_RELEASES):
            for scope, environment in enumerate(("", _ENVIRONMENT)):
                id_ = _release_id(project_id, release, scope)
                yield id_, project_id, f"1.{release}.0", environment


def _days(project_ids: Sequence[int], now: datetime, sessions: int) -> Iterator[Row]:
    of_day = max(1, sessions // (_RELEASES * _DAYS))
    most = max(1, sessions // _CRASHED_EVERY // 2 // _DAYS)
    for project_id in project_ids:
        for release in range(_RELEASES):
            crashed = most if release >= _RELEASES - 2 else 0
            for back in range(_DAYS):
                at = now - timedelta(days=back)
                for scope in (0, 1):
                    yield (
                        *(_release_id(project_id, release, scope), str(at.date())),
                        *(0, of_day * _DAYS, 0, 0, crashed),
                        *(of_day, 1 if back else of_day, 0 if back else crashed),
                        *(_moment(at), _moment(at)),
                    )


def _sessions(project_ids: Sequence[int], now: datetime, sessions: int) -> Iterator[Row]:
    for project_id in project_ids:
        for number in range(sessions):
            is_crashed = number % _CRASHED_EVERY == 0
            release = _RELEASES - 1 - number // _CRASHED_EVERY % 2 if is_crashed else number % 8
            at = now - timedelta(days=number // 40 % _DAYS, seconds=number)
            yield (
                *(project_id, uuid.UUID(int=project_id << 64 | number).bytes),
                *(_release_id(project_id, release, 1), str(at.date())),
                *("crashed" if is_crashed else "exited", user_key(str(number // 3))),
                *(_moment(at), _moment(at + timedelta(minutes=5))),
            )


def _feedback(project_ids: Sequence[int], now: datetime, feedback: int) -> Iterator[Row]:
    for project_id in project_ids:
        for number in range(feedback):
            yield project_id, f"The page stays blank, {number}", "open", _moment(now)


def _new(project_ids: Sequence[int], now: datetime) -> Iterator[Row]:
    for project_id in project_ids:
        for back in range(_DAYS):
            yield project_id, str((now - timedelta(days=back)).date()), 1, 0, 3


def _losses(project_ids: Sequence[int], now: datetime) -> Iterator[Row]:
    for project_id in project_ids:
        for back in range(_DAYS):
            for reason in ("limited", "invalid"):
                day = str((now - timedelta(days=back)).date())
                yield project_id, day, "server", "feedback", reason, 5


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


if __name__ == "__main__":
    main()

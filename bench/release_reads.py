"""What the verdict on a release, its slices, and the indexes they are read from cost
(`python -m bench.release_reads`).

In the process itself, past the socket; a project of ten releases, and one of a tenth of it, in
turn. Then session reports are stored with the indexes and without them. CPU time is told, of
PostgreSQL's processes, too; the lowest of all rounds is judged, as what else the machine does only
adds.
"""

import argparse
import hashlib
import logging
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click
from flask.testing import FlaskClient

from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.times import utc_now
from app.extensions import db
from app.models import Session
from app.services import accounts, projects, sessions
from bench import machine
from bench.bulk import BulkConnection, Row
from bench.figures import Spread, table
from bench.instance import Instance
from bench.postgresql import MeasuredPostgreSQL

_SESSIONS, _RELEASES, _DAYS = 500_000, 10, 14
_SESSIONS_OF_USER = 3
_SYSTEMS = ("Windows", "Android", "iOS", "macOS", "Linux", "ChromeOS")
_CRASHED = 0.015
_INDEXES = ("ix_sessions_crashed", "ix_sessions_by_os_name", "ix_sessions_by_app_version")
_ENVIRONMENT = "production"
# What each may take at most, in milliseconds.
_MOST_MS = {"verdict": 10.0, "?by=": 50.0}
_MOST_GROWTH, _MOST_TIMES = 1.2, 1.1
# The system tells a process's time in hundredths of a second.
_ASKED_AT_ONCE, _REPORTS_AT_ONCE = 10, 200

_USERS = """
INSERT INTO release_users (release_id, user_key, newest_day, newest_crashed_day)
SELECT release_id - scope, user_key, max(day), max(CASE WHEN status = 'crashed' THEN day END)
FROM sessions, (SELECT 0 AS scope UNION ALL SELECT 1) scopes
WHERE user_key IS NOT NULL GROUP BY release_id - scope, user_key
"""
_FIGURES = """
INSERT INTO release_days (release_id, day, ok, exited, errored, abnormal, crashed, users_active,
    users_newest, users_newest_crashed, first_seen_at, last_seen_at)
SELECT release_id - scope, day, 0, sum(CASE WHEN status = 'exited' THEN 1 ELSE 0 END), 0, 0,
    sum(CASE WHEN status = 'crashed' THEN 1 ELSE 0 END), count(DISTINCT user_key),
    coalesce((SELECT count(user_key) FROM release_users newest
        WHERE newest.release_id = release_id - scope AND newest_day = day), 0),
    0, min(started_at), max(started_at)
FROM sessions, (SELECT 0 AS scope UNION ALL SELECT 1) scopes
GROUP BY release_id, scope, day
"""

Times = dict[str, list[float]]  # milliseconds, by question


class _Place:
    """One filled project, and whoever asks about it."""

    def __init__(self, count: int, label: str) -> None:
        now = utc_now()
        logging.getLogger("pionne.requests").disabled = True
        owner = accounts.create("bench@example.com", password="not a secret", now=now)
        projects.create("Bench", owner_id=owner.id, actor=None, now=now)
        bearer = accounts.issue_token("bench@example.com", client="bench", now=now).token
        _fill(count, now, label)
        self.headers = {"Authorization": f"Bearer {bearer}"}

    def questions(self, client: FlaskClient) -> dict[str, Callable[[], None]]:
        health = "/api/projects/1/release-health"
        paths = {
            "verdict": f"{health}/{_name(1)}/verdict?against={_name(0)}",
            **{
                f"?by={by}": f"{health}?release={_name(1)}&by={by}"
                for by in ("os_name", "environment", "app_version")
            },
            "report": health,
        }
        return {name: partial(self._get, client, path) for name, path in paths.items()}

    def _get(self, client: FlaskClient, path: str) -> None:
        answer = client.get(path, headers=self.headers)
        if answer.status_code != 200:
            sys.exit(f"{path} answered {answer.status}")


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    count = _SESSIONS // options.divide
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        if "postgresql" in options.databases:
            server = stack.enter_context(MeasuredPostgreSQL())
        version = server.version() if server else None
        click.echo(f"# Reads of a release\n\n{machine.describe(folder, postgresql=version)}\n")
        for database in options.databases:
            of_database = server if database == "postgresql" else None
            with ExitStack() as places:
                few, many = (
                    places.enter_context(
                        _place(folder / f"{database}_{name}", of_database, name, size)
                    )
                    for name, size in (("few", count // 10), ("many", count))
                )
                clock = partial(_cpu_seconds, of_database)
                read = _read(few, many, clock, rounds=options.rounds)
                stored = _store(many[0], clock, rounds=options.rounds)
            click.echo(f"## {database}, {count // 10:,} and {count:,} sessions in the project\n")
            click.echo(f"{_table(*read)}\n\n{stored}\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.release_reads",
        description="Measure verdicts, slices, and what their indexes cost a session report.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a short run, to see that all works")
    databases = ["sqlite", "postgresql"]
    add("--databases", nargs="+", choices=databases, default=databases)
    add("--divide", type=int, default=1, help="divides the number of sessions")
    add("--rounds", type=int, default=15, help="how often each is asked")
    if parser.parse_known_args(arguments)[0].quick:
        parser.set_defaults(divide=500, rounds=2)
    return parser.parse_args(arguments)


Asked = tuple[Instance, dict[str, Callable[[], None]]]


@contextmanager
def _place(
    folder: Path, server: MeasuredPostgreSQL | None, name: str, count: int
) -> Iterator[Asked]:
    instance = Instance(folder, server.new_database(name) if server else "").migrate()
    with instance.app_context():
        place = _Place(count, label=name)
    with instance.app_context() as app:
        yield instance, place.questions(app.test_client())


def _cpu_seconds(server: MeasuredPostgreSQL | None) -> float:
    return time.process_time() + (server.cpu_seconds() if server else 0)


def _read(
    few: Asked, many: Asked, clock: Callable[[], float], *, rounds: int
) -> tuple[Times, Times]:
    times: tuple[Times, Times] = ({}, {})
    for number in range(rounds + 1):
        for question in few[1]:
            for which in (0, 1) if number % 2 else (1, 0):
                began = clock()
                for _ in range(_ASKED_AT_ONCE):
                    (few, many)[which][1][question]()
                if number:  # the first round warms up
                    spent = (clock() - began) * 1000 / _ASKED_AT_ONCE
                    times[which].setdefault(question, []).append(spent)
    return times


def _table(few: Times, many: Times) -> str:
    rows = []
    for question in many:
        small, large = Spread.of(few[question]), Spread.of(many[question])
        growth = large.lowest / small.lowest
        most = next((ms for name, ms in _MOST_MS.items() if question.startswith(name)), None)
        is_over = most is not None and large.lowest > most
        if question in ("verdict", "report"):
            is_over = is_over or growth > _MOST_GROWTH
        rows.append(
            [
                f"`{question}`",
                small.show(1),
                large.show(1),
                f"{growth:.2f}",
                "" if most is None else f"{most:.0f}",
                "over" if is_over else "",
            ]
        )
    return table(["what", "a tenth, ms", "whole, ms", "growth (lowest)", "at most, ms", ""], rows)


def _store(instance: Instance, clock: Callable[[], float], *, rounds: int) -> str:
    """Reports with and without the indexes in turn, so that what disturbs disturbs both."""
    made = {index.name: index for index in Session.__table__.indexes}  # type: ignore[attr-defined]
    found: dict[bool, list[float]] = {True: [], False: []}
    with instance.app_context():
        for number in range(2 * (rounds + 1)):
            has_indexes = number % 2 == 0
            with db.engine.begin() as connection:
                for name in _INDEXES:
                    made[name].create(connection, checkfirst=True)
                    if not has_indexes:
                        made[name].drop(connection)
            spent = _report(clock)
            if number > 1:
                found[has_indexes].append(spent)
    with_them, without = (Spread.of(found[each]) for each in (True, False))
    times = with_them.lowest / without.lowest
    return (
        f"A session opened, and then ended: {with_them.show()} µs a report with the indexes,"
        f" {without.show()} without; {times:.2f} times by the lowest, at most {_MOST_TIMES}"
        f"{': over' if times > _MOST_TIMES else ''}"
    )


def _report(clock: Callable[[], float]) -> float:
    """Microseconds for each of so many reports, with the disk's answer out of the way."""
    now = utc_now()
    reports = [
        SessionReport(
            session_id=uuid.uuid4().bytes,
            status=SessionStatus.OK,
            release=_name(1),
            environment=_ENVIRONMENT,
            user_key=_user(1, random.randrange(10_000)),
            os_name=random.choice(_SYSTEMS),
            app_version=_name(1),
        )
        for _ in range(_REPORTS_AT_ONCE)
    ]
    ended = [SessionReport(**{**vars(each), "status": SessionStatus.EXITED}) for each in reports]
    began = clock()
    for report in (*reports, *ended):
        sessions.record(1, report, now=now)
    return (clock() - began) / (2 * _REPORTS_AT_ONCE) * 1_000_000


def _name(number: int) -> str:
    return f"1.{number}.0"


def _user(release: int, number: int) -> bytes:
    return hashlib.blake2b(f"{release} {number}".encode(), digest_size=16).digest()


def _fill(count: int, now: datetime, label: str) -> None:
    with BulkConnection() as connection:
        releases = (
            (2 * number + scope + 1, 1, _name(number), environment)
            for number in range(_RELEASES)
            for scope, environment in enumerate(("", _ENVIRONMENT))
        )
        columns = ("id", "project_id", "name", "environment")
        connection.load("releases", columns, releases, count=2 * _RELEASES, label="releases")
        connection.load(
            "sessions",
            ("project_id", "session_id", "release_id", "day", "status", "user_key", "app_version")
            + ("os_name", "started_at", "ended_at"),
            _sessions(count, now),
            count=count,
            label=f"{label} sessions",
        )
        connection.run(_USERS)
        connection.run(_FIGURES)


def _sessions(count: int, now: datetime) -> Iterator[Row]:
    """All releases on all days, in the order of time."""
    drawn = random.Random(17)
    first = now - timedelta(days=_DAYS - 1)
    users = max(1, count // _RELEASES // _SESSIONS_OF_USER)
    for number in range(count):
        at = first + (now - first) * number / count
        release = drawn.randrange(_RELEASES)
        status = "crashed" if drawn.random() < _CRASHED else "exited"
        moment = f"{at:%Y-%m-%d %H:%M:%S.%f}"
        yield (
            *(1, uuid.UUID(int=number).bytes, 2 * release + 2, str(at.date()), status),
            *(_user(release, drawn.randrange(users)), _name(release), drawn.choice(_SYSTEMS)),
            *(moment, moment),
        )


if __name__ == "__main__":
    main()

"""What each route and page costs in a project with 120,000 releases, beside one with 100
(`python -m bench.releases`).

In the process itself, past the socket, both projects asked in turn. On PostgreSQL the clock tells
more than CPU time, because the database works elsewhere. Each release has a session, and an event
in one issue that was seen in all of them; twenty are seen on each day of the window.
"""

import argparse
import json
import logging
import re
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click
from flask import Flask
from flask.testing import FlaskClient

from app.domain.times import utc_now
from app.domain.user_key import user_key
from app.services import accounts, projects
from app.services.instance import doctor
from app.services.issues import events
from bench import machine
from bench.bulk import BulkConnection, Row
from bench.figures import Spread, table
from bench.instance import Instance
from bench.postgresql import MeasuredPostgreSQL

_FEW, _MANY = 100, 120_000
_EMAIL, _PASSWORD = "bench@example.com", "not a secret"
_TARGET_GROWTH = 1.5
_REGULAR, _REGULAR_DAYS = 20, 14
_ENVIRONMENT = "production"
_FEEDBACK = 1000
_ZEROS = ("errored", "abnormal", "crashed", "users_newest_crashed")

Times = dict[str, tuple[list[float], list[float]]]  # milliseconds, with few releases and with many


class _Place:
    """One filled project, and whoever asks about it."""

    def __init__(self, app: Flask, releases: int, label: str) -> None:
        self._app, now = app, utc_now()
        logging.getLogger("pionne.requests").disabled = True
        owner = accounts.create(_EMAIL, password=_PASSWORD, now=now)
        made = projects.create("Bench", owner_id=owner.id, actor=None, now=now)
        bearer = accounts.issue_token(_EMAIL, client="bench", now=now).token
        _fill(releases, now, label)
        self._token = {"X-Pionne-Token": made.token or ""}
        self._bearer = {"Authorization": f"Bearer {bearer}"}
        self._api, self._console = app.test_client(), _logged_in(app)
        self._known = _name(_FEW // 2)

    def questions(self) -> dict[str, Callable[[], object]]:
        health, page, name = "/api/projects/1/release-health", "/projects/1/", self._known
        api = (
            health,
            f"{health}?days=90&environment={_ENVIRONMENT}",
            f"{health}?limit=10",
            f"{health}?release={name}",
            f"{health}/{name}",
            f"{health}/{name}/verdict?against={_name(1)}",
            "/api/projects",
            "/api/projects/1/issues",
            "/api/projects/1/issues/1",
            "/api/projects/1/feedback",
            "/readyz",
        )
        pages = (
            "/projects",
            *(page + path for path in ("inbox", "inbox?tab=all", "feedback/1", "releases")),
            f"{page}release?name={name}",
            f"{page}release?name={name}&against={_name(1)}&days=90",
            f"{page}issues",
            f"{page}issues/1",
        )
        return {
            **{f"GET {path}": partial(self._get, self._api, path) for path in api},
            **{f"page {path}": partial(self._get, self._console, path) for path in pages},
            "POST /sessions, opened": self._open_session,
            "POST /ingest": lambda: self._post("/ingest", _event(release=self._known)),
            "POST /ingest, a native crash": lambda: self._post(
                "/ingest",
                _event(
                    release=_name(1),
                    app_version=self._known,
                    user_id_anon="2",
                    mechanism={"type": "native"},
                ),
            ),
            "the doctor": self._doctor,
        }

    def _get(self, client: FlaskClient, path: str) -> None:
        headers = self._bearer if client is self._api else {}
        answer = client.get(path, headers=headers)
        if answer.status_code != 200:
            sys.exit(f"{path} answered {answer.status}")

    def _post(self, path: str, body: Mapping[str, object]) -> None:
        answer = self._api.post(path, data=json.dumps(body), headers=self._token)
        if answer.status_code != 202:
            sys.exit(f"{path} answered {answer.status}: {answer.text}")

    def _open_session(self) -> None:
        session = {"session_id": str(uuid.uuid4()), "status": "ok", "release": self._known}
        self._post("/sessions", session | {"environment": _ENVIRONMENT, "user_id_anon": "1"})

    def _doctor(self) -> None:
        list(doctor.examine(self._app.config["PIONNE"], clock=utc_now))


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    many = _MANY // options.divide
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        if "postgresql" in options.databases:
            server = stack.enter_context(MeasuredPostgreSQL())
        version = server.version() if server else None
        click.echo(f"# Releases\n\n{machine.describe(folder, postgresql=version)}\n")
        for database in options.databases:
            cpu, wall = _measure(folder, database, server, many, rounds=options.rounds)
            click.echo(f"## {database}, {_FEW} and {many:,} releases\n\n{_table(cpu, wall)}\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.releases",
        description="Ask the same of a project with few releases and one with many.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a short run, to see that all works")
    databases = ["sqlite", "postgresql"]
    add("--databases", nargs="+", choices=databases, default=databases)
    add("--divide", type=int, default=1, help="divides the number of releases")
    add("--rounds", type=int, default=15, help="how often each is asked")
    if parser.parse_known_args(arguments)[0].quick:
        parser.set_defaults(divide=100, rounds=2)
    return parser.parse_args(arguments)


def _measure(
    folder: Path, database: str, server: MeasuredPostgreSQL | None, many: int, *, rounds: int
) -> tuple[Times, Times]:
    cpu: Times = defaultdict(lambda: ([], []))
    wall: Times = defaultdict(lambda: ([], []))
    with ExitStack() as stack:
        asked = []
        for name, releases in (("few", _FEW), ("many", many)):
            is_there = server is not None and database == "postgresql"
            url = server.new_database(name) if server and is_there else ""
            made = _place(Instance(folder / f"{database}_{name}", url), releases, label=name)
            asked.append(stack.enter_context(made))
        for number in range(rounds + 1):
            for question in asked[0][1]:
                for which in (0, 1) if number % 2 else (1, 0):
                    app, questions = asked[which]
                    with app.app_context():
                        before = time.process_time(), time.perf_counter()
                        questions[question]()
                        spent = time.process_time() - before[0], time.perf_counter() - before[1]
                    if number:  # the first round warms up
                        cpu[question][which].append(spent[0] * 1000)
                        wall[question][which].append(spent[1] * 1000)
    return cpu, wall


@contextmanager
def _place(
    instance: Instance, releases: int, *, label: str
) -> Iterator[tuple[Flask, dict[str, Callable[[], object]]]]:
    instance.migrate()
    with ExitStack() as stack:
        with instance.app_context() as app:
            questions = _Place(app, releases, label).questions()
        stack.enter_context(app.app_context())
        yield app, questions


def _table(cpu: Times, wall: Times) -> str:
    rows = []
    for question, (few, many) in cpu.items():
        clock = [Spread.of(each).median for each in wall[question]]
        used = [Spread.of(each).median for each in (few, many)]
        growths = used[1] / used[0], clock[1] / clock[0]
        rows.append(
            [
                f"`{question}`",
                *(f"{value:.1f}" for value in (*used, *clock)),
                f"{growths[0]:.2f}",
                f"{growths[1]:.2f}",
                "over" if max(growths) > _TARGET_GROWTH else "",
            ]
        )
    heads = ["what", "CPU few, ms", "CPU many", "clock few", "clock many", "CPU ×", "clock ×"]
    return table([*heads, f"of {_TARGET_GROWTH}"], rows)


def _logged_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/login").text)
    fields = {"csrf_token": found[1] if found else "", "email": _EMAIL, "password": _PASSWORD}
    answer = client.post("/login", data=fields)
    if answer.status_code != 302:
        sys.exit(f"The console did not take the login: {answer.status}")
    return client


def _name(number: int) -> str:
    return f"1.0.{number}"


def _event(**told: object) -> dict[str, object]:
    return {"exception_type": "TypeError", "message": "It broke", "level": "error", **told}


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _fill(releases: int, now: datetime, label: str) -> None:
    """Past the service, as it would have left them; the triggers of the tables work as ever."""
    event = events.NewEvent(
        exception_type="TypeError",
        message="It broke",
        fingerprint=b"f" * 32,
        environment=_ENVIRONMENT,
        release=_name(0),
        content={"stack": []},
    )
    events.ingest(1, event, now=now - timedelta(days=1))
    with BulkConnection() as connection:
        connection.run("DELETE FROM releases")
        for name, columns, rows, count in (
            ("releases", ("id", "project_id", "name", "environment"), _releases, 2),
            (
                "sessions",
                ("project_id", "session_id", "release_id", "day", "status", "user_key")
                + ("started_at", "app_version"),
                _sessions,
                1,
            ),
            ("release_users", ("release_id", "user_key", "newest_day"), _users, 2),
            (
                "release_days",
                ("release_id", "day", "ok", "exited", "users_active", "users_newest")
                + (*_ZEROS, "first_seen_at", "last_seen_at"),
                _days,
                2,
            ),
            (
                "issue_releases",
                ("issue_id", "release", "project_id", "events_count", "first_seen_at"),
                _of_issue,
                1,
            ),
            (
                "feedback",
                ("project_id", "message", "app_version", "status", "created_at"),
                _feedback,
                1,
            ),
        ):
            connection.load(
                name, columns, rows(releases, now), count=count * releases, label=f"{label} {name}"
            )
        if not connection.is_sqlite:
            for name in ("releases", "feedback"):
                connection.run(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
                )


def _releases(releases: int, _now: datetime) -> Iterator[Row]:
    for number in range(releases):
        for scope, environment in enumerate(("", _ENVIRONMENT)):
            yield 2 * number + scope + 1, 1, _name(number), environment


def _at(number: int, releases: int, now: datetime) -> datetime:
    """All of the last two weeks, the newest names last."""
    return now - timedelta(days=_REGULAR_DAYS - 1) * (1 - (number + 1) / releases)


def _sessions(releases: int, now: datetime) -> Iterator[Row]:
    for number in range(releases):
        at = _at(number, releases, now)
        yield (
            1,
            uuid.UUID(int=number).bytes,
            2 * number + 2,
            str(at.date()),
            "ok",
            user_key(str(number)),
            _moment(at),
            _name(number),
        )


def _users(releases: int, now: datetime) -> Iterator[Row]:
    for number in range(releases):
        for scope in (1, 2):
            day = str(_at(number, releases, now).date())
            yield 2 * number + scope, user_key(str(number)), day


def _days(releases: int, now: datetime) -> Iterator[Row]:
    for number in range(releases):
        at = _at(number, releases, now)
        regular = range(_REGULAR_DAYS) if number < _REGULAR else range(1)
        for back in regular:
            moment = now - timedelta(days=back) if number < _REGULAR else at
            for scope in (1, 2):
                yield (
                    *(2 * number + scope, str(moment.date()), 1, 0, 1, int(back == 0)),
                    *(0 for _ in _ZEROS),
                    _moment(moment),
                    _moment(moment),
                )


def _of_issue(releases: int, now: datetime) -> Iterator[Row]:
    for number in range(1, releases):  # the first one has the event that made it
        yield 1, _name(number), 1, 1, _moment(_at(number, releases, now))


def _feedback(releases: int, now: datetime) -> Iterator[Row]:
    for number in range(_FEEDBACK):
        name = _name(number * releases // _FEEDBACK)
        yield 1, f"The page stays blank, {number}", name, "open", _moment(now)


if __name__ == "__main__":
    main()

"""What counting adds to the CPU time of POST /feedback (`python -m bench.metrics`).

Two apps on databases of their own, with and without the blueprint `operations`, answer the same
requests in turns, in files shared by workers as under gunicorn. Medians over the rounds.
"""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import flask_migrate
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import read_settings
from app.services import accounts, projects
from app.serving import worker_files

POSTS = 45  # in a round: both sides together stay below the allowance of a hundred
ROUNDS = 120
WITHOUT = "ingest,dashboard,accounts,documentation"


def main() -> None:
    worker_files.share(0)
    with tempfile.TemporaryDirectory() as folder:
        sides = {
            "with": _make_app(Path(folder) / "with", f"{WITHOUT},operations"),
            "without": _make_app(Path(folder) / "without", WITHOUT),
        }
        costs: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(ROUNDS):
            for side, app in sides.items():
                token = _make_project(app, number)
                costs[side].append(_cpu_microseconds(app.test_client(), token, number))
    worker_files.remove_folder()
    quietest = {side: min(values) for side, values in costs.items()}
    for side, cost in quietest.items():
        click.echo(f"{side:>8} counting: {cost:.0f} µs of CPU for each POST /feedback")
    click.echo(f"counting itself: {quietest['with'] - quietest['without']:.0f} µs")


def _make_app(folder: Path, blueprints: str) -> Flask:
    app = create_app(
        read_settings(
            {
                "INSTANCE_DIR": str(folder),
                "APP_KEY": "k" * 32,
                "BLUEPRINTS": blueprints,
                "LOG_LEVEL": "ERROR",
            }
        )
    )
    with app.app_context():
        flask_migrate.upgrade()
        accounts.create(
            "owner@example.com", password="not a secret", name=None, now=datetime.now(UTC)
        )
    return app


def _make_project(app: Flask, number: int) -> str:
    with app.app_context():
        owner = accounts.find_by_email("owner@example.com")
        return projects.create(
            f"Project {number}", owner_id=owner.id, actor=None, now=datetime.now(UTC)
        ).token


def _cpu_microseconds(client: FlaskClient, token: str, number: int) -> float:
    headers = {"X-Pionne-Token": token}
    started = time.process_time()
    for post in range(POSTS):
        answer = client.post(
            "/feedback", json={"message": f"Round {number}, number {post}"}, headers=headers
        )
        assert answer.status_code == 202
    return (time.process_time() - started) / POSTS * 1e6


if __name__ == "__main__":
    main()

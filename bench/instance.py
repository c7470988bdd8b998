"""An instance to measure, and the gunicorn that serves it, with its own settings everywhere.

Everything the service does by default is on: the limits, the log of requests, full durability.
"""

import http.client
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired

import flask_migrate
import psutil
from flask import Flask

from app import create_app
from app.config import read_settings
from app.extensions import db
from app.services.background_worker import stop_all

ROOT = Path(__file__).parent.parent
_START_SECONDS = 60
_STOP_SECONDS = 40


@dataclass(frozen=True)
class Instance:
    """A folder and a database; an empty `database_url` is SQLite in the folder."""

    folder: Path
    database_url: str = ""

    def environment(self) -> dict[str, str]:
        """What processes of the instance see; nothing of the caller's own settings."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"INSTANCE_DIR": str(self.folder), "APP_KEY": "measured, not guessed: " + "k" * 32}
        return kept | own | {"DATABASE_URL": self.database_url, "PYTHONPATH": str(ROOT)}

    @contextmanager
    def app_context(self) -> Iterator[Flask]:
        app = create_app(read_settings(self.environment()))
        with app.app_context():
            try:
                yield app
            finally:
                stop_all(app)  # or it would write late, to a folder that is gone
                db.engine.dispose()

    def migrate(self) -> "Instance":
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.app_context():
            flask_migrate.upgrade()
        return self


class Client:
    """One connection that stays open, as nginx keeps them."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = dict(headers or {})

    def send(self, method: str, path: str, body: str | bytes | None = None) -> tuple[int, bytes]:
        """The answer's status and body."""
        self._connection.request(method, path, body=body, headers=self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        self._connection.close()


class Server:
    """gunicorn as the service runs it; `arguments` may give it another app and configuration."""

    def __init__(self, instance: Instance, *arguments: str) -> None:
        self.port = free_port()
        self._log_path = instance.folder / "gunicorn.log"
        with self._log_path.open("ab") as log:
            self.process = psutil.Popen(
                [sys.executable, "-m", "gunicorn", *arguments],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=instance.environment() | {"PORT": str(self.port)},
            )

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for(self, method: str, path: str, body: str | None = None, **headers: str) -> "Server":
        """Returns with the first answer below 500 to this request."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            client = Client(self.port, headers)
            try:
                if client.send(method, path, body)[0] < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                    return self
            except OSError:
                time.sleep(0.002)
            finally:
                client.close()
        self.stop()
        raise RuntimeError(f"gunicorn did not start:\n{self._log_path.read_text()[-2000:]}")

    def workers(self) -> list[psutil.Process]:
        return list(self.process.children())

    def cpu_seconds(self) -> float:
        """What the workers used so far, by the system's own account (in steps of 10 ms)."""
        return sum(_cpu_seconds(worker) for worker in self.workers())

    def cpu_seconds_with_master(self) -> float:
        return self.cpu_seconds() + _cpu_seconds(self.process)

    def resident_bytes(self) -> int:
        """Of the largest worker; what it shares with the master is counted too."""
        return max(int(worker.memory_info().rss) for worker in self.workers())

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=_STOP_SECONDS)
            except (TimeoutExpired, psutil.TimeoutExpired):
                self.process.kill()
                self.process.wait()


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu_seconds(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)

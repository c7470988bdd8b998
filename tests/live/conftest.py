"""A real gunicorn on a real socket, with a database of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from app.config import Settings
from tests.databases import Database
from tests.servers.ports import free_port

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 30


class Server:
    """One running instance; `stop` and `kill` end it and everything it started."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        folder: Path = ROOT,
        **environment: str,
    ) -> None:
        self.settings = settings
        self.rows = database.rows
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = settings.instance_dir / "gunicorn.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                # Not `-m gunicorn`, which cannot start itself anew (SIGUSR2).
                [Path(sys.executable).with_name("gunicorn")],
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=environment_of(settings, PORT=str(self.port), **environment),
            )
        self._wait_until_ready()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=40)

    def kill(self) -> None:
        """As a power cut would: master and workers at once, no chance to clean up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def log(self) -> str:
        return self.log_path.read_text()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                httpx.get(f"{self.url}/feedback")
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"gunicorn did not start:\n{self.log()}")


@pytest.fixture
def start_server(settings: Settings, database: Database) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(*, folder: Path = ROOT, **environment: str) -> Server:
        started.append(Server(settings, database, folder=folder, **environment))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(start_server: Callable[..., Server], app: Flask) -> Server:
    return start_server()


@pytest.fixture
def refuse_to_start(settings: Settings) -> Callable[..., str]:
    """Starts gunicorn, expects it to give up, and returns what it said."""

    def run(**environment: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "gunicorn"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            env=environment_of(settings, **{"PORT": str(free_port())} | environment),
        )
        assert ended.returncode != 0
        return ended.stderr + ended.stdout

    return run


def environment_of(settings: Settings, **changes: str) -> dict[str, str]:
    """This process's environment, with nothing of the service's own settings but these."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {
        "INSTANCE_DIR": str(settings.instance_dir),
        "APP_KEY": settings.app_key,
        "DATABASE_URL": settings.database_url,
    }
    return kept | own | changes

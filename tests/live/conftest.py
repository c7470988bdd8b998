"""A real gunicorn on a real socket, with a database of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import certifi
import pytest
from flask import Flask

from app.config import Settings
from tests.databases import Database
from tests.servers.forked_gunicorn import GUNICORN, ForkedGunicorn
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
        is_forked: bool = True,
        **environment: str,
    ) -> None:
        """`is_forked` saves a second, and is for tests that are not about starting or stopping.

        Other code than this checkout's is never forked: it must be imported anew.
        """
        self.settings = settings
        self.rows = database.rows
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = settings.instance_dir / "gunicorn.log"
        told = environment_of(settings, PORT=str(self.port), **environment)
        is_forked = is_forked and folder == ROOT and "PYTHONPATH" not in environment
        self._run = lambda: (
            ForkedGunicorn(told, folder=folder, log_path=self.log_path)
            if is_forked
            else self._execute(told, folder)
        )
        self.start()

    def start(self) -> None:
        """Again, at the same address, after it was stopped or killed; returns once it answers."""
        self.process = self._run()
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

    def _execute(self, environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                [GUNICORN],  # not `-m gunicorn`, which cannot start itself anew (SIGUSR2)
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=environment,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/feedback")
                connection.getresponse().read()
                return
            except (OSError, HTTPException):
                time.sleep(0.05)
            finally:
                connection.close()
        raise AssertionError(f"gunicorn did not start:\n{self.log()}")


@pytest.fixture(scope="session", autouse=True)
def few_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """httpx reads certifi's 140 certificates for each request, which costs more than the request.

    Tests speak to this machine alone; those behind nginx name the certificate that they trust.
    """
    end = "-----END CERTIFICATE-----"
    first, _, _ = Path(certifi.where()).read_text(encoding="utf-8").partition(end)
    one = tmp_path_factory.mktemp("authorities") / "one.pem"
    one.write_text(first + end + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(certifi, "where", lambda: str(one))
        yield


@pytest.fixture
def is_forked() -> bool:
    """Modules about starting, stopping and reloading say False."""
    return True


@pytest.fixture
def start_server(
    settings: Settings, database: Database, is_forked: bool
) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(*, folder: Path = ROOT, **environment: str) -> Server:
        server = Server(settings, database, folder=folder, is_forked=is_forked, **environment)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.kill()  # a graceful stop takes a second, and has tests of its own


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

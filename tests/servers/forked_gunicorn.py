"""gunicorn in a process that has imported everything already.

A gunicorn that is started as users start it takes a second of the processor to import the service,
and two hundred tests want one. This one is the same program in the same kind of process, forked
from one that has done the importing. Tests of starting, stopping and reloading use the other way.
"""

import multiprocessing
import os
import runpy
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from subprocess import TimeoutExpired

GUNICORN = Path(sys.executable).with_name("gunicorn")
_forks = multiprocessing.get_context("forkserver")
# Nothing that reads the environment as it is imported, such as app.entrypoints.
_forks.set_forkserver_preload(
    [
        *("app", "gunicorn.app.wsgiapp", "gunicorn.arbiter", "gunicorn.workers.gthread"),
        *(f"app.blueprints.{name}" for name in ("ingest", "dashboard", "console", "accounts")),
        *("app.blueprints.documentation", "app.blueprints.operations", "app.serving.worker"),
    ]
)


class ForkedGunicorn:
    """The part of `subprocess.Popen` that the tests use; it leads a process group of its own."""

    def __init__(self, environment: Mapping[str, str], *, folder: Path, log_path: Path) -> None:
        arguments = (dict(environment), str(folder), str(log_path))
        self._process = _forks.Process(target=_serve, args=arguments)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutExpired([str(GUNICORN)], timeout)
        return self._process.exitcode

    def send_signal(self, told: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, told)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _serve(environment: dict[str, str], folder: str, log_path: str) -> None:
    os.setsid()
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for standard in (1, 2):
        os.dup2(log, standard)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = [str(GUNICORN)]
    runpy.run_path(str(GUNICORN), run_name="__main__")

"""A thread of the process for what no request waits for: late writes, purges.

It is there only while there is something to do. A clean stop waits for what it does last; a process
that is killed leaves it undone, so whatever must not be lost stands in the database first.
"""

import atexit
import threading
from collections.abc import Callable

from flask import Flask

from app.database import note_failure

# A busy or absent database is asked again so often, for as long as the process lives.
RETRY_SECONDS = 5.0
# A process that ends waits no longer for what its thread does last.
_STOP_SECONDS = 5.0
_EXTENSION = "background_workers"


class BackgroundWorker:
    """Calls `work` so many seconds after it was woken, and again while it fails.

    `work` runs in an app's context, once more after it was told to stop, and looks at `stopping`
    when it takes long. `at_exit` is called instead of `stop` when the process ends, and calls it.
    """

    def __init__(
        self,
        app: Flask,
        work: Callable[[], None],
        *,
        name: str,
        wait_seconds: float = 0.0,
        at_exit: Callable[[], None] | None = None,
    ) -> None:
        _workers_of(app).append(self)
        self.wait_seconds = wait_seconds
        self.stopping = threading.Event()
        self.at_exit = at_exit or self.stop
        self._app = app
        self._work = work
        self._name = name
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_wanted = False
        self._hurry = threading.Event()

    def wake(self) -> None:
        """To be called after there is more to do; returns at once."""
        if self._is_wanted:  # the thread lowers it before it looks what there is
            return
        with self._guard:
            self._is_wanted = True
            if self._thread is None and not self.stopping.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                atexit.register(self.at_exit)
                self._thread.start()

    def hurry(self) -> None:
        """Have it do now what it would do later."""
        self._hurry.set()

    def finish(self) -> None:
        """Wait until there is nothing more to do."""
        if thread := self._thread:
            thread.join()

    def stop(self) -> None:
        """End after what is in hand, for good."""
        self.stopping.set()
        self._hurry.set()
        if thread := self._thread:
            thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        wait_seconds = self.wait_seconds
        with self._app.app_context():
            while True:
                self._hurry.wait(wait_seconds)
                self._take_order()
                try:
                    self._work()
                    wait_seconds = self.wait_seconds
                except Exception as error:
                    note_failure(error)
                    self._is_wanted = not self.stopping.is_set()
                    wait_seconds = RETRY_SECONDS
                if self._is_done():
                    return

    def _take_order(self) -> None:
        with self._guard:
            self._is_wanted = False
            if not self.stopping.is_set():
                self._hurry.clear()

    def _is_done(self) -> bool:
        """Whether nobody woke it meanwhile; who does so later starts a new thread."""
        with self._guard:
            if not self._is_wanted:
                self._thread = None
                atexit.unregister(self.at_exit)
            return not self._is_wanted


def stop_all(app: Flask) -> None:
    """Have done what the app still has to do, before its process ends."""
    for worker in _workers_of(app):
        worker.at_exit()


def _workers_of(app: Flask) -> list[BackgroundWorker]:
    workers: list[BackgroundWorker] = app.extensions.setdefault(_EXTENSION, [])
    return workers

"""Purges deleted projects in the process that deleted them, one thread at a time.

It may end at any point: what is left goes with the next deletion, or with
`pionne-feedback retention run`.
"""

import atexit
import threading
from typing import cast

from flask import Flask, current_app

from app.database import note_failure
from app.services import pacing
from app.services.projects import purge as project_purge

_EXTENSION = "background_purge"
# A busy or absent database is usually back by then.
_RETRY_SECONDS = 30
_MAX_ATTEMPTS = 5
# A process that ends waits no longer for the batch in hand.
_STOP_SECONDS = 5


class BackgroundPurge:
    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_wanted = False
        self._stopping = threading.Event()

    def wake(self) -> None:
        """Have it run now, or once more when it is running; returns at once."""
        with self._lock:
            self._is_wanted = True
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._run, name=_EXTENSION, daemon=True)
                atexit.register(self.stop)
                self._thread.start()

    def finish(self) -> None:
        """Wait until there is nothing more to do."""
        if thread := self._thread:
            thread.join()

    def stop(self) -> None:
        """End after the batch in hand, for good."""
        self._stopping.set()
        if thread := self._thread:
            thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while self._take_order():
            with self._app.app_context():
                self._purge()

    def _take_order(self) -> bool:
        """False when there is none; a deletion after that starts a new thread."""
        with self._lock:
            is_wanted, self._is_wanted = self._is_wanted, False
            if not is_wanted or self._stopping.is_set():
                self._thread = None
                atexit.unregister(self.stop)
                return False
            return True

    def _purge(self) -> None:
        for _ in range(_MAX_ATTEMPTS):
            try:
                for _ in pacing.resting(project_purge.run(), rest=self._stopping.wait):
                    if self._stopping.is_set():
                        return
            except Exception as error:
                note_failure(error)
                if self._stopping.wait(_RETRY_SECONDS):
                    return
            else:
                return


def init_background_purge(app: Flask) -> None:
    """Starts nothing."""
    app.extensions[_EXTENSION] = BackgroundPurge(app)


def wake() -> None:
    """To be called after the commit that deletes a project."""
    cast(BackgroundPurge, current_app.extensions[_EXTENSION]).wake()

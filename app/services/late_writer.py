"""Writes a moment later what was counted in memory, so that a flood of it costs no commit each.

A thread is there only while there is something to write. A clean stop waits for the last write; a
process that is killed loses what it counted since the one before.
"""

import atexit
import threading
from collections.abc import Callable

from flask import Flask

from app.database import note_failure

# A busy or absent database is asked again so often, for as long as the process lives.
RETRY_SECONDS = 5.0
# A process that ends waits no longer for its last write.
_STOP_SECONDS = 5.0


class LateWriter:
    """Calls `write` so many seconds after it was woken; `write` keeps what it failed to store."""

    def __init__(
        self,
        app: Flask,
        write: Callable[[], None],
        *,
        name: str,
        wait_seconds: float,
        at_exit: Callable[[], None] | None = None,
    ) -> None:
        """`at_exit` is called instead of `stop` when the process ends, and is to call it."""
        _writers_of(app).append(self)
        self.wait_seconds = wait_seconds
        self._at_exit = at_exit or self.stop
        self._app = app
        self._write = write
        self._name = name
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_wanted = False
        self._hurry = threading.Event()
        self._is_stopping = False

    def wake(self) -> None:
        """To be called after there is more to write; returns at once."""
        if self._is_wanted:  # the thread lowers it before it looks what there is
            return
        with self._guard:
            self._is_wanted = True
            if self._thread is None and not self._is_stopping:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                atexit.register(self._at_exit)
                self._thread.start()

    def hurry(self) -> None:
        """Have it write now what it would write later."""
        self._hurry.set()

    def finish(self) -> None:
        """Wait until there is nothing more to write."""
        if thread := self._thread:
            thread.join()

    def stop(self) -> None:
        """End after a last write, for good."""
        self._is_stopping = True
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
                    self._write()
                    wait_seconds = self.wait_seconds
                except Exception as error:
                    note_failure(error)
                    self._is_wanted = not self._is_stopping
                    wait_seconds = RETRY_SECONDS
                if self._is_done():
                    return

    def _take_order(self) -> None:
        with self._guard:
            self._is_wanted = False
            if not self._is_stopping:
                self._hurry.clear()

    def _is_done(self) -> bool:
        """Whether nobody woke it meanwhile; who does so later starts a new thread."""
        with self._guard:
            if not self._is_wanted:
                self._thread = None
                atexit.unregister(self._at_exit)
            return not self._is_wanted

    def end(self) -> None:
        """As at the end of the process."""
        self._at_exit()


def stop_all(app: Flask) -> None:
    """Have all that the app counted written, before its process ends."""
    for writer in _writers_of(app):
        writer.end()


def _writers_of(app: Flask) -> list[LateWriter]:
    writers: list[LateWriter] = app.extensions.setdefault("late_writers", [])
    return writers

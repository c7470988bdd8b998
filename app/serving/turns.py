"""At most so many requests of one kind in threads; the others wait, first come, first served.

Without it, eight large bodies hold all eight threads, and somebody's small request waits for one of
them. All of it runs in the worker's main thread, as the poller does: there are no locks.
"""

from collections import deque
from collections.abc import Callable
from typing import Any


class Turns:
    """`begin` gives a connection to a thread."""

    def __init__(self, *, at_once: int, begin: Callable[[Any], None]) -> None:
        self._at_once = at_once
        self._begin = begin
        self._waiting: deque[Any] = deque()
        self._in_threads: set[Any] = set()

    @property
    def waiting(self) -> tuple[Any, ...]:
        return tuple(self._waiting)

    @property
    def is_busy(self) -> bool:
        return bool(self._in_threads)

    def has(self, conn: Any) -> bool:
        """Threads may ask this."""
        return conn in self._in_threads

    def ask(self, conn: Any) -> None:
        self._waiting.append(conn)
        self._go_on()

    def leave(self, conn: Any) -> None:
        """Nothing, for a connection that had no turn."""
        if conn in self._in_threads:
            self._in_threads.discard(conn)
            self._go_on()

    def _go_on(self) -> None:
        while self._waiting and len(self._in_threads) < self._at_once:
            conn = self._waiting.popleft()
            self._in_threads.add(conn)
            self._begin(conn)

"""Few passwords are hashed at once, and few wait for it: the rest is refused at once.

Each hash takes a tenth of a second of all processors and 64 MiB, on purpose, and anybody may ask
for one. Without a bound, strangers who try to log in hold every thread of the process, and what
apps send waits behind them (docs/decisions/0128-few-passwords-at-once.md).
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import cast

from flask import Flask

from app.current import this_app
from app.services.errors import TooManyPasswords

_EXTENSION = "hashing_turns"
# Of the threads of a process, at least one each.
_SHARE_HASHING = 8
_SHARE_WAITING = 4


class HashingTurns:
    def __init__(self, *, threads: int) -> None:
        at_once = max(1, threads // _SHARE_HASHING)
        self._admitted = threading.Semaphore(at_once + max(1, threads // _SHARE_WAITING))
        self._hashing = threading.Semaphore(at_once)
        self._this_thread = threading.local()

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Be among the few for the block, in which turns are sure to come.

        Raises TooManyPasswords when many wait. Within another such block it asks no more.
        """
        if getattr(self._this_thread, "is_admitted", False):
            yield
            return
        if not self._admitted.acquire(blocking=False):
            raise TooManyPasswords
        self._this_thread.is_admitted = True
        try:
            yield
        finally:
            self._this_thread.is_admitted = False
            self._admitted.release()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it for the block; raises TooManyPasswords when many wait."""
        with self.admitted(), self._hashing:
            yield


def init_hashing(app: Flask, *, threads: int) -> None:
    app.extensions[_EXTENSION] = HashingTurns(threads=threads)


def hashing_turn() -> AbstractContextManager[None]:
    """Of this app; to be entered for each hash."""
    return _turns().turn()


def admitted_to_hash() -> AbstractContextManager[None]:
    """To be entered before a guess is counted: one that is refused for others was none."""
    return _turns().admitted()


def _turns() -> HashingTurns:
    return cast(HashingTurns, this_app().extensions[_EXTENSION])

"""One writer at a time in a process, and one commit for those that came together.

SQLite lets one connection write at a time; a second one is refused and sleeps before it asks again,
for longer each time, which costs tails of a second. So the threads of a process queue here first,
and SQLite's own lock only ever sees other processes. Whoever finds others waiting hands them the
open transaction instead of committing, because waiting for the disk is what a write costs; nobody
goes on before the commit (docs/decisions/0017-commits-in-groups.md).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

# So many writes share a commit at most; the first of them waits for the others.
MAX_WRITES_EACH_COMMIT = 32
_SAVEPOINT = "one_write"


class DatabaseBusy(Exception):
    """The queue did not move in time, or the commit failed; nothing was stored."""


class _Group:
    """Writes that are committed together. Only whose turn it is touches it, but for `wait`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.writes = 0
        self._error: BaseException | None = None
        self._is_over = threading.Event()

    @property
    def takes_more(self) -> bool:
        return 0 < self.writes < MAX_WRITES_EACH_COMMIT and self._error is None

    def begin_write(self) -> None:
        if self.writes:
            self._execute(f"SAVEPOINT {_SAVEPOINT}")

    def keep_write(self) -> None:
        if self.writes:
            self._execute(f"RELEASE {_SAVEPOINT}")
        self.writes += 1

    def undo_write(self, error: BaseException) -> None:
        """What the others wrote stays, unless SQLite has undone it all (a full disk, for one)."""
        if self.writes:
            try:
                self._execute(f"ROLLBACK TO {_SAVEPOINT}")
                self._execute(f"RELEASE {_SAVEPOINT}")
            except Exception:  # there is no transaction any more
                self._error = error

    def commit(self) -> BaseException | None:
        """Ends the group, one way or the other; what went wrong, if something did."""
        transaction = self.connection.get_transaction()
        try:
            if transaction is not None and self.writes and self._error is None:
                transaction.commit()
        except BaseException as error:
            self._error = error
        finally:
            with suppress(Exception):
                if self._error is not None:
                    self.connection.invalidate()  # or the pool would keep an open transaction
                self.connection.close()  # rolls back what is not committed
            self._is_over.set()
        return self._error

    def wait(self) -> None:
        """Raises DatabaseBusy when it came to nothing."""
        self._is_over.wait()
        if self._error is not None:
            raise DatabaseBusy from self._error

    def _execute(self, statement: str) -> None:
        # Past SQLAlchemy: its own savepoints cost more than what they guard.
        connection = self.connection.connection.driver_connection
        assert connection is not None
        connection.execute(statement)


class _Turn:
    """One writer's place in the queue."""

    def __init__(self) -> None:
        self.decided = threading.Event()
        self.is_granted = False
        self.group: _Group | None = None


class WriterQueue:
    """Writers in the order they came, and none waits longer than it may.

    A plain lock is not fair: the thread that just released it often takes it again while others
    starve, and waiting threads answer nobody.
    """

    def __init__(self, begin: Callable[[], Connection], *, wait_seconds: int) -> None:
        self._begin = begin
        self._wait_seconds = wait_seconds
        self._guard = threading.Lock()  # of the three below; held for an instant only
        self._is_taken = False
        self._is_blocked = False  # the last writer met another process's lock
        self._waiting: deque[_Turn] = deque()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Committed when this returns, or undone; raises DatabaseBusy, and what `begin` raises."""
        group = self._take_turn() or self._begin_group()
        group.begin_write()
        try:
            yield group.connection
        except BaseException as error:
            group.undo_write(error)
            self._leave(group, error)
            raise
        group.keep_write()
        self._leave(group)
        group.wait()

    def _take_turn(self) -> _Group | None:
        """The group to join, or None to begin one."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return None
            if self._is_blocked:
                raise DatabaseBusy  # one is trying already; the rest should answer, and read
            turn = _Turn()
            self._waiting.append(turn)
        turn.decided.wait(self._wait_seconds)
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
            if not turn.is_granted:
                raise DatabaseBusy
        return turn.group

    def _begin_group(self) -> _Group:
        try:
            return _Group(self._begin())
        except BaseException as error:
            self._pass_on(error)
            raise

    def _leave(self, group: _Group, error: BaseException | None = None) -> None:
        with self._guard:
            if group.takes_more and self._grant_next(group):
                return
        self._pass_on(group.commit() or error)

    def _pass_on(self, error: BaseException | None) -> None:
        """The next one begins anew."""
        with self._guard:
            self._is_blocked = isinstance(error, OperationalError)
            # What stopped this one would stop the others, each after a wait of its own.
            while self._is_blocked and self._waiting:
                self._waiting.popleft().decided.set()
            self._is_taken = self._grant_next(None)

    def _grant_next(self, group: _Group | None) -> bool:
        """Hand the turn over, under the guard; False when nobody waits for it."""
        if not self._waiting:
            return False
        turn = self._waiting.popleft()
        turn.group = group
        turn.is_granted = True
        turn.decided.set()
        return True

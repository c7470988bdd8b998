"""Writes that share a commit, and each writer's part in it.

The one whose turn it is does the work of those who wait. What fails is undone alone: nobody is to
suffer for another's mistake, and nobody is told anything before the commit.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection

from app.database_causes import LOCKED, Failure, failure_or_unknown

# So many writes share a commit at most; the first of them waits for the others.
MAX_WRITES_EACH_COMMIT = 32
_SAVEPOINT = "one_write"


class DatabaseBusy(Exception):
    """The queue did not move in time, or the commit failed; nothing was stored."""

    def __init__(self, failure: Failure | None = None) -> None:
        """`failure` is what stopped the one who tried; None when it was only slow."""
        super().__init__()
        self.failure = failure or Failure(LOCKED)


class WriteGroup:
    """Writes that are committed together. Only whose turn it is touches it, but for `wait`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.writes = 0
        self._turns: list[Turn] = []
        # From the first write that cannot be done again, each has a savepoint.
        self._has_savepoints = False
        self._is_redone = False
        self._error: BaseException | None = None
        self._is_over = threading.Event()
        # Past SQLAlchemy: its own savepoints cost more than what they guard.
        driver = connection.connection.driver_connection
        assert driver is not None
        self._driver: Any = driver

    @property
    def takes_more(self) -> bool:
        return 0 < self.writes < MAX_WRITES_EACH_COMMIT and self._error is None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write, undone alone if it fails.

        The others' stay, unless SQLite has undone them, too: when the disk is full, for one.
        """
        self._has_savepoints = True
        # When the first of all fails, nothing is committed.
        needs_savepoint = self.writes > 0 or self._is_redone
        try:
            if needs_savepoint:
                self._driver.execute(f"SAVEPOINT {_SAVEPOINT}")
            yield self.connection
            if needs_savepoint:
                self._driver.execute(f"RELEASE {_SAVEPOINT}")
        except BaseException as error:
            if needs_savepoint:
                self._undo_one(error)
            raise
        self.writes += 1

    def do(self, turn: "Turn") -> None:
        """A turn's work, undone alone if it fails; what came of it holds when the group is over."""
        self._turns.append(turn)
        if self._has_savepoints:
            self._do_guarded(turn)
            return
        changes = self._driver.total_changes
        try:
            turn.do(self.connection)
        except BaseException as error:
            turn.error = error
            self._undo_if_it_wrote(changes)
        else:
            self.writes += 1

    def _undo_if_it_wrote(self, changes_before: int) -> None:
        try:
            wrote = self._driver.total_changes != changes_before
            is_over = not self._driver.in_transaction
        except Exception as error:  # the connection is closed
            self._error = error
        else:
            if wrote or is_over:
                self._do_all_again()

    def _do_guarded(self, turn: "Turn") -> None:
        try:
            with self.write() as connection:
                turn.do(connection)
        except BaseException as error:
            turn.error = error

    def _do_all_again(self) -> None:
        """One failed halfway, and nothing tells what it has written from what the others have."""
        self._has_savepoints, self._is_redone, self.writes = True, True, 0
        try:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")
            self._driver.execute("BEGIN IMMEDIATE")
        except Exception as error:
            self._error = error
        for turn in self._turns:
            if self._error is None:
                turn.error = None
                self._do_guarded(turn)

    def _undo_one(self, why: BaseException) -> None:
        try:
            self._driver.execute(f"ROLLBACK TO {_SAVEPOINT}")
            self._driver.execute(f"RELEASE {_SAVEPOINT}")
        except Exception:  # there is no transaction any more
            self._error = why

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
            # They know their group. If it went on knowing them, all that was stored would wait for
            # Python's collector, which comes after some hundred requests.
            turns, self._turns = self._turns, []
            for turn in turns:
                if turn.is_done_by_another:
                    turn.decide()
        return self._error

    def wait(self) -> None:
        """Raises DatabaseBusy when it came to nothing."""
        self._is_over.wait()
        if self._error is not None:
            raise DatabaseBusy(failure_or_unknown(self._error)) from self._error


class Turn:
    """One writer's place in the queue; with `work`, the one before it may do that for it."""

    def __init__(
        self, work: Callable[[Connection], Any] | None = None, *, gathers_until: float = 0.0
    ) -> None:
        self.work = work
        self.gathers_until = gathers_until  # by the monotonic clock
        self.is_granted = False
        self.refused_for: Failure | None = None
        self.is_done_by_another = False  # `result` or `error` is there when the group is over
        self.group: WriteGroup | None = None
        self.result: Any = None
        self.error: BaseException | None = None
        # A lock that another thread opens, because an Event costs four times as much.
        self._decision = threading.Lock()
        self._decision.acquire()

    def do(self, connection: Connection) -> None:
        assert self.work is not None
        self.result = self.work(connection)

    def decide(self) -> None:
        """Wakes the one who waits; once only."""
        self._decision.release()

    def wait(self, seconds: float) -> bool:
        """Whether it was decided in that time."""
        return self._decision.acquire(timeout=seconds)

    def outcome(self) -> Any:
        """What came of the work; raises what it raised, and DatabaseBusy."""
        assert self.group is not None
        try:
            self.group.wait()
        finally:
            if self.error is not None:
                raise self.error
        return self.result

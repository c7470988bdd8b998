"""Several writes with one commit, and each writer's turn among them.

The writer whose turn it is also does the work of those who wait. A write that fails is undone
alone, and nobody is told anything before the commit.
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
        """`failure` is what stopped the writer that tried; None when the queue was only slow."""
        super().__init__()
        self.failure = failure or Failure(LOCKED)


class WriteGroup:
    """Writes that are committed together.

    Only the thread whose turn it is uses it; all others may only `wait`.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.writes = 0
        self._turns: list[Turn] = []
        # Work that is given as a function can be run again, so it needs no savepoint. The block of
        # `write` cannot: from the first such block on, each write has a savepoint.
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
        """Do one write in the block; undo it alone if the block raises.

        The writes of others stay, unless SQLite has undone the whole transaction, as it does when
        the disk is full.
        """
        self._has_savepoints = True
        # The first write needs none: if it fails, there is nothing else to commit.
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
        """Run one turn's work; undo it alone if it raises. Its result counts after the commit."""
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
        """After a turn has failed: if it changed anything, undo all turns and run them again."""
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
        """Roll back, and run every turn again, each with a savepoint.

        One turn failed halfway, and without savepoints its rows cannot be told from the others'.
        """
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
        """Commit, or roll back after an error, and end the group; returns the error, or None."""
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
            # Each turn refers to its group. Break the circle: else all that was stored stays in
            # memory until Python's garbage collector runs, some hundred requests later.
            turns, self._turns = self._turns, []
            for turn in turns:
                if turn.is_done_by_another:
                    turn.decide()
        return self._error

    def wait(self) -> None:
        """Wait until the group is over; raises DatabaseBusy when nothing was committed."""
        self._is_over.wait()
        if self._error is not None:
            raise DatabaseBusy(failure_or_unknown(self._error)) from self._error


class Turn:
    """One writer's place in the queue. With `work`, the writer before it may run that for it."""

    def __init__(self, work: Callable[[Connection], Any] | None = None) -> None:
        self.work = work
        self.is_granted = False
        self.refused_for: Failure | None = None
        self.is_done_by_another = False  # then `result` or `error` is set for it
        self.group: WriteGroup | None = None
        self.result: Any = None
        self.error: BaseException | None = None
        # A lock that another thread releases: a threading.Event costs four times as much.
        self._decision = threading.Lock()
        self._decision.acquire()

    def do(self, connection: Connection) -> None:
        assert self.work is not None
        self.result = self.work(connection)

    def decide(self) -> None:
        """Wake the writer that waits; call it once only."""
        self._decision.release()

    def wait(self, seconds: float) -> bool:
        """Wait to be woken by `decide`; False when that took longer."""
        return self._decision.acquire(timeout=seconds)

    def outcome(self) -> Any:
        """What the work returned; raises what it raised, or DatabaseBusy if the commit failed."""
        assert self.group is not None
        try:
            self.group.wait()
        finally:
            if self.error is not None:
                raise self.error
        return self.result

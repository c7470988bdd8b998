"""One writer at a time in a process, and one commit for those that came together.

SQLite lets one connection write at a time; a second one is refused and sleeps before it asks again,
for longer each time, which costs tails of a second. So the threads of a process queue here first,
and SQLite's own lock only ever sees other processes. Whoever finds others waiting writes for them,
or hands them the open transaction, before it commits, because waiting for the disk, and for one
another, is what a write costs; nobody goes on before the commit
(docs/decisions/0017-commits-in-groups.md).
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

Result = TypeVar("Result")

# So many writes share a commit at most; the first of them waits for the others.
MAX_WRITES_EACH_COMMIT = 32
# So long a write waits, at most, for others that were announced.
GATHER_SECONDS = 0.005
_SAVEPOINT = "one_write"


class DatabaseBusy(Exception):
    """The queue did not move in time, or the commit failed; nothing was stored."""


class _Group:
    """Writes that are committed together. Only whose turn it is touches it, but for `wait`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.writes = 0
        self._turns: list[_Turn] = []
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

    def do(self, turn: "_Turn") -> None:
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

    def _do_guarded(self, turn: "_Turn") -> None:
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
            for turn in self._turns:
                if turn.is_done_by_another:
                    turn.decide()
        return self._error

    def wait(self) -> None:
        """Raises DatabaseBusy when it came to nothing."""
        self._is_over.wait()
        if self._error is not None:
            raise DatabaseBusy from self._error


class _Turn:
    """One writer's place in the queue; with `work`, the one before it may do that for it."""

    def __init__(self, work: Callable[[Connection], Any] | None = None) -> None:
        self.work = work
        # What has no work to give away holds nobody up, and is not held up.
        self.gathers_until = time.monotonic() + GATHER_SECONDS if work else 0.0
        self.is_granted = False
        self.is_done_by_another = False  # `result` or `error` is there when the group is over
        self.group: _Group | None = None
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


class WriterQueue:
    """Writers in the order they came, and none waits longer than it may.

    A plain lock is not fair: the thread that just released it often takes it again while others
    starve, and waiting threads answer nobody.
    """

    def __init__(self, begin: Callable[[], Connection], *, wait_seconds: int) -> None:
        self._begin = begin
        self._wait_seconds = wait_seconds
        self._guard = threading.Lock()  # of what is below; held for an instant only
        self._expected = 0  # writes that were announced in this generation, and have not come
        self._generation = 0
        self._is_taken = False
        self._is_blocked = False  # the last writer met another process's lock
        self._waiting: deque[_Turn] = deque()
        self._of_thread = _OfThread()

    def expect(self) -> None:
        """This thread is about to `run` something: those who come before it may wait for it."""
        with self._guard:
            self._expected += self._of_thread.announced_in != self._generation
            self._of_thread.announced_in = self._generation

    def expect_no_more(self) -> None:
        """It is not, after all."""
        if self._of_thread.announced_in is not None:
            with self._guard:
                self._arrive()
                if not self._is_taken:
                    self._grant_next()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Committed when this returns, or undone; raises DatabaseBusy, and what `begin` raises."""
        group = self._take_turn(_Turn()) or self._begin_group()
        try:
            with group.write() as connection:
                yield connection
        except BaseException as error:
            self._leave(group, error)
            raise
        self._leave(group)
        group.wait()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returns, when it is committed; raises what it raises, and as above.

        Another thread may run it, as one of many, and twice: it knows nothing of its request, waits
        for nothing, and has no effect but on the connection.
        """
        turn = _Turn(work)
        self._take_turn(turn)
        if not turn.is_done_by_another:
            turn.group = self._begin_group()
            turn.group.do(turn)
            self._leave(turn.group, turn.error)
        return cast(Result, turn.outcome())

    def _take_turn(self, turn: _Turn) -> _Group | None:
        """The group to write in, or None to begin one.

        Returns when it is this writer's turn or when another has written for it.
        """
        with self._guard:
            self._arrive()
            if self._is_taken and self._is_blocked:
                raise DatabaseBusy  # one is trying already; the rest should answer, and read
            is_last = len(self._waiting) + 1 >= MAX_WRITES_EACH_COMMIT or not self._expected
            if not self._is_taken and (is_last or turn.work is None):
                self._is_taken = True
                return None
            self._waiting.append(turn)
        if not turn.wait(GATHER_SECONDS):
            with self._guard:
                if not self._is_taken:
                    self._expect_nobody()
                    self._grant_next()
            turn.wait(self._wait_seconds)
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
            if not turn.is_granted:
                raise DatabaseBusy
        return turn.group

    def _arrive(self) -> None:
        self._expected -= self._of_thread.announced_in == self._generation
        self._of_thread.announced_in = None

    def _expect_nobody(self) -> None:
        """Whoever has kept others waiting as long as they may is not waited for again."""
        self._generation += 1
        self._expected = 0

    def _begin_group(self) -> _Group:
        try:
            return _Group(self._begin())
        except BaseException as error:
            self._pass_on(error)
            raise

    def _leave(self, group: _Group, error: BaseException | None = None) -> None:
        try:
            while turn := self._next_in(group):
                if not turn.is_done_by_another:
                    turn.decide()
                    return
                group.do(turn)
            error = group.commit() or error
        except BaseException as unforeseen:  # or nobody would ever write again
            self._pass_on(unforeseen)
            raise
        self._pass_on(error)

    def _next_in(self, group: _Group) -> _Turn | None:
        with self._guard:
            if not self._waiting or not group.takes_more:
                return None
            turn = self._waiting.popleft()
            turn.is_granted = True
            turn.group = group
            turn.is_done_by_another = turn.work is not None
            return turn

    def _pass_on(self, error: BaseException | None) -> None:
        """The next one begins anew."""
        with self._guard:
            self._is_blocked = isinstance(error, OperationalError)
            # What stopped this one would stop the others, each after a wait of its own.
            while self._is_blocked and self._waiting:
                self._waiting.popleft().decide()
            self._is_taken = False
            self._grant_next()

    def _grant_next(self) -> None:
        """Under the guard, when nobody has the turn: unless it is better to wait for others."""
        if not self._waiting:
            return
        first = self._waiting[0]
        is_full = len(self._waiting) >= MAX_WRITES_EACH_COMMIT
        if self._expected and not is_full and time.monotonic() < first.gathers_until:
            return
        self._is_taken = True
        first.is_granted = True
        self._waiting.popleft()
        first.decide()


class _OfThread(threading.local):
    announced_in: int | None = None  # the generation

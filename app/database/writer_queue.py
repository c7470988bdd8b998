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
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.database.write_group import MAX_WRITES_EACH_COMMIT, DatabaseBusy, Turn, WriteGroup
from app.database_causes import Failure, failure_or_unknown

Result = TypeVar("Result")

# So long a write waits, at most, for others that were announced.
GATHER_SECONDS = 0.005


class Writers(Protocol):
    """How an app's threads come to write."""

    def transaction(self) -> AbstractContextManager[Connection]: ...
    def run(self, work: Callable[[Connection], Result]) -> Result: ...
    def expect(self) -> None: ...
    def expect_no_more(self) -> None: ...


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
        # What stopped the last writer, such as another process's lock or a full disk.
        self._blocked_by: Failure | None = None
        self._waiting: deque[Turn] = deque()
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
        # What has no work to give away waits for nobody who has not come.
        group = self._take_turn(Turn()) or self._begin_group()
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
        turn = Turn(work, gathers_until=time.monotonic() + GATHER_SECONDS)
        self._take_turn(turn)
        if not turn.is_done_by_another:
            turn.group = self._begin_group()
            turn.group.do(turn)
            self._leave(turn.group, turn.error)
        return cast(Result, turn.outcome())

    def _take_turn(self, turn: Turn) -> WriteGroup | None:
        """The group to write in, or None to begin one.

        Returns when it is this writer's turn or when another has written for it.
        """
        with self._guard:
            self._arrive()
            if self._is_taken and self._blocked_by:
                raise DatabaseBusy(
                    self._blocked_by
                )  # one is trying already; the rest should answer, and read
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
                raise DatabaseBusy(turn.refused_for)
        return turn.group

    def _arrive(self) -> None:
        self._expected -= self._of_thread.announced_in == self._generation
        self._of_thread.announced_in = None

    def _expect_nobody(self) -> None:
        """Whoever has kept others waiting as long as they may is not waited for again."""
        self._generation += 1
        self._expected = 0

    def _begin_group(self) -> WriteGroup:
        try:
            return WriteGroup(self._begin())
        except BaseException as error:
            self._pass_on(error)
            raise

    def _leave(self, group: WriteGroup, error: BaseException | None = None) -> None:
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

    def _next_in(self, group: WriteGroup) -> Turn | None:
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
            is_blocked = isinstance(error, OperationalError)
            # Not the error itself, which would keep all that its traceback knows.
            self._blocked_by = failure_or_unknown(error) if error and is_blocked else None
            # What stopped this one would stop the others, each after a wait of its own.
            while self._blocked_by and self._waiting:
                turn = self._waiting.popleft()
                turn.refused_for = self._blocked_by
                turn.decide()
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


class FreeWriters:
    """PostgreSQL's: nobody waits for a turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def transaction(self) -> AbstractContextManager[Connection]:
        return self._engine.begin()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        with self._engine.begin() as connection:
            return work(connection)

    def expect(self) -> None:
        pass

    def expect_no_more(self) -> None:
        pass

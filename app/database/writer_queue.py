"""One writer at a time in a process, and one commit for those that came together.

SQLite lets one connection write at a time. A second one is refused, and sleeps before it asks
again, longer each time: some requests then take a second. So the threads of a process queue here
first, and SQLite's own lock only ever meets other processes.

What a write costs is waiting: for the disk, and for other writers. So a writer that finds others
waiting does their work before it commits, or hands them the open transaction. Nobody goes on
before the commit (docs/decisions/0017-commits-in-groups.md).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.database.write_group import DatabaseBusy, Turn, WriteGroup
from app.database_causes import Failure, failure_or_unknown

Result = TypeVar("Result")


class Writers(Protocol):
    """What an app's threads write through."""

    def transaction(self) -> AbstractContextManager[Connection]: ...
    def run(self, work: Callable[[Connection], Result]) -> Result: ...


class WriterQueue:
    """Serves writers in the order in which they came; none waits longer than `wait_seconds`.

    A plain lock is not fair: the thread that just released it often takes it again while others
    starve, and waiting threads answer nobody.
    """

    def __init__(self, begin: Callable[[], Connection], *, wait_seconds: int) -> None:
        self._begin = begin
        self._wait_seconds = wait_seconds
        self._guard = threading.Lock()  # of all below; held for an instant only
        self._is_taken = False
        # What stopped the last writer, such as another process's lock or a full disk.
        self._blocked_by: Failure | None = None
        self._waiting: deque[Turn] = deque()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit at the end of the block, or undo it if it raises.

        Raises DatabaseBusy, and what `begin` raises.
        """
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
        """Run `work` in a transaction; return its result when that is committed.

        Another thread may run it, together with the work of others, and may run it twice. So it
        must not use its request, wait for anything, or change anything but the database. Raises
        what `work` and `begin` raise, and DatabaseBusy.
        """
        turn = Turn(work)
        self._take_turn(turn)
        if not turn.is_done_by_another:
            turn.group = self._begin_group()
            turn.group.do(turn)
            self._leave(turn.group, turn.error)
        return cast(Result, turn.outcome())

    def _take_turn(self, turn: Turn) -> WriteGroup | None:
        """Wait for this writer's turn; returns the group to write in, or None to begin one.

        Also returns when another thread has done the work (`turn.is_done_by_another`).
        """
        with self._guard:
            if self._is_taken and self._blocked_by:
                # One writer is trying already. The others answer, and their threads can read.
                raise DatabaseBusy(self._blocked_by)
            if not self._is_taken:
                self._is_taken = True
                return None
            self._waiting.append(turn)
        turn.wait(self._wait_seconds)
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
            if not turn.is_granted:
                raise DatabaseBusy(turn.refused_for)
        return turn.group

    def _begin_group(self) -> WriteGroup:
        try:
            return WriteGroup(self._begin())
        except BaseException as error:
            self._pass_on(error)
            raise

    def _leave(self, group: WriteGroup, error: BaseException | None = None) -> None:
        """Do the work of those who wait, then commit.

        Stops at a writer whose work is a block: it gets the open transaction, and does the rest.
        """
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
        """The next turn in this group; None when nobody waits, or the group takes no more."""
        with self._guard:
            if not self._waiting or not group.takes_more:
                return None
            turn = self._waiting.popleft()
            turn.is_granted = True
            turn.group = group
            turn.is_done_by_another = turn.work is not None
            return turn

    def _pass_on(self, error: BaseException | None) -> None:
        """Give the turn back; the next writer begins a transaction of its own.

        `error` is what this writer failed with; None when it did not.
        """
        with self._guard:
            is_blocked = isinstance(error, OperationalError)
            # Not the error itself: its traceback would keep all its variables in memory.
            self._blocked_by = failure_or_unknown(error) if error and is_blocked else None
            # The same would stop each of the others, after a wait of its own: refuse them now.
            while self._blocked_by and self._waiting:
                turn = self._waiting.popleft()
                turn.refused_for = self._blocked_by
                turn.decide()
            self._is_taken = False
            self._grant_next()

    def _grant_next(self) -> None:
        """Under the guard, while nobody has the turn: give it to the first who waits."""
        if self._waiting:
            self._is_taken = True
            first = self._waiting.popleft()
            first.is_granted = True
            first.decide()


class FreeWriters:
    """For PostgreSQL, where nobody waits for a turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def transaction(self) -> AbstractContextManager[Connection]:
        return self._engine.begin()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        with self._engine.begin() as connection:
            return work(connection)

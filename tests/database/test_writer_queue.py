"""Writers of one process: in turn, committed together, and nobody undone for another's mistake."""

import gc
import sqlite3
import threading
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.database.write_group import MAX_WRITES_EACH_COMMIT, DatabaseBusy
from app.database.writer_queue import WriterQueue

THREADS = 40


class Numbers:
    """A table of one column, and writers that wait in one queue."""

    def __init__(self, path, wait_seconds: int) -> None:
        self.path = path
        self.commits = 0
        self.engine: Engine = create_engine(
            f"sqlite:///{path}", connect_args={"timeout": 0}, pool_size=THREADS
        )
        event.listen(self.engine, "commit", self._count_commit)
        with self.engine.begin() as connection:
            connection.execute(text("CREATE TABLE numbers (n INTEGER UNIQUE)"))
        self.commits = 0
        self.queue = WriterQueue(self._begin, wait_seconds=wait_seconds)
        self.pool = ThreadPoolExecutor(THREADS)

    def _begin(self) -> Connection:
        connection = self.engine.connect()
        connection.begin()
        connection.connection.driver_connection.isolation_level = None
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            connection.close()
            raise
        return connection

    def _count_commit(self, _connection: Connection) -> None:
        self.commits += 1

    def store(self, n: int, *, fail: Exception | None = None) -> None:
        with self.queue.transaction() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": n})
            if fail:
                raise fail

    def stored(self) -> list[int]:
        """What another connection sees."""
        with closing(sqlite3.connect(self.path)) as connection:
            return [n for (n,) in connection.execute("SELECT n FROM numbers ORDER BY n")]

    def all_at_once(self, *writes) -> list[Future]:
        """Has them all wait behind one that is writing, in this order; their outcomes."""
        outcomes = []
        with suppress(DatabaseBusy), self.queue.transaction():
            for write in writes:
                outcomes.append(self.pool.submit(write))
                while len(self.queue._waiting) < len(outcomes):
                    assert not outcomes[-1].done()
        for outcome in outcomes:
            outcome.exception()
        return outcomes

    def close(self) -> None:
        self.pool.shutdown()
        self.engine.dispose()


@pytest.fixture
def numbers(tmp_path):
    numbers = Numbers(tmp_path / "numbers.db", wait_seconds=30)
    yield numbers
    numbers.close()


@pytest.fixture
def impatient(tmp_path):
    numbers = Numbers(tmp_path / "impatient.db", wait_seconds=0)
    yield numbers
    numbers.close()


def test_one_writer_alone_commits_for_itself(numbers):
    numbers.store(1)
    numbers.store(2)

    assert numbers.stored() == [1, 2]
    assert numbers.commits == 2


def test_those_who_waited_together_share_a_commit(numbers):
    numbers.all_at_once(*[lambda n=n: numbers.store(n) for n in range(10)])

    assert numbers.stored() == list(range(10))
    assert numbers.commits == 1


def test_nobody_goes_on_before_the_commit(numbers):
    seen = []

    def store_and_look(n):
        numbers.store(n)
        seen.append(n in numbers.stored())

    numbers.all_at_once(*[lambda n=n: store_and_look(n) for n in range(10)])
    assert seen == [True] * 10


def test_a_group_has_a_limit(numbers):
    count = MAX_WRITES_EACH_COMMIT + 5
    numbers.all_at_once(*[lambda n=n: numbers.store(n) for n in range(count)])

    assert numbers.stored() == list(range(count))
    assert numbers.commits == 2


def test_they_take_turns_in_the_order_they_came(numbers):
    order = []

    def write(n):
        with numbers.queue.transaction():
            order.append(n)

    numbers.all_at_once(*[lambda n=n: write(n) for n in range(8)])
    assert order == list(range(8))


@pytest.mark.parametrize("failing", [0, 3, 7], ids=["first", "middle", "last"])
def test_only_the_one_that_fails_is_undone(numbers, failing):
    def write(n):
        numbers.store(n, fail=LookupError() if n == failing else None)

    outcomes = numbers.all_at_once(*[lambda n=n: write(n) for n in range(8)])

    assert [n for n in range(8) if outcomes[n].exception()] == [failing]
    assert isinstance(outcomes[failing].exception(), LookupError)
    assert numbers.stored() == [n for n in range(8) if n != failing]


def test_one_that_the_database_refuses_is_undone_alone(numbers):
    outcomes = numbers.all_at_once(*[lambda n=n: numbers.store(n // 2) for n in range(6)])

    refused = [isinstance(outcome.exception(), IntegrityError) for outcome in outcomes]
    assert refused == [False, True] * 3
    assert numbers.stored() == [0, 1, 2]


def test_the_first_one_that_fails_leaves_the_queue_in_order(numbers):
    with pytest.raises(LookupError):
        numbers.store(1, fail=LookupError())
    numbers.store(2)

    assert numbers.stored() == [2]


def test_when_the_commit_fails_nobody_is_told_that_it_worked(numbers):
    def refuse(_connection):
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(numbers.engine, "commit", refuse)
    outcomes = numbers.all_at_once(*[lambda n=n: numbers.store(n) for n in range(4)])

    assert [type(outcome.exception()) for outcome in outcomes] == [DatabaseBusy] * 4
    event.remove(numbers.engine, "commit", refuse)
    assert numbers.stored() == []
    numbers.store(9)
    assert numbers.stored() == [9]


def test_when_the_database_undoes_all_nobody_is_told_that_it_worked(numbers):
    """As SQLite does when the disk is full."""

    def undo_all():
        with numbers.queue.transaction() as connection:
            connection.connection.driver_connection.execute("ROLLBACK")
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    outcomes = numbers.all_at_once(
        lambda: numbers.store(1), undo_all, lambda: numbers.store(2), lambda: numbers.store(3)
    )
    kinds = [type(outcome.exception()) for outcome in outcomes]
    assert kinds == [DatabaseBusy, OperationalError, DatabaseBusy, DatabaseBusy]
    assert numbers.stored() == []
    numbers.store(9)
    assert numbers.stored() == [9]


def test_one_that_waits_too_long_is_refused(impatient):
    with impatient.queue.transaction(), pytest.raises(DatabaseBusy):
        impatient.store(1)
    impatient.store(2)

    assert impatient.stored() == [2]


def test_those_who_wait_are_sent_away_when_another_process_stops_the_first(numbers):
    began = threading.Event()
    go_on = threading.Event()
    begin = numbers.queue._begin

    def slow_begin():
        began.set()
        go_on.wait(10)
        return begin()

    numbers.queue._begin = slow_begin
    with closing(sqlite3.connect(numbers.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        first = numbers.pool.submit(numbers.store, 0)
        began.wait(10)
        others = [numbers.pool.submit(numbers.store, n) for n in range(1, 5)]
        while len(numbers.queue._waiting) < 4:
            assert not first.done()
        go_on.set()

        assert isinstance(first.exception(), OperationalError)
        assert [type(one.exception()) for one in others] == [DatabaseBusy] * 4


def test_only_one_tries_while_another_process_is_in_the_way(numbers):
    began = threading.Event()
    go_on = threading.Event()
    begin = numbers.queue._begin

    def slow_begin():
        began.set()
        go_on.wait(10)
        return begin()

    with closing(sqlite3.connect(numbers.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError):
            numbers.store(1)
        numbers.queue._begin = slow_begin
        trying = numbers.pool.submit(numbers.store, 2)
        began.wait(10)
        with pytest.raises(DatabaseBusy):
            numbers.store(3)
        other.rollback()
        go_on.set()

    assert trying.exception() is None
    assert numbers.stored() == [2]


class Works(Numbers):
    """Numbers whose writers leave their work to whoever is writing."""

    def __init__(self, path) -> None:
        super().__init__(path, wait_seconds=30)
        self.runs: list[tuple[int, int]] = []  # the number, the thread

    def store(self, n: int, *, fail_first=None, fail_then=None) -> int:
        return self.queue.run(lambda connection: self._work(connection, n, fail_first, fail_then))

    def _work(self, connection, n, fail_first, fail_then) -> int:
        self.runs.append((n, threading.get_ident()))
        if fail_first:
            raise fail_first
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": n})
        if fail_then:
            raise fail_then
        return n * 10

    def all_at_once(self, *writes) -> list[Future]:
        outcomes = []
        others_wait = threading.Event()
        first = self.pool.submit(self.queue.run, lambda _: others_wait.wait(10))
        while not self.queue._is_taken:
            assert not first.done()
        for write in writes:
            outcomes.append(self.pool.submit(write))
            while len(self.queue._waiting) < len(outcomes):
                assert not outcomes[-1].done()
        others_wait.set()
        for outcome in (first, *outcomes):
            outcome.exception()
        return outcomes


@pytest.fixture
def works(tmp_path):
    works = Works(tmp_path / "works.db")
    yield works
    works.close()


def test_work_is_done_and_its_result_returned(works):
    assert works.store(7) == 70
    assert works.stored() == [7]


def test_one_thread_works_for_all_who_wait_and_commits_once(works):
    outcomes = works.all_at_once(*[lambda n=n: works.store(n) for n in range(10)])

    assert [outcome.result() for outcome in outcomes] == [n * 10 for n in range(10)]
    assert works.stored() == list(range(10))
    assert len({thread for _, thread in works.runs}) == works.commits == 1


def test_nobody_whose_work_was_done_goes_on_before_the_commit(works):
    seen = []

    def store_and_look(n):
        works.store(n)
        seen.append(n in works.stored())

    works.all_at_once(*[lambda n=n: store_and_look(n) for n in range(10)])
    assert seen == [True] * 10


def test_work_that_is_done_is_let_go_and_does_not_wait_for_the_collector(works):
    known = []

    def store(n):
        def work(connection):
            works._work(connection, n, None, None)

        known.append(weakref.ref(work))
        works.queue.run(work)

    gc.disable()
    try:
        works.all_at_once(*[lambda n=n: store(n) for n in range(10)])
        assert [work() for work in known] == [None] * 10
    finally:
        gc.enable()


@pytest.mark.parametrize("failing", [0, 3, 7], ids=["first", "middle", "last"])
@pytest.mark.parametrize("when", ["fail_first", "fail_then"])
def test_only_the_work_that_fails_is_undone(works, failing, when):
    def write(n):
        return works.store(n, **({when: LookupError()} if n == failing else {}))

    outcomes = works.all_at_once(*[lambda n=n: write(n) for n in range(8)])

    assert isinstance(outcomes[failing].exception(), LookupError)
    others = [n for n in range(8) if n != failing]
    assert [outcomes[n].result() for n in others] == [n * 10 for n in others]
    assert works.stored() == others
    assert works.commits == 1


def test_what_fails_before_it_wrote_has_nobody_work_again(works):
    works.all_at_once(
        lambda: works.store(1),
        lambda: works.store(2, fail_first=LookupError()),
        lambda: works.store(3),
    )
    assert [n for n, _ in works.runs] == [1, 2, 3]


def test_work_that_the_database_refuses_is_undone_alone(works):
    outcomes = works.all_at_once(*[lambda n=n: works.store(n // 2) for n in range(6)])

    refused = [isinstance(outcome.exception(), IntegrityError) for outcome in outcomes]
    assert refused == [False, True] * 3
    assert works.stored() == [0, 1, 2]


def test_work_alone_that_fails_stores_nothing_and_leaves_the_queue_in_order(works):
    with pytest.raises(LookupError):
        works.store(1, fail_then=LookupError())
    works.store(2)

    assert works.stored() == [2]


def test_work_behind_a_block_that_fails_is_done(works):
    with suppress(LookupError), works.queue.transaction() as connection:
        waiting = works.pool.submit(works.store, 1)
        while not works.queue._waiting:
            assert not waiting.done()
        connection.execute(text("INSERT INTO numbers VALUES (9)"))
        raise LookupError

    assert waiting.result() == 10
    assert works.stored() == [1]


def test_when_the_commit_fails_nobody_is_told_that_its_work_was_done(works):
    def refuse(_connection):
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(works.engine, "commit", refuse)
    outcomes = works.all_at_once(*[lambda n=n: works.store(n) for n in range(4)])

    assert [type(outcome.exception()) for outcome in outcomes] == [DatabaseBusy] * 4
    event.remove(works.engine, "commit", refuse)
    assert works.stored() == []
    works.store(9)
    assert works.stored() == [9]


def test_when_the_database_undoes_all_work_nobody_is_told_that_it_was_done(works):
    """As SQLite does when the disk is full, and does again when it is tried again."""

    def undo_all(connection):
        connection.connection.driver_connection.execute("ROLLBACK")
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    outcomes = works.all_at_once(
        lambda: works.store(1), lambda: works.queue.run(undo_all), lambda: works.store(2)
    )
    kinds = [type(outcome.exception()) for outcome in outcomes]
    assert kinds == [DatabaseBusy, OperationalError, DatabaseBusy]
    assert works.stored() == []
    works.store(9)
    assert works.stored() == [9]


def test_when_another_process_takes_the_file_before_work_is_done_again_all_are_refused(works):
    with closing(sqlite3.connect(works.path, check_same_thread=False)) as other:

        def lose_the_file(connection):
            connection.execute(text("INSERT INTO numbers VALUES (5)"))
            connection.connection.driver_connection.execute("ROLLBACK")
            other.execute("BEGIN IMMEDIATE")
            raise LookupError

        outcomes = works.all_at_once(lambda: works.store(1), lambda: works.queue.run(lose_the_file))
        kinds = [type(outcome.exception()) for outcome in outcomes]
        other.rollback()

    assert kinds == [DatabaseBusy, LookupError]
    assert works.stored() == []


def failing_at_its_second_run(works, n, *, then=lambda _connection: None):
    runs = []

    def work(connection):
        runs.append(n)
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": n})
        if len(runs) == 2:
            then(connection)
            raise LookupError

    return lambda: works.queue.run(work)


def test_work_that_fails_only_when_it_is_done_again_leaves_nothing_behind(works):
    outcomes = works.all_at_once(
        failing_at_its_second_run(works, 1),
        lambda: works.store(2),
        lambda: works.store(3, fail_then=LookupError()),
    )
    assert [type(outcome.exception()) for outcome in outcomes] == [
        LookupError,
        type(None),
        LookupError,
    ]
    assert works.stored() == [2]


def test_nothing_is_stored_outside_of_a_transaction_when_the_database_undoes_what_is_done_again(
    works,
):
    def undo_all(connection):
        connection.connection.driver_connection.execute("ROLLBACK")

    outcomes = works.all_at_once(
        failing_at_its_second_run(works, 1, then=undo_all),
        lambda: works.store(2),
        lambda: works.store(3, fail_then=LookupError()),
    )
    kinds = [type(outcome.exception()) for outcome in outcomes]
    assert kinds[:2] == [LookupError, DatabaseBusy]
    assert works.stored() == []
    works.store(9)
    assert works.stored() == [9]


def test_work_that_closes_the_connection_stops_nobody_after_it(works):
    def close(connection):
        connection.connection.driver_connection.close()
        raise LookupError

    with pytest.raises(LookupError):
        works.queue.run(close)
    assert works.store(1) == 10

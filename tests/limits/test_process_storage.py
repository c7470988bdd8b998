"""The storage of limits in one process: exact at the edge, and it forgets."""

import time as clock
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from app.limits import process_storage
from app.limits.process_storage import ProcessStorage

LIMIT, EXPIRY = 3, 60
START = 1_778_174_700.0


@pytest.fixture
def storage() -> ProcessStorage:
    return ProcessStorage()


@pytest.fixture(autouse=True)
def _forward(monkeypatch):
    """The clock that only goes forward goes as the time of day does, which tests move."""
    monkeypatch.setattr(process_storage, "forward_seconds", lambda: clock.time())


@pytest.fixture
def time() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def acquire(storage: ProcessStorage, key: str = "a", amount: int = 1) -> bool:
    return storage.acquire_entry(key, LIMIT, EXPIRY, amount)


def test_as_many_as_the_limit_are_accepted(storage, time):
    assert [acquire(storage) for _ in range(5)] == [True] * 3 + [False] * 2


def test_one_that_came_a_window_ago_still_counts_and_then_no_more(storage, time):
    for _ in range(LIMIT):
        acquire(storage)
    time.move_to(START + EXPIRY)
    assert not acquire(storage)
    time.move_to(START + EXPIRY + 0.001)
    assert acquire(storage)


def test_keys_are_counted_apart(storage, time):
    for _ in range(LIMIT):
        acquire(storage)

    assert acquire(storage, "b")


def test_several_at_once_are_taken_all_or_not_at_all(storage, time):
    assert acquire(storage, amount=2)
    assert not acquire(storage, amount=2)
    assert storage.get("a") == 2


def test_the_window_begins_with_the_oldest_that_counts(storage, time):
    acquire(storage)
    time.move_to(START + 40)
    acquire(storage)
    assert storage.get_moving_window("a", LIMIT, EXPIRY) == (START, 2)
    time.move_to(START + 61)
    assert storage.get_moving_window("a", LIMIT, EXPIRY) == (START + 40, 1)
    assert storage.get_expiry("a") == START + 40 + EXPIRY


def test_what_was_never_counted_has_an_empty_window_that_begins_now(storage, time):
    assert storage.get_moving_window("a", LIMIT, EXPIRY) == (START, 0)
    assert (storage.get("a"), storage.get_expiry("a")) == (0, START)


def test_a_cleared_key_may_begin_anew(storage, time):
    for _ in range(LIMIT):
        acquire(storage)
    storage.clear("a")

    assert acquire(storage)
    assert storage.reset() == 1
    assert storage.key_count() == 0


def test_keys_of_which_nothing_counts_any_more_are_forgotten(storage, time):
    for n in range(1000):
        acquire(storage, f"stranger {n}")
    time.move_to(START + EXPIRY + 1)
    for n in range(600):
        acquire(storage, "regular")
        time.move_to(START + EXPIRY + 1 + n * 30)

    assert storage.key_count() == 1


def test_one_that_counts_for_a_day_keeps_no_others_from_being_forgotten(storage, time):
    storage.acquire_entry("guesses of a day", LIMIT, 24 * 60 * 60)
    for n in range(1000):
        acquire(storage, f"stranger {n}")
    time.move_to(START + EXPIRY + 1)
    for _ in range(600):
        acquire(storage, "regular")

    assert storage.key_count() == 2
    assert storage.get("guesses of a day") == 1


def test_threads_at_once_get_no_more_than_the_limit(storage):
    with ThreadPoolExecutor(8) as pool:
        accepted = list(pool.map(lambda _: storage.acquire_entry("a", 100, EXPIRY), range(400)))

    assert sum(accepted) == 100


def test_an_empty_storage_is_a_storage(storage):
    """Flask-Limiter asks for its truth."""
    assert storage
    assert storage.check()


def test_fixed_windows_are_refused(storage):
    with pytest.raises(NotImplementedError):
        storage.incr("a", EXPIRY)


@pytest.mark.parametrize("hours", [-1, 1, 24 * 365])
def test_a_step_of_the_time_of_day_neither_refuses_nor_forgets(monkeypatch, hours):
    seconds = [1000.0]
    monkeypatch.setattr(process_storage, "forward_seconds", lambda: seconds[0])
    storage = ProcessStorage()
    with time_machine.travel(START, tick=False) as traveller:
        assert [acquire(storage) for _ in range(LIMIT + 1)] == [True] * LIMIT + [False]
        traveller.shift(hours * 3600)
        seconds[0] += EXPIRY
        assert not acquire(storage)
        assert storage.get_moving_window("a", LIMIT, EXPIRY) == (clock.time() - EXPIRY, LIMIT)
        seconds[0] += 0.001
        assert acquire(storage)
        assert storage.get_expiry("a") == clock.time() + EXPIRY


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=60))
def test_never_more_than_the_limit_in_any_window(arrivals):
    """The law itself, over made-up arrivals: who waits, and for which of two keys."""
    storage, accepted, now = ProcessStorage(), {"a": [], "b": []}, START
    for key, pause in arrivals:
        now += pause
        with time_machine.travel(now, tick=False):
            in_window = [at for at in accepted[key] if at >= now - EXPIRY]
            assert acquire(storage, key) == (len(in_window) < LIMIT)
            if len(in_window) < LIMIT:
                accepted[key].append(now)

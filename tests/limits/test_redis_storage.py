"""Limits in a store that hosts share are counted by its clock, and survive a step of any clock."""

import time

import pytest
import time_machine

from app.limits.redis_storage import OwnClockRedisStorage
from app.limits.shared_storage import SharedOrLocalStorage, limit_storage_uri

pytestmark = pytest.mark.sqlite_only("limits are not counted in the database")

LIMIT, EXPIRY, HOUR = 3, 60, 3600


@pytest.fixture
def storage(valkey_url):
    return OwnClockRedisStorage(valkey_url)


def acquire(storage, amount=1):
    return storage.acquire_entry("a", LIMIT, EXPIRY, amount)


def keep(storage, *ages):
    """As if they had been counted so many seconds ago by the store's clock, the newest first."""
    now = time.time()
    storage.storage.rpush(storage.prefixed_key("a"), *(now - age for age in ages))


def test_as_many_as_the_limit_are_accepted(storage):
    assert [acquire(storage) for _ in range(5)] == [True] * 3 + [False] * 2
    start, count = storage.get_moving_window("a", LIMIT, EXPIRY)
    assert count == LIMIT
    assert abs(start - time.time()) < EXPIRY


def test_several_at_once_are_taken_all_or_not_at_all(storage):
    assert acquire(storage, 2)
    assert not acquire(storage, 2)
    assert not acquire(storage, LIMIT + 1)
    assert storage.get_moving_window("a", LIMIT, EXPIRY)[1] == 2


def test_what_was_never_counted_has_an_empty_window_that_begins_now(storage):
    start, count = storage.get_moving_window("a", LIMIT, EXPIRY)
    assert (count, abs(start - time.time()) < EXPIRY) == (0, True)


def test_what_is_over_does_not_count(storage):
    keep(storage, 10, EXPIRY + 5, EXPIRY + 10)
    assert storage.get_moving_window("a", LIMIT, EXPIRY)[1] == 1
    assert [acquire(storage) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_host_whose_clock_is_wrong_counts_as_the_others_do(storage, hours):
    assert acquire(storage)
    with time_machine.travel(time.time() + hours * HOUR, tick=False):
        assert [acquire(storage) for _ in range(3)] == [True, True, False]
        start, count = storage.get_moving_window("a", LIMIT, EXPIRY)
        assert (count, abs(start - time.time()) < EXPIRY) == (LIMIT, True)
    assert not acquire(storage)


def test_a_store_whose_clock_was_set_back_refuses_no_longer_than_a_window(storage):
    keep(storage, -HOUR, -HOUR + 20, -HOUR + 50)
    start, count = storage.get_moving_window("a", LIMIT, EXPIRY)
    assert count == LIMIT  # as before the step: 0, 20 and 50 seconds old
    assert time.time() - start < EXPIRY
    assert not acquire(storage)
    kept = [float(each) for each in storage.storage.lrange(storage.prefixed_key("a"), 0, -1)]
    assert max(kept) <= time.time() + 5
    assert kept == sorted(kept, reverse=True)
    assert [round(kept[0] - each) for each in kept] == [0, 20, 50]


def test_a_store_whose_clock_was_set_back_takes_what_is_within_the_limit(storage):
    keep(storage, -HOUR, -HOUR + EXPIRY + 5)
    assert [acquire(storage) for _ in range(3)] == [True, True, False]


def test_it_is_what_the_setting_leads_to(valkey_url):
    shared = SharedOrLocalStorage(limit_storage_uri(valkey_url))
    assert isinstance(shared._shared, OwnClockRedisStorage)

"""Limits are counted together, and by each process for itself while the shared store is away."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from limits.storage import Storage

from app import create_app
from app.config import ConfigurationError
from app.limits.allowances import limit_storage_answers, limits_are_shared
from app.limits.process_storage import ProcessStorage
from app.limits.shared_storage import RETRY_SECONDS, SharedOrLocalStorage, limit_storage_uri

pytestmark = pytest.mark.sqlite_only("limits are not counted in the database")

ALLOWED = 100
URI = "shared-or-local:may-be-away://"
SECRET = "what the store said, redis://:hunter2@h"


class StoreThatMayBeAway(ProcessStorage):
    STORAGE_SCHEME = ["may-be-away"]
    is_away = False
    asked = 0

    def acquire_entry(self, key, limit, expiry, amount=1):
        type(self).asked += 1
        if self.is_away:
            raise ConnectionError(SECRET)
        return super().acquire_entry(key, limit, expiry, amount)

    def get_moving_window(self, key, limit, expiry):
        if self.is_away:
            raise ConnectionError(SECRET)
        return super().get_moving_window(key, limit, expiry)


class FixedWindowOnly(Storage):
    STORAGE_SCHEME = ["fixed-window-only"]
    base_exceptions = ValueError

    def _answer(self, *args, **kwargs):
        raise AssertionError("nobody should ask it")

    incr = get = get_expiry = check = reset = clear = _answer


@pytest.fixture
def store(monkeypatch):
    """Is away for as long as `is_away` says; counts in `asked` how often it was asked."""
    monkeypatch.setattr(StoreThatMayBeAway, "is_away", False)
    monkeypatch.setattr(StoreThatMayBeAway, "asked", 0)
    return StoreThatMayBeAway


class Seconds:
    """A monotonic clock to move."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def monotonic():
    return Seconds()


@pytest.fixture
def storage(store, monotonic):
    return SharedOrLocalStorage(URI, monotonic=monotonic)


def accepted(storage, count):
    return sum(storage.acquire_entry("key", ALLOWED, 60) for _ in range(count))


class TestStorage:
    def test_never_counts_in_memory_while_the_shared_store_answers(self, storage, store):
        assert accepted(storage, ALLOWED + 1) == ALLOWED
        assert store.asked == ALLOWED + 1
        assert storage.is_shared

    def test_limits_hold_in_the_process_while_the_shared_store_is_away(self, storage, store):
        store.is_away = True
        assert accepted(storage, 3 * ALLOWED) == ALLOWED
        assert not storage.is_shared

    def test_tells_what_is_left_from_memory_too(self, storage, store):
        store.is_away = True
        accepted(storage, 30)
        assert storage.get_moving_window("key", ALLOWED, 60)[1] == 30

    def test_store_that_is_away_is_left_alone_for_a_while(self, storage, store, monotonic):
        store.is_away = True
        accepted(storage, 10)
        monotonic.now += RETRY_SECONDS - 0.1
        accepted(storage, 10)
        assert store.asked == 1

    def test_one_request_at_a_time_looks_whether_it_is_back(self, storage, store, monotonic):
        store.is_away = True
        accepted(storage, 1)
        monotonic.now += RETRY_SECONDS
        accepted(storage, 10)
        assert store.asked == 2

    def test_shared_store_counts_again_when_it_is_back(self, storage, store, monotonic):
        accepted(storage, 70)
        store.is_away = True
        accepted(storage, ALLOWED)
        store.is_away = False
        monotonic.now += RETRY_SECONDS
        assert accepted(storage, ALLOWED) == 30
        assert storage.is_shared

    def test_forgetting_a_count_works_while_the_store_is_away(self, storage, store):
        store.is_away = True
        accepted(storage, ALLOWED)
        storage.clear("key")
        assert accepted(storage, ALLOWED) == ALLOWED

    def test_threads_that_find_it_away_at_the_same_moment_all_get_an_answer(
        self, store, monkeypatch
    ):
        storage, all_are_asking = SharedOrLocalStorage(URI), threading.Barrier(8)

        def fail_together(*_args, **_kwargs):
            all_are_asking.wait(timeout=30)
            raise ConnectionError

        monkeypatch.setattr(store, "acquire_entry", fail_together)
        with ThreadPoolExecutor(8) as threads:
            answers = [threads.submit(accepted, storage, 1) for _ in range(8)]
        assert [answer.result() for answer in answers] == [1] * 8

    @pytest.mark.usefixtures("app")  # it sets up the logs
    def test_says_once_that_the_store_went_and_once_that_it_came_back(
        self, storage, store, monotonic, log_lines
    ):
        store.is_away = True
        for _ in range(3):
            accepted(storage, 5)
            monotonic.now += RETRY_SECONDS
        store.is_away = False
        accepted(storage, 5)

        said = [json.loads(line) for line in log_lines]
        assert [line.get("exception") or line["message"] for line in said] == [
            "ConnectionError",
            "The store of limits is away: this process counts for itself.",
            "The store of limits is back: all processes count together.",
        ]
        assert SECRET not in "".join(log_lines)


@pytest.mark.parametrize("uri", ["memory://", "memory:"])
def test_memory_needs_no_other_memory_behind_it(uri):
    assert limit_storage_uri(uri) == "process://"


def test_store_without_a_moving_window_is_refused_at_the_start(settings):
    """It would count in fixed windows, which let twice as much through at their edges."""
    with pytest.raises(ConfigurationError, match="RATELIMIT_STORAGE_URI cannot be used"):
        create_app(replace(settings, ratelimit_storage_uri="fixed-window-only://"))


class TestValkey:
    """With a real one, over HTTP."""

    @pytest.fixture
    def post(self, settings, make_app, own_valkey, project):
        def send(count):
            headers = {"X-Pionne-Token": project.token}
            answers = (
                client.post("/feedback", json={"message": ""}, headers=headers)
                for _ in range(count)
            )
            return Counter(answer.status_code for answer in answers)

        shared = replace(settings, ratelimit_storage_uri=own_valkey.connection_url)
        client = make_app(shared).test_client()
        return send

    def test_apps_that_share_one_count_together(self, settings, make_app, valkey_url, project):
        shared = replace(settings, ratelimit_storage_uri=valkey_url)
        headers = {"X-Pionne-Token": project.token}
        clients = [make_app(shared).test_client() for _ in range(2)]
        answers = Counter(
            client.post("/feedback", json={"message": ""}, headers=headers).status_code
            for _ in range(ALLOWED)
            for client in clients
        )
        assert answers == {422: ALLOWED, 429: ALLOWED}
        assert limits_are_shared()

    def test_requests_are_taken_and_limited_while_it_is_away(self, post, own_valkey):
        post(1)
        own_valkey.stop()
        assert post(ALLOWED + 1) == {422: ALLOWED, 429: 1}
        assert not limits_are_shared()
        assert not limit_storage_answers()

    def test_app_that_starts_while_it_is_away_takes_requests_too(
        self, settings, make_app, own_valkey, project
    ):
        shared = replace(settings, ratelimit_storage_uri=own_valkey.connection_url)
        own_valkey.stop()
        client = make_app(shared).test_client()
        response = client.post("/feedback", headers={"X-Pionne-Token": project.token})
        assert response.status_code == 422

    def test_connection_that_broke_since_its_last_use_is_made_anew(self, post, own_valkey):
        post(1)
        own_valkey.stop()
        own_valkey.start()
        post(1)
        assert limits_are_shared()

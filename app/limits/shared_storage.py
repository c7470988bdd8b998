"""Where limits are counted: in the store that all workers share; in the process while it is away.

Flask-Limiter has a fallback of its own (`in_memory_fallback_enabled`), which is not used: the first
thread to find the store gone switches it on, and every other thread that found out at the same
moment answers 500. Here each call to the store falls back for itself.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from limits.storage import (
    MongoDBStorage,
    MovingWindowSupport,
    RedisStorage,
    Storage,
    storage_from_string,
)
from limits.util import get_dependency

from app.limits import process_storage
from app.limits.process_storage import ProcessStorage
from app.limits.redis_storage import OwnClockRedisStorage
from app.logs import log_change, log_failure

# How long a request waits for the store, twice at most; an answer takes less than a millisecond.
STORE_TIMEOUT_SECONDS = 1
# While the store is away, one request of each process looks for it this often.
RETRY_SECONDS = 5

_SCHEME = "shared-or-local"
Answer = TypeVar("Answer")
# Those that can keep a moving window.
MovingWindowStorage = ProcessStorage | RedisStorage | MongoDBStorage


def limit_storage_uri(uri: str) -> str:
    """What the limiter is told for RATELIMIT_STORAGE_URI; memory:// cannot go away."""
    return f"{process_storage.SCHEME}://" if uri.startswith("memory:") else f"{_SCHEME}:{uri}"


class SharedOrLocalStorage(Storage, MovingWindowSupport):
    """Never raises for a store that fails: whatever can be asked is then answered from memory."""

    STORAGE_SCHEME = [_SCHEME]

    def __init__(
        self,
        uri: str,
        wrap_exceptions: bool = False,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        **options: float | str | bool,
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._shared = _shared_storage(uri.removeprefix(f"{_SCHEME}:"), options)
        self._local = ProcessStorage()
        self._monotonic = monotonic
        self._guard = threading.Lock()  # of the two below
        self._is_away = False
        self._next_attempt = 0.0

    @property
    def is_shared(self) -> bool:
        """Whether the shared store counted last."""
        return not self._is_away

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return self._shared.base_exceptions

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        return self._ask(lambda store: store.acquire_entry(key, limit, expiry, amount))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        return self._ask(lambda store: store.get_moving_window(key, limit, expiry))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self._ask(lambda store: store.incr(key, expiry, amount))

    def get(self, key: str) -> int:
        return self._ask(lambda store: store.get(key))

    def get_expiry(self, key: str) -> float:
        return self._ask(lambda store: store.get_expiry(key))

    def clear(self, key: str) -> None:
        self._ask(lambda store: store.clear(key))

    def reset(self) -> int | None:
        return self._ask(lambda store: store.reset())

    def check(self) -> bool:
        """Whether the shared store answers now."""
        return self._shared.check()

    def _ask(self, question: Callable[[MovingWindowStorage], Answer]) -> Answer:
        if self._may_ask_shared():
            try:
                answer = question(self._shared)
            except Exception as error:  # each kind of store fails in its own way
                self._found_away(error)
            else:
                self._found_back()
                return answer
        return question(self._local)

    def _may_ask_shared(self) -> bool:
        if not self._is_away:
            return True
        with self._guard:
            is_due = self._monotonic() >= self._next_attempt
            if is_due:
                self._next_attempt = self._monotonic() + RETRY_SECONDS
        return is_due

    def _found_away(self, error: Exception) -> None:
        with self._guard:
            is_news, self._is_away = not self._is_away, True
            self._next_attempt = self._monotonic() + RETRY_SECONDS
        if is_news:
            log_failure(error)
            log_change("The store of limits is away: this process counts for itself.")

    def _found_back(self) -> None:
        if not self._is_away:
            return
        with self._guard:
            is_news, self._is_away = self._is_away, False
        if is_news:
            log_change("The store of limits is back: all processes count together.")


def _shared_storage(uri: str, options: dict[str, Any]) -> MovingWindowStorage:
    if uri.startswith("redis"):
        # A connection that broke since its last use is made anew once. The client's own ten
        # retries, of five seconds each, would hold up every thread of the process.
        redis, _ = get_dependency("redis")  # 6 MiB, which who counts in memory does not carry
        retry = redis.retry.Retry(redis.backoff.NoBackoff(), 1)
        timeout_seconds = STORE_TIMEOUT_SECONDS
        options = options | {
            "retry": retry,
            "socket_timeout": timeout_seconds,
            "socket_connect_timeout": timeout_seconds,
        }
    if uri.partition("://")[0] in RedisStorage.STORAGE_SCHEME:
        return OwnClockRedisStorage(uri, **options)
    storage = storage_from_string(uri, **options)
    if not isinstance(storage, MovingWindowStorage):
        raise NotImplementedError(f"{type(storage).__name__} has no moving window.")
    return storage

"""Where limits are counted when one process counts for itself.

The storage that `limits` brings walks every key it knows a hundred times a second and forgets none:
with thousands of projects, or of strangers' addresses, that costs more than answering them
(docs/decisions/0016-counting-in-memory.md). Here each request tidies up after two others.
"""

import threading
import time
from array import array
from bisect import bisect_left
from collections import defaultdict

from limits.storage import MovingWindowSupport, Storage

SCHEME = "process"
# Only goes forward: by the time of day, an hour's step back would refuse everything for an hour.
# Tests that move the time of day put that in its place.
forward_seconds = time.monotonic
# More than the one key that a request may add, so that what is over is forgotten in the end.
_KEYS_TIDIED_EACH_TIME = 2


class ProcessStorage(Storage, MovingWindowSupport):
    """Moving windows, exact among the threads of this process; `memory://` in the settings."""

    STORAGE_SCHEME = [SCHEME]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._guard = threading.Lock()
        # When the accepted ones came, by `forward_seconds`, oldest first. In an array, because a
        # deque has room for 64 from the start, and there is one for each project. By the length of
        # the windows in seconds, and by key, of which the one counted longest ago comes first: all
        # together, one that counts for a day would keep those of a minute from being forgotten.
        self._windows: dict[int, dict[str, array[float]]] = defaultdict(dict)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount`, all or nothing; False when more than `limit` would be in the window."""
        now = forward_seconds()
        with self._guard:
            self._tidy(now)
            windows = self._windows[expiry]
            accepted = windows.pop(key, None) or array("d")
            windows[key] = accepted
            _forget_before(now - expiry, accepted)
            if len(accepted) + amount > limit:
                return False
            accepted.extend([now] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest that still counts came, in seconds since 1970, or now; and how many
        count."""
        now = forward_seconds()
        with self._guard:
            accepted = self._windows.get(expiry, {}).get(key)
            if accepted is None:
                return time.time(), 0
            _forget_before(now - expiry, accepted)
            return time.time() - (now - accepted[0] if accepted else 0), len(accepted)

    def clear(self, key: str) -> None:
        with self._guard:
            for windows in self._windows.values():
                windows.pop(key, None)

    def reset(self) -> int | None:
        with self._guard:
            count = self.key_count()
            self._windows.clear()
            return count

    def check(self) -> bool:
        return True

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ()  # nothing outside this process can fail

    def get(self, key: str) -> int:
        with self._guard:
            return sum(len(windows.get(key, ())) for windows in self._windows.values())

    def get_expiry(self, key: str) -> float:
        """When the newest stops counting, in seconds since 1970."""
        with self._guard:
            for expiry_seconds, windows in self._windows.items():
                if accepted := windows.get(key):
                    return time.time() + accepted[-1] + expiry_seconds - forward_seconds()
            return time.time()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Fixed windows are refused: twice the allowance gets through at their edges."""
        raise NotImplementedError("only moving windows are counted here")

    def key_count(self) -> int:
        """How many keys it remembers. Not `len`: Flask-Limiter takes an empty storage for none."""
        return sum(map(len, list(self._windows.values())))

    def _tidy(self, now: float) -> None:
        for expiry_seconds, windows in self._windows.items():
            for _ in range(_KEYS_TIDIED_EACH_TIME):
                oldest = next(iter(windows), None)
                if oldest is None:
                    break
                accepted = windows[oldest]
                if accepted and accepted[-1] >= now - expiry_seconds:
                    break
                del windows[oldest]


def _forget_before(start: float, accepted: "array[float]") -> None:
    over = bisect_left(accepted, start)
    if over:
        del accepted[:over]

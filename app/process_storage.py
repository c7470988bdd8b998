"""Where limits are counted when one process counts for itself.

The storage that `limits` brings walks every key it knows a hundred times a second and forgets none:
with thousands of projects, or of strangers' addresses, that costs more than answering them
(docs/decisions/0016-counting-in-memory.md). Here each request tidies up after two others.
"""

import threading
import time
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field

from limits.storage import MovingWindowSupport, Storage

SCHEME = "process"
# More than the one key that a request may add, so that what is over is forgotten in the end.
_KEYS_TIDIED_EACH_TIME = 2


@dataclass(slots=True)
class _Window:
    """When the accepted ones came, in seconds since 1970, oldest first.

    In an array, because a deque has room for 64 from the start, and there is one for each project.
    """

    expiry_seconds: int
    accepted: "array[float]" = field(default_factory=lambda: array("d"))

    def forget_before(self, now: float) -> None:
        over = bisect_left(self.accepted, now - self.expiry_seconds)
        if over:
            del self.accepted[:over]


class ProcessStorage(Storage, MovingWindowSupport):
    """Moving windows, exact among the threads of this process; `memory://` in the settings."""

    STORAGE_SCHEME = [SCHEME]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._guard = threading.Lock()
        # The one that was counted longest ago comes first.
        self._windows: dict[str, _Window] = {}

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount`, all or nothing; False when more than `limit` would be in the window."""
        now = time.time()
        with self._guard:
            self._tidy(now)
            window = self._windows.pop(key, None) or _Window(expiry)
            self._windows[key] = window
            window.forget_before(now)
            if len(window.accepted) + amount > limit:
                return False
            window.accepted.extend([now] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest that still counts came, or now; and how many count."""
        now = time.time()
        with self._guard:
            window = self._windows.get(key)
            if window is None:
                return now, 0
            window.forget_before(now)
            return (window.accepted[0] if window.accepted else now), len(window.accepted)

    def clear(self, key: str) -> None:
        with self._guard:
            self._windows.pop(key, None)

    def reset(self) -> int | None:
        with self._guard:
            count = len(self._windows)
            self._windows.clear()
            return count

    def check(self) -> bool:
        return True

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ()  # nothing outside this process can fail

    def get(self, key: str) -> int:
        with self._guard:
            window = self._windows.get(key)
            return len(window.accepted) if window else 0

    def get_expiry(self, key: str) -> float:
        """When the newest stops counting, in seconds since 1970."""
        with self._guard:
            window = self._windows.get(key)
            if window is None or not window.accepted:
                return time.time()
            return window.accepted[-1] + window.expiry_seconds

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Fixed windows are refused: twice the allowance gets through at their edges."""
        raise NotImplementedError("only moving windows are counted here")

    def key_count(self) -> int:
        """How many keys it remembers. Not `len`: Flask-Limiter takes an empty storage for none."""
        return len(self._windows)

    def _tidy(self, now: float) -> None:
        for _ in range(_KEYS_TIDIED_EACH_TIME):
            oldest = next(iter(self._windows), None)
            if oldest is None:
                return
            window = self._windows[oldest]
            window.forget_before(now)
            if window.accepted:
                return
            del self._windows[oldest]

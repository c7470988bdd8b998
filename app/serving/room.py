"""How many bytes of large requests a worker holds in memory before a thread begins with them."""

from threading import Lock


class Room:
    """Threads share one, and each tells what it puts in and takes out."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._guard = Lock()

    def take(self, size: int) -> bool:
        """Whether there is so much left; it is the caller's then, until it is given back."""
        with self._guard:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        with self._guard:
            self._left += size

"""Long work in small steps that leaves room for others.

Whoever gives back SQLite's write lock and takes it again at once is always faster than those who
wait for it: their requests would end in 503 while a purge runs. So it rests between its steps.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Step = TypeVar("Step")

_SHORTEST_REST_SECONDS = 0.005


def resting(
    steps: Iterable[Step], *, rest: Callable[[float], object] = time.sleep
) -> Iterator[Step]:
    """The steps, each followed by a rest as long as the step took; `rest` takes seconds."""
    began = time.monotonic()
    for step in steps:
        yield step
        rest(max(_SHORTEST_REST_SECONDS, time.monotonic() - began))
        began = time.monotonic()

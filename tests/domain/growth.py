"""Whether time grows with a text and not with its square.

Growth is measured, not time: a slow machine is slow at both lengths.
"""

import time
from collections.abc import Callable
from typing import Any

LONG_CHARS = 200_000
LENGTHS = (12_500, 50_000, LONG_CHARS)  # rising, so that a quadratic search is caught while short
MOST_GROWTH = 9  # four times the text: linear is 4, quadratic 16
NEGLIGIBLE_SECONDS = 0.02  # below this the clock's grain decides; a quadratic search takes longer


def cpu_seconds(work: Callable[[str], Any], text: str, *, enough: float = 0) -> float:
    """The least of three runs; one that takes less than enough spares the others."""
    least = float("inf")
    for _ in range(3):
        began = time.process_time()
        work(text)
        least = min(least, time.process_time() - began)
        if least < enough:
            break
    return least


def filled(unit: str, chars: int) -> str:
    return (unit * chars)[:chars]


def grows_linearly(work: Callable[[str], Any], text_of: Callable[[int], str]) -> bool:
    seconds = cpu_seconds(work, text_of(LENGTHS[0]))
    for chars in LENGTHS[1:]:
        limit = max(MOST_GROWTH * seconds, NEGLIGIBLE_SECONDS)
        seconds = cpu_seconds(work, text_of(chars), enough=limit)
        if seconds >= limit:
            return False
    return True

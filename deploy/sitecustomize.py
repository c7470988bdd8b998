"""In a container, end when told to, also before the service serves. Python runs this at its start.

The kernel keeps from process 1 every signal that it does not handle: a stop during the start,
or during a long migration, was waited for in vain and ended by a kill. gunicorn puts its own
handler in this one's place.
"""

import os
import signal
import sys
from types import FrameType

# What a shell reports of a process that SIGTERM has ended.
_ENDED = 128 + signal.SIGTERM


def _end(_number: int, _frame: FrameType | None) -> None:
    """An exception and no sudden end: a migration that was at work is rolled back."""
    sys.exit(_ENDED)


if os.getpid() == 1:
    signal.signal(signal.SIGTERM, _end)

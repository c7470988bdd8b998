"""Where the workers of one gunicorn keep what they count, so that any of them can answer for all.

gunicorn.conf.py calls this; nobody has to set or clean up anything. A worker counts in files of its
*slot*, not of its process id: the next worker in the slot counts on in the same files, so they stay
as few as there are workers, however often those are replaced, and no count is lost with a worker.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from prometheus_client import values

# The folder is the master's for as long as it lives.
SURVIVES_RELOAD = True

_PREFIX = "pionne-metrics-"
# In memory: written at every request, and of no use after a restart.
_MEMORY = Path("/dev/shm")
_FILE_BYTES = 1024 * 1024  # some four thousand series
_KINDS = ("counter", "histogram")

_is_sharing = False


def shared_folder() -> Path | None:
    """Where this worker and all others count; None in a process that counts for itself."""
    return folder() if _is_sharing else None


@cache
def folder() -> Path:
    """A new folder for this process and the workers it forks, the same each time.

    It is locked for as long as one of them lives. Folders that nobody holds any more, because a
    kill or a power cut ended all of them, are removed.
    """
    parent = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    for left in parent.glob(f"{_PREFIX}*"):
        _remove_unless_held(left)
    while True:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        if _hold(made) is not None and made.exists():  # nobody took it for one that was left
            return made


def remove_folder() -> None:
    """When the last worker has ended."""
    shutil.rmtree(folder(), ignore_errors=True)


def free_slot(taken: Iterable[int]) -> int:
    """The lowest number that no living worker has."""
    others = set(taken)
    return next(slot for slot in range(len(others) + 1) if slot not in others)


def share(slot: int) -> None:
    """Have this process count in its slot's files; to be called before it makes its app.

    Raises OSError when there is no room; the process then counts for itself.
    """
    for kind in _KINDS:
        file = folder() / f"{kind}_{slot}.db"
        if not file.exists():
            # Filled, not sparse: writing to a mapped page that finds no room kills the process.
            beside = file.with_suffix(".new")
            beside.write_bytes(bytes(_FILE_BYTES))
            beside.rename(file)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder())  # the library's only way to be told
    values.ValueClass = values.MultiProcessValue(lambda: slot)
    global _is_sharing
    _is_sharing = True


def _remove_unless_held(left: Path) -> None:
    descriptor = _hold(left)
    if descriptor is not None:
        shutil.rmtree(left, ignore_errors=True)
        os.close(descriptor)


def _hold(held: Path) -> int | None:
    """Lock the folder until this process and its children end; None when another one does."""
    try:
        descriptor = os.open(held, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # gone, or no folder of ours
        return None
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise BlockingIOError
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor

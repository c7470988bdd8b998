"""Tells whether an instance is being served, across processes: a lock on a file in its folder.

Processes that count limits in a shared store may serve one folder together and hold it shared. One
that counts in memory holds it alone, and so does a command that must not run beside a server. The
operating system lets go when the last process that has the file ends, however it ends: the file
itself says nothing.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.services.instance.ownership import give_to_owner_of_folder

_FILE_NAME = "serving.lock"


class BeingServed(Exception):
    """Another process serves from the folder, or a command has locked it for itself."""


def serve_from(instance_dir: Path, *, alone: bool) -> None:
    """Hold the folder until this process, its workers and its successors have ended.

    Raises BeingServed. A folder that is not there, or that this process may only read, holds no
    database of its own and needs no lock to be shared.
    """
    if instance_dir.is_dir() and (alone or os.access(instance_dir, os.W_OK)):
        # A gunicorn that is replaced by a new one (SIGUSR2) hands the lock on with the process.
        os.set_inheritable(_lock(instance_dir, fcntl.LOCK_EX if alone else fcntl.LOCK_SH), True)


@contextmanager
def nobody_serves_from(instance_dir: Path) -> Iterator[None]:
    """Keep servers from starting for as long as the block runs; raises BeingServed."""
    lock = _lock(instance_dir, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def _lock(instance_dir: Path, kind: int) -> int:
    path = instance_dir / _FILE_NAME
    lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    give_to_owner_of_folder(path)
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise BeingServed from None
    return lock

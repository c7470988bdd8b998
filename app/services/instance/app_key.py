"""Makes the key of a fresh instance. One that exists is never replaced, whoever else makes one."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from app.services.instance.ownership import give_to_owner_of_folder

_KEY_BYTES = 32


def make_key(path: Path) -> bool:
    """Write a new key, for its owner only; whether there was none before.

    Raises OSError where it cannot be written.
    """
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whole before it has its name: another process reads a key that is complete, or none.
    descriptor, unfinished = mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{secrets.token_hex(_KEY_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        give_to_owner_of_folder(Path(unfinished))
        with suppress(FileExistsError):
            os.link(unfinished, path)  # unlike a rename, replaces nothing
            return True
        return False
    finally:
        os.unlink(unfinished)

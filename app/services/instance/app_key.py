"""Makes the key of a fresh instance; never replaces one, even if two processes make it at once."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from app.services.instance.ownership import give_to_owner_of_folder

_KEY_BYTES = 32


def make_key(path: Path) -> bool:
    """Write a new key, readable by its owner only; returns False if there was one already.

    Raises OSError where it cannot be written.
    """
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # It gets its name when it is complete: another process reads the whole key, or none.
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

"""Gives the files that a command makes to the owner of the instance's folder.

The service often runs as a user of its own, and whoever runs a command is often root: a database,
or a lock, that only root may open would shut the service out. SQLite does the same for its logs.
"""

import os
from contextlib import suppress
from pathlib import Path


def give_to_owner_of_folder(path: Path) -> None:
    """Only root can give files away; all others own what they make, as they should."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        with suppress(PermissionError):  # in some containers root may not do this
            os.chown(path, folder.st_uid, folder.st_gid)

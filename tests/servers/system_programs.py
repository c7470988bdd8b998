"""Programs that no Python package carries: the system has nginx, PgBouncer, Chromium, or has not.

A test that needs a missing one says so in one line. Where everything is expected to be there
(REQUIRE_ALL=1, as .ci/run sets), it fails.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

# Debian keeps nginx and PgBouncer where an ordinary user's PATH does not look.
_SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])


def system_program(*names: str, package: str) -> Path:
    """Where the first of the names is installed; else the test is skipped, or fails."""
    for name in names:
        if found := shutil.which(name, path=_SEARCHED):
            return Path(found)
    did_not_run(f"{names[0]} is not installed (Debian: apt-get install {package}).")


def did_not_run(reason: str) -> NoReturn:
    """Skips the test with this line, or fails it where every test is to run."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"{reason} REQUIRE_ALL=1 wants every test to run.", pytrace=False)
    pytest.skip(f"Did not run: {reason}")

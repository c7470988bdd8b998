"""The two commands as they are typed."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from bench.instance import ROOT


@pytest.fixture
def measure() -> Callable[..., str]:
    """`python -m bench.…`; returns what it prints."""

    def run(module: str, *arguments: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "error"},
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run

"""Puts packages of PyPI and npm into a cache, once for each version: `SDK_CACHE`, else ~/.cache.

A folder is there with everything in it, or not at all, however many processes of the tests want it
at once. It is named after what it was made of, so a newer pin makes another one. No script of a
package is run.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.system_programs import did_not_run, system_program

_HERE = Path(__file__).parent
_MINUTES = 10


def python_packages(name: str) -> Path:
    """A folder for PYTHONPATH with what requirements/NAME.txt pins."""
    requirements = _HERE / "requirements" / f"{name}.txt"

    def install(folder: Path) -> None:
        options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--quiet"]
        options += ["--disable-pip-version-check", "--no-input", "--target", str(folder)]
        _run([sys.executable, "-m", "pip", "install", *options, "-r", str(requirements)], folder)

    return _cached(f"python-{name}", [requirements], install)


def npm_packages(name: str) -> Path:
    """A folder whose `node_modules` has what npm/NAME pins."""
    npm = system_program("npm", package="npm")
    pinned = [_HERE / "npm" / name / file for file in ("package.json", "package-lock.json")]

    def install(folder: Path) -> None:
        for file in pinned:
            shutil.copy(file, folder)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run([str(npm), "ci", *options], folder)

    return _cached(f"npm-{name}", pinned, install)


def browser_script(name: str) -> Path:
    """One script for a page with all of @sentry/browser, which makes a global `Sentry`."""
    packages = npm_packages(name)
    build = packages / "node_modules" / "@sentry" / "browser" / "build"
    for own in (build / "bundle.debug.min.js", build / "bundle.min.js"):
        if own.exists():  # versions 5 and 6 bring it along
            return own
    bundler = npm_packages("bundler") / "node_modules" / ".bin" / "esbuild"

    def bundle(folder: Path) -> None:
        options = ["--bundle", "--format=iife", "--global-name=Sentry", "--log-level=error"]
        command = [str(bundler), "@sentry/browser", *options, f"--outfile={folder}/bundle.js"]
        _run(command, packages)

    return _cached(f"script-of-{packages.name}", [bundler], bundle) / "bundle.js"


def _cached(name: str, made_of: list[Path], make: Callable[[Path], None]) -> Path:
    cache = _cache()
    mark = hashlib.sha256(b"\0".join(file.read_bytes() for file in made_of)).hexdigest()[:12]
    version = ".".join(map(str, sys.version_info[:2]))
    folder = cache / f"{name}-{version}-{mark}"
    with _alone(cache / f"{folder.name}.lock"):
        if not folder.exists():
            unfinished = cache / f"{folder.name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


def _cache() -> Path:
    of_user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = Path(os.environ.get("SDK_CACHE") or Path(of_user) / "pionne-feedback" / "sdks")
    cache.mkdir(parents=True, exist_ok=True)
    return cache.resolve()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list[str], folder: Path) -> None:
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60 * _MINUTES
    )
    if ended.returncode:
        told = (ended.stderr + ended.stdout).strip().splitlines() or ["it said nothing"]
        did_not_run(f"{Path(command[0]).name} could not install an SDK: {told[-1]}")

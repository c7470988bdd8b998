"""What it was measured on, in words that may be published: no host name, no path."""

import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

_PACKAGES = ("gunicorn", "Flask", "Flask-Limiter", "marshmallow", "SQLAlchemy", "psycopg")


def describe(folder: Path, *, postgresql: str | None, client: str | None = None) -> str:
    """One paragraph; `folder` is where the databases lie, and only its kind of disk is told."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gigabytes = psutil.virtual_memory().total / 2**30
    facts = [
        f"{datetime.now(UTC).date()}",
        f"{platform.system()} on {platform.machine()}, {cores} cores, {gigabytes:.0f} GiB",
        f"load average at the start {psutil.getloadavg()[0]:.1f}",
        f"{platform.python_implementation()} {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version} on {_file_system(folder)}",
        *([f"PostgreSQL {postgresql}"] if postgresql else []),
        *(f"{name} {version(name)}" for name in _PACKAGES),
        *([f"load by {client}"] if client else []),
    ]
    return "; ".join(facts) + "."


def _file_system(folder: Path) -> str:
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next(
        (
            mounts[place]
            for place in (folder.resolve(), *folder.resolve().parents)
            if place in mounts
        ),
        "an unknown file system",
    )

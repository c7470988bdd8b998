"""Whose code the CPU time of requests goes to, by looking where they are every few milliseconds.

A profiler that watches every call costs more than what it watches, and unevenly: it took half of
Flask's time for its own. Looking costs nothing in between. Python's standard library works for its
callers, so what counts is the innermost frame of a room.
"""

import signal
import sysconfig
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from bench.instance import ROOT
from bench.ladder import seen_sqlite

# Of CPU time; the system may take its own, longer, step.
_LOOK_EVERY_SECONDS = 0.001
# What belongs together, by the name of the installed package.
_PACKAGES = {
    "flask": "Flask, Werkzeug",
    "werkzeug": "Flask, Werkzeug",
    "blinker": "Flask, Werkzeug",
    "flask_limiter": "Flask-Limiter, limits",
    "limits": "Flask-Limiter, limits",
    "ordered_set": "Flask-Limiter, limits",
    "sqlalchemy": "SQLAlchemy",
    "flask_sqlalchemy": "SQLAlchemy",
    "psycopg": "psycopg, libpq",
    "psycopg_binary": "psycopg, libpq",
    "email_validator": "email-validator",
    "idna": "email-validator",
}
_LOGGING = "logging"
OTHER = "elsewhere"
_APP = ROOT / "app"
_STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))
_INSTALLED = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}


def seconds_by_room(work: Callable[[], object]) -> dict[str, float]:
    """CPU time of this thread, which must be the main one, while it does the work.

    Each look counts for the CPU time since the one before.
    """
    found: defaultdict[str, float] = defaultdict(float)
    last = time.thread_time()

    def look(_number: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.thread_time()
        found[_innermost_room(frame)] += now - last
        last = time.thread_time()

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _LOOK_EVERY_SECONDS, _LOOK_EVERY_SECONDS)
    try:
        work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return dict(found)


def _innermost_room(frame: FrameType | None) -> str:
    while frame is not None:
        if room := room_of(frame.f_code.co_filename, frame.f_code.co_name):
            return room
        frame = frame.f_back
    return OTHER


def room_of(file_name: str, function: str) -> str | None:
    """None for what works for its callers."""
    path = Path(file_name)
    if path == Path(seen_sqlite.__file__):
        return seen_sqlite.ROOMS[function]
    if path.is_relative_to(_APP):
        return f"app.{path.relative_to(_APP).parts[0].removesuffix('.py')}"
    for place in _INSTALLED:
        if path.is_relative_to(place):
            package = path.relative_to(place).parts[0].removesuffix(".py")
            return _PACKAGES.get(package, package)
    if path.is_relative_to(_STANDARD_LIBRARY / "logging"):
        return _LOGGING
    return None

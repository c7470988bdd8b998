"""What a check of `pionne-feedback doctor` finds, and how bad it is."""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """The number is the exit code that it leads to."""

    OK = 0
    # It works; somebody should look at it soon.
    WARNING = 1
    # It is broken or unsafe now.
    PROBLEM = 2


@dataclass(frozen=True)
class Finding:
    """`message` is one line and says what to do; it may name paths and hosts, and no secret."""

    check: str
    level: Level
    message: str


def fine(check: str, message: str) -> Finding:
    return Finding(check, Level.OK, message)


def warning(check: str, message: str) -> Finding:
    return Finding(check, Level.WARNING, message)


def problem(check: str, message: str) -> Finding:
    return Finding(check, Level.PROBLEM, message)


def reason(error: BaseException) -> str:
    """The first line of an error of the system, or of a database's driver.

    Of any other error only the name of its class: its text was not written for people, and may
    quote anything.
    """
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError) and cause.strerror:
        return f"{cause.strerror} ({cause.filename})" if cause.filename else cause.strerror
    if cause is not error or type(cause).__module__.partition(".")[0] in ("sqlite3", "psycopg"):
        return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    return type(cause).__name__

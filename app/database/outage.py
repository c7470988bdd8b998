"""What this process knows of a failing database: two lines in the log, however many requests fail.

Each request that fails has its own line in the log anyway. The two lines here say when the outage
began and why, and when it was over. A second cause meanwhile has a first line of its own.
"""

import threading
from datetime import UTC, datetime, timedelta
from typing import cast

from flask import Flask

from app.current import this_app
from app.database_causes import Cause, Failure
from app.logs import log_change, log_outage

# A disk that is almost full takes a small write and refuses the next one: that is one outage.
QUIET = timedelta(seconds=5)


class DatabaseOutage:
    """The outage of one app's database. `failure` is its cause; None while there is no outage."""

    def __init__(self) -> None:
        self.failure: Failure | None = None
        self.writes = 0  # how many succeeded, about: threads may overwrite each other's count
        self._guard = threading.Lock()
        self._told: set[Cause] = set()
        self._refused = 0
        self._began = self._last = datetime.min.replace(tzinfo=UTC)

    def note_failure(self, failure: Failure, *, now: datetime) -> None:
        """Note a failure that somebody was answered with, or that a look at the database met."""
        with self._guard:
            if self.failure is None:
                self._began, self._refused = now, 0
                self._told.clear()
            self.failure, self._last = failure, now
            self._refused += 1
            is_news = failure.cause not in self._told
            self._told.add(failure.cause)
        if is_news:
            log_outage(str(failure.cause), cause=failure.cause.name, code=failure.code)

    def note_success(self, *, now: datetime, is_sure: bool = False) -> None:
        """Note that a write succeeded; `is_sure` when it wrote as much as any request writes."""
        with self._guard:
            # The clock may have been set back.
            if self.failure is None or (abs(now - self._last) < QUIET and not is_sure):
                return
            self.failure = None
            seconds, refused = round(abs(now - self._began).total_seconds()), self._refused
        log_change(
            f"The database works again, after {seconds} seconds and {refused} failures."
            " What was refused then is lost, unless its sender tries again."
        )


def init_database_outage(app: Flask) -> None:
    app.extensions["database_outage"] = DatabaseOutage()


def this_outage() -> DatabaseOutage:
    return cast(DatabaseOutage, this_app().extensions["database_outage"])

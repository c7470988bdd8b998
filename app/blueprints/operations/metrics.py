"""What is counted, in a registry of each app's own, so that a process may make many apps.

Every label has few values, all of them ours: route templates and not paths, known methods, names
of limits. A project, an address or a text would cost memory without bound, and tell about people.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import product

from flask import Flask, Response
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from app import signals
from app.config import Settings
from app.current import this_request
from app.domain.losses import LossKind, LossReason, LossSource
from app.domain.scrubber import KINDS
from app.logs import log_failure, request_seconds
from app.services.instance import figures as instance_figures
from app.services.instance.readiness import limiter_problem
from app.services.projects import disk_shares
from app.serving.worker_files import shared_folder
from app.signals import listen

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_REQUEST_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_DATABASE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3)
_POSTED = (LossKind.FEEDBACK, LossKind.SESSION, LossKind.EVENT)

_LARGEST_PROJECTS = 5

# They would double the lines, and are not known of several processes.
disable_created_metrics()


class Metrics:
    """The counters of one app, and the listeners that move them."""

    def __init__(self, app: Flask) -> None:
        self._settings: Settings = app.config["PIONNE"]
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "pionne_request_seconds",
            "Time that requests took; its count is their number.",
            ("method", "route", "status"),
            buckets=_REQUEST_SECONDS,
            registry=self._registry,
        )
        self._database_seconds = Histogram(
            "pionne_request_database_seconds",
            "Of that, in the database, with waiting and commit.",
            ("method", "route"),
            buckets=_DATABASE_SECONDS,
            registry=self._registry,
        )
        self._accepted = self._counter("feedback_accepted", "Feedback stored as new.")
        self._deduplicated = self._counter("feedback_deduplicated", "Copies of stored feedback.")
        self._sessions = self._counter("session_reports_accepted", "Session reports taken.")
        self._events = self._counter("events_accepted", "Events stored.")
        self._redactions = self._counter("redactions", "Personal data not stored.", "kind")
        self._limited = self._counter("limited", "Requests refused by a limit.", "allowance")
        self._losses = self._counter(
            "losses", "What was refused or lost, or kept in part.", "source", "kind", "reason"
        )
        # A series that begins with its first count shows no rise.
        for kind in KINDS:
            self._redactions.labels(kind)
        for lost, reason in product(_POSTED, LossReason):
            self._losses.labels(LossSource.SERVER, lost, reason)
        # Finding one by its labels costs more than counting.
        self._of_requests: dict[tuple[str, str, int], tuple[Histogram, Histogram]] = {}
        self._this_thread = _ThreadTimes()
        self._listen(app)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"pionne_{name}", what, labels, registry=self._registry)

    def _listen(self, app: Flask) -> None:
        app.after_request(self._count_request)
        listen(app, signals.feedback_submitted, self._count_feedback)
        listen(app, signals.session_recorded, self._sessions.inc)
        listen(app, signals.event_ingested, self._count_event)
        listen(app, signals.request_limited, self._count_limited)
        listen(app, signals.loss_counted, self._count_loss)
        listen(app, signals.transaction_ended, self._time_transaction)

    def text(self) -> bytes:
        """In Prometheus' text format, of all worker processes together."""
        counted = self._registry
        if folder := shared_folder():
            counted = CollectorRegistry()
            MultiProcessCollector(counted, path=str(folder))
        return generate_latest(counted) + generate_latest(_Asked(self._settings))

    def _count_request(self, response: Response) -> Response:
        try:
            asked = this_request()
            method = asked.method if asked.method in _METHODS else "other"
            route = asked.url_rule.rule if asked.url_rule else "none"
            seconds, database_seconds = self._of_request(method, route, response.status_code)
            seconds.observe(request_seconds())
            if spent := self._this_thread.database_seconds:
                self._this_thread.database_seconds = 0.0
                database_seconds.observe(spent)
        except Exception as error:  # what was done stays done
            log_failure(error)
        return response

    def _of_request(self, method: str, route: str, status: int) -> tuple[Histogram, Histogram]:
        key = method, route, status
        if (known := self._of_requests.get(key)) is None:
            seconds = self._seconds.labels(method, route, status)
            known = seconds, self._database_seconds.labels(method, route)
            self._of_requests[key] = known
        return known

    def _count_feedback(self, *, is_new: bool, redactions: Mapping[str, int]) -> None:
        if is_new:
            self._accepted.inc()
            self._count_redactions(redactions)
        else:
            self._deduplicated.inc()

    def _count_event(self, *, redactions: Mapping[str, int]) -> None:
        self._events.inc()
        self._count_redactions(redactions)

    def _count_redactions(self, redactions: Mapping[str, int]) -> None:
        for kind, count in redactions.items():
            self._redactions.labels(kind).inc(count)

    def _count_limited(self, *, allowance: str) -> None:
        self._limited.labels(allowance).inc()

    def _count_loss(self, *, source: str, kind: str, reason: str, quantity: int) -> None:
        self._losses.labels(source, kind, reason).inc(quantity)

    def _time_transaction(self, *, seconds: float) -> None:
        self._this_thread.database_seconds += seconds


class _ThreadTimes(threading.local):
    """Adding up first, and counting once a request, is cheaper than counting each transaction."""

    database_seconds = 0.0


class _Asked(Collector):
    """Asked, not counted: what no process knows by itself. What cannot be told now is left out."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "pionne_limiter_store_up",
            "1 when the store of the limits answers; at 0 each process counts for itself.",
            value=int(limiter_problem() is None),
        )
        with suppress(OSError):
            yield GaugeMetricFamily(
                "pionne_disk_free_bytes",
                "What may still be written where the SQLite file is, or INSTANCE_DIR.",
                value=instance_figures.free_bytes(self._settings),
            )
        with suppress(OSError, SQLAlchemyError):
            yield GaugeMetricFamily(
                "pionne_database_bytes",
                "What the database takes, with SQLite's write-ahead log.",
                value=instance_figures.database_bytes(self._settings),
            )
        with suppress(SQLAlchemyError):
            yield from _open_feedback()
        with suppress(SQLAlchemyError):
            yield from _largest_projects()


def _largest_projects() -> Iterator[Metric]:
    """A few series, whoever they are: a project that is not among them has none."""
    disk = GaugeMetricFamily(
        "pionne_project_disk_bytes",
        "Estimate of all that is kept, of the projects with most; counted every few minutes.",
        labels=("project",),
    )
    for share in disk_shares.largest(limit=_LARGEST_PROJECTS):
        disk.add_metric([str(share.project_id)], share.bytes)
    yield disk
    events = GaugeMetricFamily(
        "pionne_project_event_bytes",
        "Content of events as it came, of the days that are kept, of the projects with most.",
        labels=("project",),
    )
    for share in disk_shares.most_events(limit=_LARGEST_PROJECTS):
        events.add_metric([str(share.project_id)], share.bytes)
    yield events


def _open_feedback() -> Iterator[Metric]:
    found = instance_figures.open_feedback()
    yield GaugeMetricFamily("pionne_feedback_open", "Feedback that is open.", value=found.count)
    if found.oldest:
        yield GaugeMetricFamily(
            "pionne_feedback_oldest_open_timestamp_seconds",
            "When the oldest of it came, in Unix time; nothing when none is open.",
            value=found.oldest.timestamp(),
        )

"""gunicorn's settings, and the checks that must pass before it listens.

The checks run once, in the master, so that a refusal is one line instead of a worker's traceback.
A reload (SIGHUP) imports this module anew, and gunicorn gives up for good when that fails; so a
reload is checked first, and leaves all as it was when the new settings or code cannot serve.
"""

import importlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from socket import AF_UNIX, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, getaddrinfo, socket
from typing import Any

from app import create_app
from app.config import ConfigurationError, read_settings
from app.extensions import db
from app.services import background_worker
from app.services.instance import serving_lock
from app.services.instance.readiness import limiter_problem, pooler_problem, startup_problems
from app.services.projects import background_purge
from app.serving import worker_files
from app.serving.worker import (
    hear_stops_after_forks,
    hold_stops,
    load_anew,
    settle,
    share_one_heap,
    tell_of_stops,
    tell_stopped,
)

try:
    _settings = read_settings(os.environ)
except ConfigurationError as error:
    sys.exit(str(error))

share_one_heap()
wsgi_app = "app.entrypoints.wsgi:app"
bind = _settings.bind_address
workers = _settings.workers
worker_class = "app.serving.worker.CompletingWorker"
threads = _settings.threads
# Idle connections of nginx; longer than its own 60 seconds, so that it is the one to close.
keepalive = 65
graceful_timeout = 30
# Three names of 200 characters in an address, each an emoji; nginx takes as many bytes.
limit_request_line = 8190
# A socket for remote control that nobody asked for.
control_socket_disable = True
# Whom to believe about addresses and https is TRUSTED_PROXIES' business alone.
forwarded_allow_ips = ""

# The app writes one JSON line a request itself. Should gunicorn's access log be switched on, it
# shows no address, no path and no query string either.
accesslog = None
access_log_format = (
    '{"time": "%(t)s", "method": "%(m)s", "status": %(s)s, "milliseconds": %(M)s,'
    ' "request_id": "%({x-request-id}o)s"}'
)
logger_class = "app.logs.PrivateGunicornLogger"
loglevel = "warning"


def on_starting(server: Any) -> None:
    """Refuse to start, in lines that say what to do."""
    problems = _problems(workers=server.cfg.workers)
    problems += [problem for problem in (_port_problem(), _lock_problem()) if problem]
    if problems:
        sys.exit("\n".join(problems))
    hear_stops_after_forks()
    tell_of_stops(server)
    server.handle_hup = partial(_reload, server.handle_hup)
    os.chown(worker_files.folder(), server.cfg.uid, server.cfg.gid)


def _problems(*, workers: int) -> list[str]:
    """What speaks against serving with these settings and this code."""
    try:
        app = create_app(_settings)
    except ConfigurationError as error:
        return [str(error)]
    with app.app_context():
        found = list(startup_problems(_settings, workers=workers))
        if not found and (warning := pooler_problem(_settings)):
            print(warning, file=sys.stderr)
        if warning := limiter_problem():
            print(f"{warning} Until then each process counts limits for itself.", file=sys.stderr)
        db.engine.dispose()  # no worker shall inherit a connection
    return found


def _reload(replace_workers: Callable[[], None]) -> None:
    """On SIGHUP: new workers with the settings and the code of now, or a line that says why not."""
    try:
        load_anew(lambda: importlib.import_module(__name__).check_reload(bind))
    except (Exception, SystemExit) as refusal:
        reason = str(refusal) or type(refusal).__name__
        print(f"Not reloaded, serving as before: {reason}", file=sys.stderr, flush=True)
        return
    replace_workers()
    print("Reloaded: the workers have new settings and new code.", flush=True)


def check_reload(bound: str) -> None:
    """Whether the settings and code that this module was just imported with can take over.

    `bound` is where gunicorn listens. Raises SystemExit with what speaks against it.
    """
    problems = _problems(workers=workers)
    if bind != bound:
        problems.append("HOST and PORT take a restart.")
    if problems:
        sys.exit("\n".join(problems))


def pre_fork(server: Any, worker: Any) -> None:
    """Give the worker a place to count in; here, because only the master knows all of them."""
    workers = server.WORKERS.values()
    worker.metrics_slot = worker_files.free_slot(other.metrics_slot for other in workers)
    hold_stops()


def post_fork(server: Any, worker: Any) -> None:
    """In the worker, before it makes its app."""
    try:
        worker_files.share(worker.metrics_slot)
    except OSError as error:  # no reason to serve nobody
        server.log.warning("/metrics shows this process only: %s", error.strerror)


def on_exit(server: Any) -> None:
    worker_files.remove_folder()
    tell_stopped(server)


def _is_given_a_socket() -> bool:
    """By systemd, or by the process that this one replaces (SIGUSR2)."""
    return "GUNICORN_FD" in os.environ or os.environ.get("LISTEN_PID") == str(os.getpid())


def _port_problem() -> str | None:
    """Why nothing can listen there, before gunicorn tries it five times."""
    if _is_given_a_socket():
        return None
    if path := _settings.unix_socket:
        problem = _socket_problem(path)
        return f"Cannot listen on {_settings.bind_address}: {problem}." if problem else None
    try:
        family, kind, protocol, _, address = getaddrinfo(
            _settings.host, _settings.port, type=SOCK_STREAM
        )[0]
        with socket(family, kind, protocol) as probe:
            probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return (
            f"Cannot listen on {_settings.bind_address}: {error.strerror}. Choose another HOST or"
            " PORT, for example: PORT=8001 pionne-feedback"
        )
    return None


def _socket_problem(path: Path) -> str | None:
    """gunicorn removes what is left of a socket, also one that somebody listens on."""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}; make it, for the service to write in"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"this user may not write in {path.parent}"
    if not path.exists():
        return None
    if not path.is_socket():
        return "there is a file that is no socket; move it away, or choose another HOST"
    with socket(AF_UNIX) as probe, suppress(ConnectionRefusedError):
        try:
            probe.connect(str(path))
        except PermissionError:
            return "the socket that is there belongs to another user"
        return "another process listens there; stop it, or choose another HOST"
    return None


def _lock_problem() -> str | None:
    """Two processes that count limits in memory would let each project send twice as much."""
    if "GUNICORN_FD" in os.environ:  # holds the lock of the process that this one replaces
        return None
    try:
        in_memory = _settings.ratelimit_storage_uri.startswith("memory:")
        serving_lock.serve_from(_settings.instance_dir, alone=in_memory)
    except serving_lock.BeingServed:
        return (
            f"Another process uses {_settings.instance_dir} already: stop it, or wait for the"
            " command to end. Servers that share it need a shared RATELIMIT_STORAGE_URI, each."
        )
    except OSError as error:
        return f"Cannot write to {_settings.instance_dir} (INSTANCE_DIR): {error.strerror}."
    return None


def post_worker_init(worker: Any) -> None:
    """What was deleted before a restart is purged after it, whether or not a timer is set up."""
    settle()
    with worker.wsgi.app_context():
        background_purge.wake()


def worker_exit(server: Any, worker: Any) -> None:
    """All are answered: store what was counted in memory, and purge no more.

    Not left to `atexit`, which a process that was forked by others never comes to.
    """
    if app := getattr(worker, "wsgi", None):  # none where it failed to start
        background_worker.stop_all(app)


def when_ready(server: Any) -> None:
    """Say where it listens and what to try next."""
    if server.systemd:
        print("pionne-feedback serves the socket that systemd opened.", flush=True)
        return
    places = " and ".join(map(str, server.LISTENERS))
    print(
        f"pionne-feedback listens on {places} (Ctrl-C stops it).\n"
        f"Its data is in {_settings.instance_dir}.",
        flush=True,
    )
    if _settings.is_open_to_network and not _settings.trusted_proxies:
        print(
            "Other machines may reach it without TLS, and a thousand idle connections keep all"
            " others out: it needs a proxy in front, such as nginx (deploy/README.md), with"
            " HOST=127.0.0.1 and TRUSTED_PROXIES=1.",
            file=sys.stderr,
            flush=True,
        )
    if _settings.unix_socket:
        return
    print(
        f"Next, open {_settings.local_url} in a browser, where the first account and project are\n"
        "made; or, in another terminal, `pionne-feedback demo` fills a project and prints curl\n"
        "lines to paste (in a checkout: `make demo`; with uvx or pipx: the line that started\n"
        "this, and `demo`).",
        flush=True,
    )

"""gunicorn's settings, and the checks that must pass before it listens.

The checks run once, in the master, so that a refusal is one line instead of a worker's traceback.
"""

import fcntl
import json
import os
import sys
from socket import SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, getaddrinfo, socket
from typing import Any

from gunicorn import util

from app import create_app
from app.config import ConfigurationError, read_settings
from app.services import background_purge
from app.services.readiness import limiter_problem, startup_problems

try:
    _settings = read_settings(os.environ)
except ConfigurationError as error:
    sys.exit(str(error))

wsgi_app = "wsgi:app"
bind = _settings.bind_address
workers = _settings.workers
worker_class = "gthread"
threads = _settings.threads
# Idle connections of nginx; longer than its own 60 seconds, so that it is the one to close.
keepalive = 65
graceful_timeout = 30
# A socket for remote control that nobody asked for.
control_socket_disable = True

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
    try:
        app = create_app(_settings)
    except ConfigurationError as error:
        sys.exit(str(error))
    with app.app_context():
        problems = list(startup_problems(_settings, workers=server.cfg.workers))
        if warning := limiter_problem():
            print(f"{warning} Until then each process counts limits for itself.", file=sys.stderr)
    problems += [problem for problem in (_port_problem(), _lock_problem()) if problem]
    if problems:
        sys.exit("\n".join(problems))


def _port_problem() -> str | None:
    """Why nothing can listen there, before gunicorn tries it five times."""
    if "GUNICORN_FD" in os.environ:  # handed over by the process that this one replaces
        return None
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
            " PORT, for example: PORT=8001 make run"
        )
    return None


def _lock_problem() -> str | None:
    """Two processes that count limits in memory would let each project send twice as much."""
    if not _settings.ratelimit_storage_uri.startswith("memory:"):
        return None
    if not _settings.instance_dir.is_dir() or "GUNICORN_FD" in os.environ:
        return None
    lock = os.open(_settings.instance_dir / "serving.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held until the process ends
    except BlockingIOError:
        return (
            f"Another process serves from {_settings.instance_dir} already: stop it, or give both a"
            " shared RATELIMIT_STORAGE_URI."
        )
    return None


def post_worker_init(worker: Any) -> None:
    """What was deleted before a restart is purged after it, whether or not a timer is set up."""
    with worker.wsgi.app_context():
        background_purge.wake()


def write_json_error(sock: socket, status_int: int, reason: str, mesg: str) -> None:
    """Answer what is not HTTP, or too long to be read, in the shape of all other errors."""
    text = f"{reason}: the request could not be read; check its first line, headers and length."
    body = json.dumps({"message": text})
    sock.sendall(
        f"HTTP/1.1 {status_int} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}".encode("latin-1")
    )


# gunicorn answers these before any app sees them, in HTML, and offers no hook.
util.write_error = write_json_error


def when_ready(server: Any) -> None:
    """Say where it listens and what to try next."""
    print(
        f"pionne-feedback listens on {_settings.local_url} (Ctrl-C stops it).\n"
        "Next, open it in a browser, where the first account and project are made; or, in another\n"
        "terminal, `make demo` fills a project and prints curl lines to paste.",
        flush=True,
    )

"""gunicorn, fitted to this service: it stops without resetting anybody, answers what it cannot read
in JSON, and reloads new code.

The master imports this package too, to check before it listens and so that workers share memory.
Workers are forked from it and inherit the modules: without `load_anew`, a reload would start new
workers with the old code.

This uses what gunicorn does not document: it overrides `init_process`, `init_signals`,
`handle_request` and `set_accept_enabled` of its ThreadWorker, calls its `accept`, reads its
`nr_conns` and closes its `sockets`. It takes the place of `write_error`, and in the master of
`handle_term`, `handle_int` and `handle_quit`.
"""

import ctypes
import gc
import importlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from signal import SIG_BLOCK, SIG_UNBLOCK, SIGINT, SIGQUIT, SIGTERM, pthread_sigmask
from socket import socket
from typing import Any, TypeVar

from gunicorn import util

from app.serving.patient_worker import PatientWorker
from app.serving.received_body import ReceivedBody
from app.web.security_headers import STATIC_HEADERS

T = TypeVar("T")

_PACKAGE = __name__.partition(".")[0]
# More than listen(2) lets wait, so that an endless stream of clients cannot keep a worker.
_MAX_WAITING = 4096
# Of mallopt(3).
_M_ARENA_MAX, _M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -8, -3, -1
# Of one piece, which gets memory of its own, and of what is kept for the next small pieces.
_LARGE_BYTES = 1024 * 1024
_RESERVE_BYTES = 8 * 1024 * 1024
_STOPS = {SIGINT, SIGQUIT, SIGTERM}


class CompletingWorker(PatientWorker):
    """A worker with threads that, told to stop, answers all who have connected and nobody else.

    gunicorn's own stops accepting but leaves its socket open until the last answer is out: the
    kernel goes on connecting clients to it, takes their requests, and resets them in the end.
    """

    def init_process(self) -> None:
        # gunicorn offers no hook for what it answers itself, in HTML.
        util.write_error = write_unreadable
        super().init_process()

    def init_signals(self) -> None:
        super().init_signals()
        hear_stops()

    def handle_request(self, req: Any, conn: Any) -> bool:
        req.body = ReceivedBody(req, conn.sock)
        return bool(super().handle_request(req, conn))

    def set_accept_enabled(self, enabled: bool | None) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive:
            self._close_listeners()

    def _close_listeners(self) -> None:
        """Accept those who wait already; whoever comes later is refused, and knows it."""
        for listener in self.sockets:
            for _ in range(_MAX_WAITING):
                accepted_before = self.nr_conns
                self.accept(listener)
                if self.nr_conns == accepted_before:
                    break
            listener.close()
        self.sockets = []


def share_one_heap() -> None:
    """One heap for all threads of this process and its workers, where the C library is glibc.

    It would give each thread one of its own, so that they need not wait for each other; but ours
    have Python's lock to themselves when they allocate, and what eight heaps keep in reserve adds
    up, and goes on growing. What a large body needed goes back to the system at once: the library
    would learn from the first one to keep as much in reserve.
    """
    with suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _RESERVE_BYTES)


def settle() -> None:
    """In a worker that is complete: what is there stays, and is no garbage to be looked through."""
    gc.collect()
    gc.freeze()


def hold_stops() -> None:
    """Before a fork: a worker told to stop before its `init_signals` is to hear of it after that.

    Until then it has the master's handlers, which put the signal into a queue that nobody reads;
    the master tells it once, and waits 30 seconds: so long did a restart take, soon after a start.
    """
    pthread_sigmask(SIG_BLOCK, _STOPS)


def hear_stops() -> None:
    pthread_sigmask(SIG_UNBLOCK, _STOPS)


def hear_stops_after_forks() -> None:
    """In the master, for which gunicorn has no hook after a fork."""
    os.register_at_fork(after_in_parent=hear_stops)


def tell_of_stops(server: Any) -> None:
    """The master writes a line when it is told to stop, before it does; `tell_stopped` the last."""
    answering = f"answering who has connected, for {server.cfg.graceful_timeout} seconds at most"
    how = {"term": answering, "int": "at once", "quit": "at once"}
    for name, what in how.items():
        line = f"Stopping, because of SIG{name.upper()}: {what}."
        setattr(server, f"handle_{name}", partial(_tell_and, line, server, f"handle_{name}"))


def _tell_and(line: str, server: Any, name: str) -> None:
    print(line, flush=True)
    server.is_told_to_stop = True
    getattr(type(server), name)(server)


def tell_stopped(server: Any) -> None:
    """Nothing, where it never served or ends for a reason that gunicorn has told."""
    if getattr(server, "is_told_to_stop", False):
        print("Stopped.", flush=True)


def write_unreadable(sock: socket, status_int: int, reason: str, mesg: str) -> None:
    """gunicorn's `write_error`, in the shape of all other errors; `mesg` may quote a token."""
    sock.sendall(unreadable_answer(status_int, reason))


def unreadable_answer(status: int, reason: str) -> bytes:
    """What to say to something that is no HTTP, or too long to be read."""
    text = f"{reason}: the request could not be read; check its first line, headers and length."
    body = json.dumps({"message": text})
    headers = {
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        # No Origin is known that could be echoed. With `*` the `fetch` of an SDK, which sends no
        # credentials, reads why; a beacon reads nothing anyway.
        "Access-Control-Allow-Origin": "*",
        **STATIC_HEADERS,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n{body}".encode("latin-1")


def load_anew(load: Callable[[], T]) -> T:
    """What `load` returns when it imports this package afresh; if it raises, nothing has changed.

    A module that says `SURVIVES_RELOAD = True` is kept: it holds what the master must not lose.
    """
    importlib.invalidate_caches()
    before = _own_modules()
    for name, module in before.items():
        if not getattr(module, "SURVIVES_RELOAD", False):
            del sys.modules[name]
    try:
        return load()
    except BaseException:
        for name in _own_modules():
            del sys.modules[name]
        sys.modules.update(before)
        raise


def _own_modules() -> dict[str, Any]:
    return {
        name: module
        for name, module in sys.modules.items()
        if name == _PACKAGE or name.startswith(f"{_PACKAGE}.")
    }

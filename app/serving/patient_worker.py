"""A worker of threads in which a slow client holds none: what waits for a client is the poller.

gunicorn's own hands a connection to a thread with its first byte, and the thread then waits, for
ever, for the rest of the request, and for the client to take the answer: eight half-sent requests
were all that it took to keep everybody out, `/healthz` included. Here a thread gets a request when
it is whole. All that is registered with the poller runs in the worker's one main thread, so nothing
there may wait.

This uses what gunicorn does not document: it overrides `init_process`, `enqueue_req`, `handle`,
`finish_request` and `murder_pending` of its ThreadWorker, whose `poller` and `nr_conns` it shares,
and sets `data_ready` of a connection, whose `unreader` it asks to `take_buffered`.
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from socket import SHUT_WR, socket
from threading import BoundedSemaphore
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from app.serving.client_socket import SMALL_BYTES, ClientSocket
from app.serving.room import Room
from app.serving.turns import Turns

# After an answer that closes the connection, for the client to read it and to close first: with
# bytes on their way to it, the system would throw the answer away, and reset the connection.
CLOSING_SECONDS = 2.0
# A client that takes nothing of its answer for so long gets no more of it.
READING_PAUSE_SECONDS = 20.0
# In a worker that stops: how long after connecting a client may still send its first byte.
_STOPPING_SECONDS = 2.0
# What large requests that come, or wait for a thread, may take of the memory together.
_LARGE_MAX_BYTES = 64 * 1024 * 1024
# While large ones are in threads, the interpreter goes from thread to thread so often.
_HURRIED_SECONDS = 0.001
_PIECE_BYTES = 256 * 1024
# What `handle` returns of a connection whose request is not whole.
_WAITS = object()
# And of one whose request is whole, but of a kind of which only some threads take care at once.
_ASKS = object()


@dataclass
class _Watch:
    """One connection that the poller watches; `late` is called at `until`, of `time.monotonic`."""

    until: Callable[[], float]
    late: Callable[[], None]


class PatientWorker(ThreadWorker):
    def init_process(self) -> None:
        self._watched: dict[Any, _Watch] = {}
        self._next_look = 0.0
        self._seats = BoundedSemaphore(max(self.cfg.threads // 2, 1))
        self._room = Room(_LARGE_MAX_BYTES)
        self._switch_interval = sys.getswitchinterval()
        # Threads for everybody else are left by both together, where there are four or more.
        self._large = Turns(at_once=max(self.cfg.threads // 4, 1), begin=self.enqueue_req)
        self._in_parts = Turns(at_once=max(self.cfg.threads // 2, 1), begin=self.enqueue_req)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """A new connection, or one that is readable: a thread looks whether a request is whole."""
        if type(conn.sock) is socket and not self.cfg.is_ssl:
            app: Any = self.wsgi
            settings = app.config["PIONNE"]
            conn.sock = ClientSocket(
                conn.sock,
                seats=self._seats,
                room=self._room,
                max_body_bytes=max(settings.max_body_bytes, settings.max_event_body_bytes),
                now=time.monotonic(),
            )
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """In a thread. Nothing of TLS comes here: gunicorn is given none, and would wait for it."""
        client = conn.sock
        if not isinstance(client, ClientSocket):
            return super().handle(conn)
        if not client.collect(now=time.monotonic()):
            return _WAITS
        if (turns := self._turns_of(client)) and not turns.has(conn):
            return _ASKS
        client.leave_room()
        conn.data_ready = True  # gunicorn would look for itself
        kept = super().handle(conn)
        if kept and kept is not _WAITS:
            # What a body's reading took of the next request belongs to that.
            client.expect_request(conn.parser.unreader.take_buffered(), now=time.monotonic())
        return kept

    def finish_request(self, conn: Any, fs: Any) -> None:
        if self._large.has(conn):
            self._large.leave(conn)
            self._hurry()
        self._in_parts.leave(conn)
        client = conn.sock
        if not isinstance(client, ClientSocket) or fs.cancelled() or fs.exception():
            super().finish_request(conn, fs)
        elif client.has_left_to_send:
            self._send_on(conn, fs)
        elif fs.result() is _WAITS:
            self._collect(conn)
        elif fs.result() is _ASKS:
            self._ask_for_turn(conn)
        elif fs.result() and client.has_received:
            self.enqueue_req(conn)
        elif fs.result():
            super().finish_request(conn, fs)
        else:
            self._close(conn)

    def murder_pending(self) -> None:
        """gunicorn calls this about once a second, and after each event."""
        super().murder_pending()
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + 0.5
        for conn, watch in list(self._watched.items()):
            if watch.until() <= now:
                self._forget(conn)
                watch.late()

    def _turns_of(self, client: ClientSocket) -> Turns | None:
        """None for what is quick: most requests, and bodies of which no more is waited for."""
        if client.is_cut_off:
            return None
        if client.has_unknown_length:
            return self._in_parts
        return self._large if client.received_bytes > SMALL_BYTES else None

    def _ask_for_turn(self, conn: Any) -> None:
        if (turns := self._turns_of(conn.sock)) is None:
            self.enqueue_req(conn)
        else:
            turns.ask(conn)
            self._hurry()

    def _hurry(self) -> None:
        """Let small requests interrupt large ones sooner; each does so several times."""
        is_hurried = self._large.is_busy
        sys.setswitchinterval(_HURRIED_SECONDS if is_hurried else self._switch_interval)

    def _collect(self, conn: Any) -> None:
        """Until more of the request comes."""
        client: ClientSocket = conn.sock
        began = time.monotonic()

        def until() -> float:
            if self.alive or client.has_received:
                return client.gives_up_at()
            return min(client.gives_up_at(), began + _STOPPING_SECONDS)

        def late() -> None:
            if client.has_head:
                client.give_up()
                self.enqueue_req(conn)  # whoever refuses it needs no body
            else:
                self._end(conn)

        self._watch(conn, EVENT_READ, partial(self.enqueue_req, conn), until=until, late=late)

    def _send_on(self, conn: Any, fs: Any) -> None:
        """Until the client takes more of its answer; then go on where the thread was."""

        def send() -> None:
            try:
                is_sent = conn.sock.send_on()
            except OSError:
                self._end(conn)
                return
            if is_sent:
                self.finish_request(conn, fs)
            else:
                watch()

        def watch() -> None:
            until = time.monotonic() + READING_PAUSE_SECONDS
            late = partial(self._end, conn)
            self._watch(conn, EVENT_WRITE, send, until=lambda: until, late=late)

        watch()

    def _close(self, conn: Any) -> None:
        """Let the client read the answer and close first; what it still sends is thrown away."""
        try:
            conn.sock.shutdown(SHUT_WR)
        except OSError:  # it is gone already
            self._end(conn)
            return
        deadline = time.monotonic() + CLOSING_SECONDS

        def throw_away() -> None:
            with suppress(OSError):
                if conn.sock.recv(_PIECE_BYTES):
                    watch()
                    return
            self._end(conn)

        def watch() -> None:
            late = partial(self._end, conn)
            self._watch(conn, EVENT_READ, throw_away, until=lambda: deadline, late=late)

        conn.sock.give_up()
        watch()

    def _watch(
        self,
        conn: Any,
        event: int,
        happened: Callable[[], None],
        *,
        until: Callable[[], float],
        late: Callable[[], None],
    ) -> None:
        """Call `happened` once, when the connection is ready for the event, or else `late`."""

        def forget_and_go_on(_file: Any) -> None:
            self._forget(conn)
            happened()

        self._watched[conn] = _Watch(until, late)
        self.poller.register(conn.sock, event, forget_and_go_on)

    def _forget(self, conn: Any) -> None:
        del self._watched[conn]
        self.poller.unregister(conn.sock)

    def _end(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

"""The socket of one client, as gunicorn gets it: no thread waits where the client is slow.

What a client sends is collected until it is a whole request, and what it has not read yet of an
answer is kept, both without waiting; in between, the worker's one poller watches
(`patient_worker.py`). A thread still waits where nobody can know beforehand how much comes (a body
in chunks, or behind `100 Continue`), or where an answer is longer than is kept. Half of the threads
may, and not for long; the others are there for everybody else.

A newcomer would call `recv` or `sendall` and think that it blocks as the socket's own does: both
raise TimeoutError for a client that is too slow. Its number is that of a reset connection, which
gunicorn takes for what it is, the client's business, and logs nowhere.
"""

import errno
import select
import time
from socket import MSG_DONTWAIT, socket
from threading import BoundedSemaphore
from typing import Any

from app.serving.room import Room

# Without a byte of a request for so long, the connection is closed.
SILENCE_SECONDS = 10.0
# From its first byte, a head must be there after so long. It comes in one piece, or in a few.
HEAD_SECONDS = 10.0
# A body may stop for so long, and take so long altogether: it may come from a phone on a train.
BODY_PAUSE_SECONDS = 10.0
BODY_SECONDS = 300.0
# One request may make a thread wait for so long altogether, and for so long at a time. Sending a
# piece of an answer may take as long as one such time.
IN_THREAD_SECONDS = 30.0
IN_THREAD_PAUSE_SECONDS = 5.0
# A larger request than this takes of the room for large ones while it comes and waits. Smaller ones
# are as many as gunicorn takes connections (1000), and always taken.
SMALL_BYTES = 64 * 1024
# So much of an answer is kept in memory for the poller to send; a thread waits only for more.
_KEPT_ANSWER_BYTES = 1024 * 1024
# gunicorn takes no longer line; more of them than fit here are read by a thread.
_MAX_HEAD_BYTES = 64 * 1024
_PIECE_BYTES = 64 * 1024
_LENGTH = b"\r\ncontent-length:"
_MAX_LENGTH_DIGITS = 18


class ClientSocket(socket):
    """`seats` are for threads that wait, `max_body_bytes` the largest body that is collected."""

    def __init__(
        self,
        accepted: socket,
        *,
        seats: BoundedSemaphore,
        room: Room,
        max_body_bytes: int,
        now: float,
    ) -> None:
        """Takes the connection over from `accepted`; `now` is of `time.monotonic`."""
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, protocol, fileno=accepted.detach())
        self._seats = seats
        self._room = room
        self._bytes_in_room = 0
        self._max_body_bytes = max_body_bytes
        self._received = bytearray()
        self._left_to_send = bytearray()
        self._in_thread_until = 0.0
        self.expect_request(now=now)

    def expect_request(self, already: bytes = b"", *, now: float) -> None:
        """Begin to collect the next request, whose first bytes may have come with the last one."""
        self._received[:0] = already
        self._whole_bytes: int | None = None  # of the request; unknown before its head is there
        self._searched = 0
        self._is_over = False  # nothing more is waited for
        self.is_turned_away = False  # for want of room or of a thread, and by no fault of its own
        self.has_unknown_length = False
        self._began = self._last_came = now

    @property
    def has_received(self) -> bool:
        return bool(self._received)

    @property
    def received_bytes(self) -> int:
        return len(self._received)

    @property
    def is_cut_off(self) -> bool:
        """Nothing more is waited for: a thread answers at once."""
        return self._is_over

    @property
    def has_head(self) -> bool:
        return self._whole_bytes is not None

    def collect(self, *, now: float) -> bool:
        """Take what has come, without waiting; whether it is all that a thread needs to begin."""
        while not self._is_over and not self._is_whole():
            try:
                piece = super().recv(_PIECE_BYTES, MSG_DONTWAIT)
            except BlockingIOError:
                return False
            except OSError:
                piece = b""
            if not self._received:
                self._began = now
            self._last_came = now
            self._received += piece
            self._is_over = not piece
            if not self._finds_room():
                self.turn_away()
        self._in_thread_until = now + IN_THREAD_SECONDS
        return True

    def gives_up_at(self) -> float:
        """When to stop collecting, unless more comes before."""
        if not self._received:
            return self._began + SILENCE_SECONDS
        if not self.has_head:
            return self._began + HEAD_SECONDS
        return min(self._began + BODY_SECONDS, self._last_came + BODY_PAUSE_SECONDS)

    def give_up(self) -> None:
        """What is there is all that there will be: a thread answers, and waits for nothing."""
        self._is_over = True

    def turn_away(self) -> None:
        """Give up, and let go of what came of the body: who sent it is to try again later."""
        self._is_over = self.is_turned_away = True
        self._is_whole()  # which looks for the end of the head
        if self.has_head:
            end = self._received.find(b"\r\n\r\n") + 4
            self._received = self._received[:end]  # deleting from it would keep its memory
        self.leave_room()

    def leave_room(self) -> None:
        """What was collected is a thread's from now on, or nobody's."""
        self._room.give_back(self._bytes_in_room)
        self._bytes_in_room = 0

    def close(self) -> None:
        self.leave_room()
        super().close()

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What was collected, and then what comes, which is b"" at the end."""
        if self._received:
            piece = bytes(self._received[:size])
            del self._received[:size]
            return piece
        while True:
            try:
                return super().recv(size, flags | MSG_DONTWAIT)
            except BlockingIOError:
                if self._is_over:
                    raise _too_slow() from None
                self._wait(select.POLLIN, until=self._in_thread_until)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send what fits, and keep the rest for `send_on`; wait only where too much is kept."""
        if self._left_to_send:
            self._left_to_send += data
        else:
            sent = self._send(data)
            if sent == len(data):
                return
            with memoryview(data) as whole:
                self._left_to_send += whole[sent:]
        until = time.monotonic() + IN_THREAD_PAUSE_SECONDS
        while len(self._left_to_send) > _KEPT_ANSWER_BYTES:
            self._wait(select.POLLOUT, until=until)
            self.send_on()

    def send_on(self) -> bool:
        """Send what is left and fits, without waiting; whether all of it is sent."""
        with memoryview(self._left_to_send) as left:
            sent = self._send(left)
        del self._left_to_send[:sent]
        return not self._left_to_send

    @property
    def has_left_to_send(self) -> bool:
        return bool(self._left_to_send)

    def _send(self, data: Any) -> int:
        try:
            return super().send(data, MSG_DONTWAIT) if data else 0
        except BlockingIOError:
            return 0

    def _finds_room(self) -> bool:
        more = len(self._received) - self._bytes_in_room
        if len(self._received) <= SMALL_BYTES:
            return True
        if has_room := self._room.take(more):
            self._bytes_in_room += more
        return has_room

    def _is_whole(self) -> bool:
        if self._whole_bytes is None:
            end = self._received.find(b"\r\n\r\n", max(self._searched - 3, 0))
            self._searched = len(self._received)
            if end < 0:
                return len(self._received) > _MAX_HEAD_BYTES
            head = bytes(self._received[: end + 2]).lower()
            self._whole_bytes = end + 4 + self._body_bytes(head)
        return len(self._received) >= self._whole_bytes

    def _body_bytes(self, head: bytes) -> int:
        """How much of the body to collect, by the head in small letters, which gunicorn checks.

        What is announced as larger than any route takes is not waited for: it is refused. Of what
        has no length nobody knows how much comes, or whether it comes at all.
        """
        start = head.find(_LENGTH)
        if b"\r\ntransfer-encoding:" in head or b"\r\nexpect:" in head:
            self.has_unknown_length = True
            return 0
        if start < 0:
            return 0
        start += len(_LENGTH)
        digits = head[start : head.index(b"\r\n", start)].strip()
        if not digits.isdigit() or len(digits) > _MAX_LENGTH_DIGITS:
            return 0
        announced = int(digits)
        return announced if announced <= self._max_body_bytes else 0

    def _wait(self, event: int, *, until: float) -> None:
        """Raises TimeoutError where the client is too slow, or too many threads wait already."""
        seconds = min(until - time.monotonic(), IN_THREAD_PAUSE_SECONDS)
        if (limit := self.gettimeout()) is not None:
            seconds = min(seconds, limit)
        if seconds <= 0:
            raise _too_slow()
        if not self._seats.acquire(blocking=False):
            self.is_turned_away = True
            raise _too_slow()
        try:
            poll = select.poll()
            poll.register(self.fileno(), event)
            if not poll.poll(seconds * 1000):
                raise _too_slow()
        finally:
            self._seats.release()


def _too_slow() -> TimeoutError:
    return TimeoutError(errno.ECONNRESET, "The client is too slow.")

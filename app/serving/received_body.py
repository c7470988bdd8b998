"""The body of a request as gunicorn receives it: told to come, read away, and given up in time.

`CompletingWorker` puts `ReceivedBody` in the place of gunicorn's own; to the app it is
`wsgi.input`. A thread waits while a body comes, and there are few: nobody whose body is not wanted
holds one for longer than the seconds below.

This uses what gunicorn does not document: the request's `_expected_100_continue`, `unreader` and
`force_close`, and the `reader` of its `body`. No setting of gunicorn's and no header of an answer
closes a connection: it drops a `Connection` that the app sets. setup.cfg takes only what was tried.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

from werkzeug.exceptions import ServiceUnavailable

# What is left of a body that was refused comes at once from a proxy, which has it whole. Who sends
# for longer, or stops for so long, is told that the connection closes.
READ_AWAY_SECONDS = 5.0
MAX_PAUSE_SECONDS = 1.0
_PIECE_BYTES = 256 * 1024
# gunicorn spends microseconds on each chunk: bytes that come one by one cost hundreds of times what
# they cost together. A body may have so many small chunks, and larger ones of this size on average.
_MAX_SMALL_CHUNKS = 4096
_LARGER_CHUNK_BYTES = 256
_BUSY = "The server has too many large requests at once. Try again later."
_RETRY_SECONDS = 5
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ReceivedBody:
    """gunicorn's body of one request, behind the methods that WSGI asks for."""

    def __init__(self, request: Any, connection: socket) -> None:
        self._request = request
        self._body = request.body
        self._connection = connection
        if chunks := getattr(self._body.reader, "parser", None):
            self._body.reader.parser = few(chunks)
        # gunicorn would tell every such client to send, before anybody looked at its token.
        self._awaits_continue: bool = request._expected_100_continue
        request._expected_100_continue = False

    @property
    def failed(self) -> bool:
        """gunicorn keeps no connection after this."""
        return bool(self._body.failed)

    def read(self, size: int | None = None) -> bytes:
        """Raises ServiceUnavailable where there is no room, else what gunicorn raises."""
        with self._coming():
            data: bytes = self._body.read(size)
        return data

    def readline(self, size: int | None = None) -> bytes:
        with self._coming():
            line: bytes = self._body.readline(size)
        return line

    def readlines(self, hint: int | None = None) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def read_away(self, *, max_bytes: int) -> None:
        """Leave nothing of it on the connection; where that fails, have the answer say `close`."""
        if not self._is_gone(max_bytes):
            self._request.force_close()

    def _is_gone(self, max_bytes: int) -> bool:
        left = self._announced_bytes()
        if left == 0 and not self.failed:
            return True
        if self._awaits_continue or self.failed or (left or 0) > max_bytes:
            return False
        try:
            with self._source().hurried():
                while piece := self._body.read(_PIECE_BYTES):
                    max_bytes -= len(piece)
                    if max_bytes < 0:
                        return False
        except Exception:  # too slow, a broken chunk, a connection that is gone
            return False
        return True

    def _announced_bytes(self) -> int | None:
        """What has not been read of it; None when it comes in chunks."""
        left: int | None = getattr(self._body.reader, "length", None)
        return left

    @contextmanager
    def _coming(self) -> Iterator[None]:
        self._let_it_come()
        try:
            yield
        except Exception:
            if getattr(self._connection, "is_turned_away", False):
                raise ServiceUnavailable(_BUSY, retry_after=_RETRY_SECONDS) from None
            raise

    def _let_it_come(self) -> None:
        if self._awaits_continue:
            self._awaits_continue = False
            if self._announced_bytes() != 0:
                self._connection.sendall(_CONTINUE)

    def _source(self) -> "_Source":
        unreader = self._request.unreader
        if not isinstance(unreader.sock, _Source):
            unreader.sock = _Source(unreader.sock)
        source: _Source = unreader.sock
        return source


class _Source:
    """What gunicorn reads a connection from; it can be in a hurry.

    A timeout of the socket's own begins anew with each byte that comes, and gunicorn reads until it
    has as many as it was asked for.
    """

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._deadline: float | None = None

    # gunicorn sets them for its own reading.
    def gettimeout(self) -> float | None:
        return self._connection.gettimeout()

    def settimeout(self, seconds: float | None) -> None:
        self._connection.settimeout(seconds)

    def recv(self, size: int) -> bytes:
        if self._deadline is None:
            return self._connection.recv(size)
        return receive(self._connection, size, deadline=self._deadline)

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Within, `recv` raises TimeoutError for who is slow."""
        self._deadline = time.monotonic() + READ_AWAY_SECONDS
        try:
            yield
        finally:
            self._deadline = None
            self._connection.settimeout(None)


def few(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks; raises ValueError where the body is cut smaller than anybody needs."""
    size = 0
    for count, chunk in enumerate(chunks):
        size += len(chunk)
        if count > _MAX_SMALL_CHUNKS + size // _LARGER_CHUNK_BYTES:
            raise ValueError("The body has too many chunks.")
        yield chunk


def receive(connection: socket, size: int, *, deadline: float) -> bytes:
    """As `recv`; raises TimeoutError at the deadline (monotonic), or after a pause before it."""
    seconds = min(deadline - time.monotonic(), MAX_PAUSE_SECONDS)
    if seconds <= 0:
        raise TimeoutError
    connection.settimeout(seconds)
    return connection.recv(size)

"""How long a thread waits for what is left of a body."""

import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from werkzeug.exceptions import ServiceUnavailable

from app.serving.received_body import ReceivedBody, receive


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_came_in_time_is_received(ends):
    ours, theirs = ends
    theirs.sendall(b"in time")

    assert receive(ours, 100, deadline=time.monotonic() + 60) == b"in time"


def test_client_that_never_stops_sending_is_given_up_at_the_deadline(ends):
    """Whatever waits to be read: a client that sends a byte now and then is never silent."""
    ours, theirs = ends
    theirs.sendall(b"and on, and on")

    with pytest.raises(TimeoutError):
        receive(ours, 100, deadline=time.monotonic() - 0.001)


def test_client_that_sends_nothing_is_given_up_before_the_deadline(ends):
    ours, _ = ends

    with pytest.raises(TimeoutError):
        receive(ours, 100, deadline=time.monotonic() + 3600)


class _Broken:
    """A body of gunicorn's of which no more comes."""

    reader = None
    failed = True

    def read(self, size: int | None = None) -> bytes:
        raise TimeoutError

    readline = read


@pytest.mark.parametrize("method", ["read", "readline"])
@pytest.mark.parametrize(
    ("is_turned_away", "raised"), [(True, ServiceUnavailable), (False, TimeoutError)]
)
def test_who_was_turned_away_is_told_so_and_who_is_slow_is_not(method, is_turned_away, raised):
    request = SimpleNamespace(body=_Broken(), _expected_100_continue=False)
    connection = SimpleNamespace(is_turned_away=is_turned_away)
    body = ReceivedBody(request, connection)
    with pytest.raises(raised):
        getattr(body, method)(9)

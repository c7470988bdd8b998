"""How long a thread waits for what is left of a body."""

import socket
import time
from collections.abc import Iterator

import pytest

from app.serving.received_body import receive


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

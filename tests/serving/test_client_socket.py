"""What a thread may still read of a client that it was told to wait for no longer."""

import socket
from collections.abc import Iterator
from threading import BoundedSemaphore

import pytest

from app.serving.client_socket import ClientSocket

HEAD = b"POST /feedback HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, ClientSocket]]:
    """The client's end and the server's."""
    theirs, accepted = socket.socketpair()
    ours = ClientSocket(accepted, seats=BoundedSemaphore(1), max_body_bytes=1024, now=0)
    with theirs, ours:
        yield theirs, ours


def test_a_whole_request_that_is_cut_off_keeps_its_head_only(ends):
    theirs, ours = ends
    theirs.sendall(HEAD + b"123456789")
    assert ours.collect(now=0)
    ours.cut_off()

    assert ours.collect(now=0)  # a thread answers at once
    assert ours.recv(1024) == HEAD
    with pytest.raises(TimeoutError):
        ours.recv(1024)


@pytest.mark.parametrize("header", [b"Transfer-Encoding: chunked", b"Expect: 100-continue"])
def test_what_has_no_length_to_wait_for_is_known_by_its_head(ends, header):
    theirs, ours = ends
    theirs.sendall(HEAD[:-2] + header + b"\r\n\r\n")
    assert ours.collect(now=0)
    assert ours.has_unknown_length


def test_the_length_of_the_next_request_is_another_matter(ends):
    theirs, ours = ends
    theirs.sendall(HEAD[:-2] + b"Expect: 100-continue\r\n\r\n")
    assert ours.collect(now=0)
    assert ours.recv(1024)
    ours.expect_request(now=0)
    theirs.sendall(HEAD + b"123456789")
    assert ours.collect(now=0)
    assert not ours.has_unknown_length

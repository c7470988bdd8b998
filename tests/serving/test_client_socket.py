"""What a thread may still read of a client that it was told to wait for no longer."""

import socket
import time
from collections.abc import Iterator
from threading import BoundedSemaphore

import pytest

from app.serving.client_socket import SMALL_BYTES, ClientSocket
from app.serving.room import Room

MOST = 2 * SMALL_BYTES
HEAD = b"POST /feedback HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
LARGE_HEAD = HEAD.replace(b" 9", f" {MOST}".encode())


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, ClientSocket]]:
    """The client's end and the server's."""
    theirs, accepted = socket.socketpair()
    ours = ClientSocket(
        accepted, seats=BoundedSemaphore(1), room=Room(0), max_body_bytes=MOST, now=0
    )
    with theirs, ours:
        yield theirs, ours


def test_a_whole_request_that_is_turned_away_keeps_its_head_only(ends):
    theirs, ours = ends
    theirs.sendall(HEAD + b"123456789")
    assert ours.collect(now=0)
    ours.turn_away()

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


def test_a_large_request_for_which_there_is_no_room_is_turned_away(ends):
    theirs, ours = ends
    ours.expect_request(LARGE_HEAD + b"x" * SMALL_BYTES, now=0)
    assert not ours.is_turned_away
    theirs.sendall(b"x")
    ours.collect(now=0)
    assert ours.is_turned_away


def test_a_request_gives_back_its_room_when_it_is_closed():
    theirs, accepted = socket.socketpair()
    room = Room(MOST)
    ours = ClientSocket(accepted, seats=BoundedSemaphore(1), room=room, max_body_bytes=MOST, now=0)
    with theirs, ours:
        ours.expect_request(LARGE_HEAD + b"x" * SMALL_BYTES, now=0)
        theirs.sendall(b"x")
        assert not ours.collect(now=0)
        assert not room.take(MOST)
    assert room.take(MOST)


def test_who_would_wait_for_the_rest_with_all_seats_taken_is_turned_away(ends):
    theirs, ours = ends
    theirs.sendall(HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
    assert ours.collect(now=time.monotonic())
    assert ours.recv(1024)
    ours._seats.acquire()
    with pytest.raises(TimeoutError):
        ours.recv(1024)
    assert ours.is_turned_away

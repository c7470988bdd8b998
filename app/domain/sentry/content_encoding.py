"""Takes the compression off a body, a piece at a time: neither its size nor what it holds is known.

A few bytes may stand for gigabytes. So each decoder is asked for a bounded piece, and the next one
is made only when somebody takes it; feeding a decoder and looking at its output is too late.
"""

import sys
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Yields pieces, and returns what came behind the end of its stream.
_Stream = Generator[bytes, None, bytes]

PIECE_BYTES = 64 * 1024
# Each member costs a decoder of its own, and a copy of what comes after it; SDKs send one.
_GZIP_MAX_MEMBERS = 100
_GZIP_WINDOW, _ZLIB_WINDOW, _RAW_WINDOW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_ZSTD_MAX_FRAMES = 100
_TOO_MUCH = "too much memory"  # as libzstd says that a window is larger than allowed
# 4 MiB: what eight bodies ask for at once is what a worker has for them. Compressors ask for no
# more by default.
_WINDOW_LOG_MAX = 22
# How `br` says that it wants 8 and 16 MiB: the first four bits (RFC 7932, 9.1).
_BROTLI_LARGE_WINDOWS = (0b1101, 0b1111)


class UnreadableBody(Exception):
    """The body cannot be read; the message may be shown."""


class UnknownEncoding(UnreadableBody):
    def __init__(self) -> None:
        super().__init__("This Content-Encoding is not known here.")


class CorruptBody(UnreadableBody):
    def __init__(self) -> None:
        super().__init__("The body is not what its Content-Encoding says.")


class BodyCutShort(UnreadableBody):
    def __init__(self) -> None:
        super().__init__("The compressed body ends early.")


class BodyTooLarge(UnreadableBody):
    """When it is decoded, or in what decoding it takes."""

    def __init__(self) -> None:
        super().__init__("The body is too large.")


def decoded(pieces: Iterable[bytes], encoding: str | None, *, max_bytes: int) -> Iterator[bytes]:
    """The body without its compression; its pieces have about PIECE_BYTES at most, none is empty.

    `encoding` is the header as it came, None without one. Raises UnknownEncoding at once; while it
    is read, CorruptBody, BodyCutShort, and BodyTooLarge past `max_bytes`.
    """
    decoder = _DECODERS.get((encoding or "").strip().lower())
    if decoder is None:
        raise UnknownEncoding
    return _capped(decoder(_small(pieces)), max_bytes)


def _capped(pieces: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    left = max_bytes
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise BodyTooLarge
        yield piece


def _small(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What is left over of a piece is copied again and again, so none is large."""
    for piece in pieces:
        for start in range(0, len(piece), PIECE_BYTES):
            yield piece[start : start + PIECE_BYTES]


def _as_it_is(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return pieces


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Of one member or several (RFC 1952, 2.2); noughts may fill the rest of a block."""
    rest = yield from _inflated(b"", pieces, _GZIP_WINDOW)
    for _ in range(_GZIP_MAX_MEMBERS):
        while not (rest := rest.lstrip(b"\0")):
            following = next(pieces, None)
            if following is None:
                return
            rest = following
        rest = yield from _inflated(rest, pieces, _GZIP_WINDOW)
    if rest.strip(b"\0") or any(piece.strip(b"\0") for piece in pieces):
        raise CorruptBody


def _deflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Within zlib, as HTTP has it (RFC 9110, 8.4.1.2), or without, as many clients do."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) > 1:
            break
    window = _ZLIB_WINDOW if _begins_zlib(start) else _RAW_WINDOW
    rest = yield from _inflated(start, pieces, window)
    _refuse_more(rest, pieces)


def _begins_zlib(start: bytes) -> bool:
    """RFC 1950, 2.2: the method is 8, and a check of both bytes; no compressor begins a raw stream
    so."""
    return len(start) > 1 and start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0


def _inflated(start: bytes, pieces: Iterator[bytes], window: int) -> _Stream:
    """One stream of deflate; returns what came after its end in the piece in which it ended.

    With all input taken it still has output to give, when that did not fit in the piece before.
    """
    stream = zlib.decompressobj(window)
    waiting, piece = start, b""
    while not stream.eof:
        if not waiting and len(piece) < PIECE_BYTES:
            following = next(pieces, None)
            if following is None:
                raise BodyCutShort
            waiting = following
        try:
            piece = stream.decompress(waiting, PIECE_BYTES)
        except zlib.error:
            raise CorruptBody from None
        waiting = stream.unconsumed_tail
        if piece:
            yield piece
    return stream.unused_data


def _brotli(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """It has room for more input while it still has output to give: both are asked in turn."""
    stream = brotli.Decompressor()
    has_given, is_first = False, True
    while not stream.is_finished():
        waiting = b""
        if not has_given and stream.can_accept_more_data():
            following = next(pieces, None)
            if following is None:
                raise BodyCutShort
            if is_first and following[0] & 0b1111 in _BROTLI_LARGE_WINDOWS:
                raise BodyTooLarge
            waiting, is_first = following, False
        try:
            piece = stream.process(waiting, output_buffer_limit=PIECE_BYTES)
        except brotli.error:
            raise CorruptBody from None
        has_given = bool(piece)
        if piece:
            yield piece
    _refuse_more(b"", pieces)


def _zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Of one frame or several (RFC 8878, 3)."""
    rest = yield from _frame(b"", pieces)
    for _ in range(_ZSTD_MAX_FRAMES):
        if not rest:
            following = next(pieces, None)
            if following is None:
                return
            rest = following
        rest = yield from _frame(rest, pieces)
    _refuse_more(rest, pieces)


def _frame(start: bytes, pieces: Iterator[bytes]) -> _Stream:
    """One frame; returns what came after it in the piece in which it ended."""
    options = {int(zstd.DecompressionParameter.window_log_max): _WINDOW_LOG_MAX}
    stream = zstd.ZstdDecompressor(options=options)
    waiting = start
    while not stream.eof:
        if not waiting and stream.needs_input:
            following = next(pieces, None)
            if following is None:
                raise BodyCutShort
            waiting = following
        try:
            piece = stream.decompress(waiting, PIECE_BYTES)
        except zstd.ZstdError as error:
            raise (BodyTooLarge if _TOO_MUCH in str(error) else CorruptBody) from None
        waiting = b""
        if piece:
            yield piece
    return stream.unused_data


def _refuse_more(rest: bytes, pieces: Iterator[bytes]) -> None:
    """Behind the end of what has an end."""
    if rest or any(pieces):
        raise CorruptBody


_DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    # Ruby sends an empty value, and `UTF-8` came from old ones of Ruby and Android.
    **dict.fromkeys(("", "identity", "utf-8", "utf8"), _as_it_is),
    **dict.fromkeys(("gzip", "x-gzip"), _gzip),
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

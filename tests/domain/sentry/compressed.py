"""Bodies as clients compress them, and bombs made of noughts."""

import gzip
import sys
import zlib

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


def several_members(body: bytes) -> bytes:
    middle = len(body) // 2
    return gzip.compress(body[:middle]) + gzip.compress(body[middle:])


def several_frames(body: bytes) -> bytes:
    middle = len(body) // 2
    return zstd.compress(body[:middle]) + zstd.compress(body[middle:])


# By name of the encoding, and of the form.
FORMS = {
    ("gzip", "one member"): gzip.compress,
    ("gzip", "two members"): several_members,
    ("x-gzip", "one member"): gzip.compress,
    ("deflate", "zlib"): zlib.compress,
    ("deflate", "raw"): raw_deflate,
    # At its best it takes seconds for a bomb.
    ("br", ""): lambda body: brotli.compress(body, quality=5),
    ("zstd", "one frame"): zstd.compress,
    ("zstd", "two frames"): several_frames,
}
UNCOMPRESSED = (None, "", "identity", "UTF-8", " Identity ")


def in_pieces(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]

"""Bodies of every encoding, whole and broken, and what stands for gigabytes."""

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry.content_encoding import (
    PIECE_BYTES,
    BodyCutShort,
    BodyTooLarge,
    CorruptBody,
    UnknownEncoding,
    UnreadableBody,
    decoded,
)
from tests.domain.sentry.compressed import FORMS, UNCOMPRESSED, brotli, in_pieces, zstd

CAP = 50 * 1024 * 1024
BODIES = st.binary(max_size=3000) | st.integers(0, 20_000).map(b"some text ".__mul__)
each_form = pytest.mark.parametrize(("encoding", "form"), FORMS)


def read(body, encoding, *, size=1000, max_bytes=CAP):
    return b"".join(decoded(in_pieces(body, size), encoding, max_bytes=max_bytes))


@each_form
@given(body=BODIES, size=st.integers(1, 5000))
def test_what_a_client_compressed_is_read_however_it_arrives(encoding, form, body, size):
    assert read(FORMS[encoding, form](body), encoding, size=size) == body


@pytest.mark.parametrize("encoding", UNCOMPRESSED)
@given(body=st.binary(max_size=3000))
def test_what_is_not_compressed_is_read_as_it_is(encoding, body):
    assert read(body, encoding) == body


@pytest.mark.parametrize("encoding", ["GZIP", " gzip ", "Gzip"])
def test_encodings_are_known_in_any_case_and_between_blanks(encoding):
    assert read(gzip.compress(b"body"), encoding) == b"body"


@pytest.mark.parametrize("encoding", ["compress", "gzip, br", "gzip;q=1", "snappy", "*"])
def test_unknown_encoding_is_told_before_anything_is_read(encoding):
    with pytest.raises(UnknownEncoding):
        decoded(iter(()), encoding, max_bytes=CAP)


@each_form
@given(body=st.binary(min_size=1, max_size=300), data=st.data())
def test_body_that_ends_early_is_cut_short(encoding, form, body, data):
    compressed = FORMS[encoding, form](body)
    middle = len(FORMS[encoding, form](b"")) // 2  # of two members, one may be there as a whole
    kept = data.draw(st.integers(0, max(0, min(middle, len(compressed)) - 1)))
    with pytest.raises(BodyCutShort):
        read(compressed[:kept], encoding)


@each_form
def test_body_of_another_kind_is_corrupt(encoding, form):
    with pytest.raises(CorruptBody):
        read(b"\xf7 this is neither of them, and long enough to be looked at" * 9, encoding)


@each_form
def test_more_than_noughts_behind_the_end_is_corrupt(encoding, form):
    with pytest.raises(CorruptBody):
        read(FORMS[encoding, form](b"body") + b"{more}" * 9, encoding)


@pytest.mark.parametrize("fill", [b"\0" * 500, b"\0" * (3 * PIECE_BYTES)])
def test_noughts_may_fill_what_follows_gzip(fill):
    assert read(gzip.compress(b"body") + fill, "gzip") == b"body"


@each_form
@given(noise=st.binary(max_size=500), body=BODIES, data=st.data())
def test_any_bytes_are_a_body_or_one_of_the_errors(encoding, form, noise, body, data):
    compressed = bytearray(FORMS[encoding, form](body))
    if compressed:
        place = data.draw(st.integers(0, len(compressed) - 1))
        compressed[place : place + len(noise)] = noise
    try:
        read(bytes(compressed), encoding, max_bytes=10_000)
    except UnreadableBody as error:
        assert str(error)


@each_form
def test_bomb_is_refused_at_the_cap_in_little_memory(encoding, form):
    bomb = in_pieces(FORMS[encoding, form](bytes(CAP + 1)), PIECE_BYTES)
    size = 0
    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        for piece in decoded(bomb, encoding, max_bytes=CAP):
            size += len(piece)
            assert 0 < len(piece) <= 2 * PIECE_BYTES
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert CAP - 2 * PIECE_BYTES < size <= CAP
    assert peak < 8 * PIECE_BYTES


@each_form
def test_body_of_exactly_the_cap_is_read(encoding, form):
    assert read(FORMS[encoding, form](bytes(70_000)), encoding, max_bytes=70_000) == bytes(70_000)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_thousands_of_empty_parts_are_no_body(encoding):
    part = {"gzip": gzip.compress, "zstd": zstd.compress}[encoding](b"")
    with pytest.raises(CorruptBody):
        read(part * 100_000, encoding, size=PIECE_BYTES)


# Of eight MiB, because a window is no larger than what is in it.
NOISE = b"".join(bytes([n % 251]) * 40_000 for n in range(300))
WINDOWS = {
    "br": lambda log: brotli.compress(NOISE, quality=2, lgwin=log),
    "zstd": lambda log: zstd.compress(NOISE, options={zstd.CompressionParameter.window_log: log}),
}


@pytest.mark.parametrize("encoding", WINDOWS)
def test_body_that_asks_for_a_larger_window_than_a_worker_has_is_too_large(encoding):
    assert read(WINDOWS[encoding](22), encoding) == NOISE
    for log in (23, 24):
        with pytest.raises(BodyTooLarge):
            read(WINDOWS[encoding](log), encoding)

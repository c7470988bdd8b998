"""Where the items of an envelope begin and end, whatever they hold; and what is kept of them."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.losses import LossReason
from app.domain.sentry.content_encoding import BodyTooLarge, decoded
from app.domain.sentry.envelope import (
    ATTACHMENT_MAX_BYTES,
    ATTACHMENTS_MAX_COUNT,
    CLIENT_REPORT_MAX_BYTES,
    HEADER_MAX_BYTES,
    JSON_MAX_BYTES,
    MAX_ITEMS,
    EnvelopeReader,
    MalformedEnvelope,
)
from tests.domain.sentry.envelopes import in_parts, read, written

LOSSES = {LossReason.UNSUPPORTED, LossReason.TOO_LARGE}
kept_types = st.sampled_from(["event", "feedback", "user_report", "session", "sessions"])
read_past = st.sampled_from(
    ["span", "transaction", "replay_video", "from the future", "\U0001f605"]
)
headers = st.dictionaries(
    st.sampled_from(["event_id", "sent_at", "dsn", "sdk", "x"]),
    st.text(max_size=9) | st.none() | st.integers(),
    max_size=3,
)
with_length = st.tuples(
    st.fixed_dictionaries({"type": kept_types | read_past, "length": st.just(True)}),
    st.binary(max_size=90) | st.sampled_from([b"\n", b"\n\n{}\n", b"\r\n", b""]),
)
without_length = st.tuples(
    st.fixed_dictionaries({"type": kept_types | read_past}),
    st.binary(max_size=90).map(lambda line: line.replace(b"\n", b"\r")),
)
# Two line feeds would be two ends where the last payload is empty and has no length.
written_envelopes = st.tuples(
    headers, st.lists(with_length | without_length, max_size=6), st.sampled_from([b"\n", b""])
)


def told(envelope):
    with envelope:
        return [
            (item.type, item.size, None if item.left_out else envelope.payload(item))
            for item in envelope.items
        ]


@given(parts=written_envelopes, size=st.integers(1, 300))
def test_what_was_written_is_read_however_it_arrives(parts, size):
    of_all, items, end = parts
    body = written(of_all, *items, ends_with=end)
    envelope = read(body, size=size)
    assert envelope.headers == of_all
    assert told(envelope) == [
        (each["type"], len(payload), payload if is_kept(each["type"]) else None)
        for each, payload in items
    ]


def is_kept(type_):
    return type_ in {"event", "feedback", "user_report", "session", "sessions"}


@given(noise=st.binary(max_size=300), parts=written_envelopes, data=st.data())
def test_any_bytes_are_an_envelope_or_malformed(noise, parts, data):
    body = bytearray(written(parts[0], *parts[1], ends_with=parts[2]))
    place = data.draw(st.integers(0, len(body)))
    body[place : place + data.draw(st.integers(0, 20))] = noise
    try:
        envelope = read(bytes(body))
    except MalformedEnvelope as error:
        assert str(error).isascii()
    else:
        told(envelope)
        assert all(item.left_out in {None, *LOSSES} for item in envelope.items)


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b"\r\n"])
def test_envelope_may_be_its_first_line_alone(end):
    assert told(read(b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}' + end)) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"[]\n",
        b"nope\n",
        b'{"a":1\n',
        b"[" * 60_000,
        b'{"x":"' + b"x" * HEADER_MAX_BYTES + b'"}\n',
        b"{}\n{}\n{}\n",
        b'{}\n{"type":7}\n{}\n',
        b'{}\n{"type":""}\n{}\n',
        b'{}\n{"type":"event","length":-1}\n{}\n',
        b'{}\n{"type":"event","length":1.5}\n{}\n',
        b'{}\n{"type":"event","length":true}\n{}\n',
        b'{}\n{"type":"event","length":NaN}\n{}\n',
        b'{}\n{"type":"event","length":[2]}\n{}\n',
        b'{}\n{"type":"event","length":3}\n{}',
        b'{}\n{"type":"event","length":1}\n{}\n',
        b'{}\n{"type":"event","length":' + b"9" * 5000 + b"}\n{}\n",
        b'{}\n{"type":"span","length":99}\n{}\n{"type":"event"}\n{}\n',
        b'{}\n{"type":"event"}\n{}\nnot a header\n',
    ],
)
def test_what_has_no_clear_beginnings_and_ends_is_malformed(body):
    with pytest.raises(MalformedEnvelope):
        read(body)


@pytest.mark.parametrize("length", [2, 2.0, "2"])
def test_length_may_be_written_in_several_ways(length):
    body = written({}, ({"type": "event", "length": length}, b"{}"))
    assert told(read(body)) == [("event", 2, b"{}")]


@pytest.mark.parametrize("type_", ["span", "event"])
def test_carriage_return_stays_in_a_payload_without_length(type_):
    body = b'{}\r\n{"type":"%s"}\r\n{}\r\n' % type_.encode()
    ((read_type, size, _),) = told(read(body))
    assert (read_type, size) == (type_, 3)


def test_first_line_is_read_before_anything_else_is_taken():
    def pieces():
        yield b'{"dsn":"http://k@h/7"}\n'
        pytest.fail("more was taken")

    assert EnvelopeReader(pieces()).headers == {"dsn": "http://k@h/7"}


@pytest.mark.parametrize("has_length", [True, False])
@pytest.mark.parametrize(
    ("type_", "most"),
    [("event", JSON_MAX_BYTES), ("client_report", CLIENT_REPORT_MAX_BYTES)],
)
def test_longer_json_is_too_large_and_what_follows_is_read(type_, most, has_length):
    one = {"type": type_, **({"length": True} if has_length else {})}
    body = written({}, (one, b"x" * most), (one, b"x" * (most + 1)), ({"type": "session"}, b"{}"))
    with read(body, size=65536) as envelope:
        first, second, third = envelope.items
    assert (first.left_out, second.left_out, third.left_out) == (None, LossReason.TOO_LARGE, None)
    assert second.size == most + 1


def test_so_many_attachments_are_kept_and_the_rest_is_too_large():
    attachment = {"type": "attachment", "length": True, "filename": "a.png"}
    too_large = (attachment, b"x" * (ATTACHMENT_MAX_BYTES + 1))
    small = [(attachment, b"%d" % n) for n in range(ATTACHMENTS_MAX_COUNT + 2)]
    kept = told(read(written({}, too_large, *small), size=65536))
    assert [payload for _, _, payload in kept] == [None, b"0", b"1", b"2", b"3", b"4", None, None]
    assert [size for _, size, _ in kept] == [ATTACHMENT_MAX_BYTES + 1, *[1] * len(small)]


@pytest.mark.parametrize(
    "kind", ["event.minidump", "event.view_hierarchy", 7, ["event.attachment"]]
)
def test_attachments_of_debuggers_are_not_kept(kind):
    body = written({}, ({"type": "attachment", "length": True, "attachment_type": kind}, b"\0\n"))
    with read(body) as envelope:
        (item,) = envelope.items
    assert item.left_out is LossReason.UNSUPPORTED


def test_items_past_the_most_make_it_malformed():
    item = ({"type": "session"}, b"{}")
    assert len(told(read(written({}, *[item] * MAX_ITEMS)))) == MAX_ITEMS
    with pytest.raises(MalformedEnvelope):
        read(written({}, *[item] * (MAX_ITEMS + 1)))


def test_largest_envelope_is_kept_in_little_memory():
    def pieces():
        yield b"{}\n"
        for _ in range(ATTACHMENTS_MAX_COUNT):
            yield json.dumps({"type": "attachment", "length": ATTACHMENT_MAX_BYTES}).encode()
            yield b"\n"
            yield from (bytes(65536) for _ in range(ATTACHMENT_MAX_BYTES // 65536))
            yield b"\n"
        yield b'{"type":"event"}\n{"message":"'
        yield from (b"x" * 65536 for _ in range(15))
        yield b'"}\n{"type":"replay_video"}\n'
        yield from (bytes(65536) for _ in range(300))

    tracemalloc.start()
    with EnvelopeReader(pieces()).read() as envelope:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        event = envelope.items[ATTACHMENTS_MAX_COUNT]
        assert envelope.payload(event)[:12] == b'{"message":"'
        assert [item.left_out for item in envelope.items[:-1]] == [None] * len(envelope.items[:-1])
    assert peak < 4 * 1024 * 1024


def test_error_of_the_stream_goes_through():
    def pieces():
        yield from in_parts(b'{}\n{"type":"event"}\n{"mess')
        raise ConnectionError

    with pytest.raises(ConnectionError):
        EnvelopeReader(pieces()).read()


@pytest.mark.parametrize("start", [b"nope\n", b"{}\nnope\n"])
def test_what_is_malformed_and_too_large_is_too_large(start):
    with pytest.raises(BodyTooLarge):
        read_capped(in_parts(start + bytes(70_000)), max_bytes=60_000)
    with pytest.raises(MalformedEnvelope):
        read_capped(in_parts(start + bytes(70_000)), max_bytes=80_000)


def test_headers_of_all_items_may_hold_no_more_than_one_body():
    header = {"type": "session", "x": [[]] * 1_000}
    with read(written({}, *[(header, {})] * 20)) as envelope:
        assert len(envelope.items) == 20
    with pytest.raises(MalformedEnvelope, match="holds too much"):
        read(written({}, *[(header, {})] * 30))


def read_capped(parts, *, max_bytes):
    EnvelopeReader(decoded(parts, None, max_bytes=max_bytes)).read()

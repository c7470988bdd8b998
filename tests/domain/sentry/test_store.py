"""Bodies of the old store endpoint: plain, or packed without saying so."""

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry.content_encoding import BodyTooLarge
from app.domain.sentry.store import MAX_BYTES, MalformedEvent, stored_event
from tests.domain.sentry.jsons import events

PACKED = {
    "plain": bytes,
    "after blanks": b"\n ".__add__,
    "after a mark of UTF-8": b"\xef\xbb\xbf".__add__,
    "zlib": zlib.compress,
    "base64 of zlib": lambda body: base64.b64encode(zlib.compress(body)),
    "base64 of zlib in lines": lambda body: base64.encodebytes(zlib.compress(body)),
    "base64": base64.b64encode,
}


forms = st.sampled_from(sorted(PACKED))


@given(form=forms, event=events)
def test_event_is_read_however_it_is_packed(form, event):
    body = json.dumps(event).encode()
    assert json.dumps(stored_event(PACKED[form](body))) == json.dumps(event)


@given(form=forms, noise=st.binary(max_size=60))
def test_any_bytes_are_an_event_or_malformed(form, noise):
    try:
        assert isinstance(stored_event(PACKED[form](noise)), dict)
    except MalformedEvent as error:
        assert str(error)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"eJw=", b"no JSON at all"])
def test_what_is_no_object_is_malformed(body):
    with pytest.raises(MalformedEvent):
        stored_event(body)


@pytest.mark.parametrize("body", [
    b"{" + b" " * MAX_BYTES,
    base64.b64encode(zlib.compress(b"{" + b" " * MAX_BYTES)),
    b'{"x":[' + b"0," * 60_000 + b"0]}",
])  # fmt: skip
def test_more_than_the_most_is_too_large(body):
    with pytest.raises(BodyTooLarge):
        stored_event(body)

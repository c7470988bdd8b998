"""What a request carries, read so that no input can fail in a surprising place."""

import io
import json

import pytest
from marshmallow import ValidationError
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from app.web.incoming import json_body, query_values, refuse_large_body, row_id

pytestmark = pytest.mark.sqlite_only("no query is made")

MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("42", 42), ("9223372036854775807", 2**63 - 1), ("007", 7)]
)
def test_positive_63_bit_integer_is_an_id(text, number):
    assert row_id(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "0", "000", "-1", "+1", "1.0", "1e3", "abc", " 1", "1\n", "1_0", "٣", "²", "1" * 5000]
    + [str(2**63), "99999999999999999999"],
)
def test_anything_else_is_no_id(text):
    with pytest.raises(NotFound, match="ids are positive whole numbers"):
        row_id(text)


def test_first_of_equal_names_in_a_query_counts(app):
    with app.test_request_context("/?q=one&q=two&limit=3"):
        assert query_values() == {"q": "one", "limit": "3"}


def test_query_of_broken_bytes_is_readable(app):
    with app.test_request_context("/?q=%ff%fe&%80=1"):
        assert "".join(query_values()).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_json_object_is_read(app, encoding):
    body = '{"message": "é", "n": [1, null]}'.encode(encoding)
    with app.test_request_context("/", method="POST", data=body):
        assert json_body() == {"message": "é", "n": [1, None]}


def test_last_of_equal_names_in_an_object_counts(app):
    with app.test_request_context("/", method="POST", data=b'{"a": 1, "a": 2}'):
        assert json_body() == {"a": 2}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "The body must be valid JSON."),
        (b'{"a": NaN}', "The body must be valid JSON."),
        (b"[]", "The body must be a JSON object."),
    ],
)
def test_other_bodies_are_refused(app, body, message):
    with app.test_request_context("/", method="POST", data=body):
        with pytest.raises(ValidationError) as refusal:
            json_body()
    assert refusal.value.messages == {"body": [message]}


class EndlessStream(io.RawIOBase):
    """A client that never stops sending, and how much of it was read."""

    def __init__(self):
        self.byte_count = 0

    def readable(self):
        return True

    def read(self, size=-1):
        assert size >= 0, "an endless body must not be read to its end"
        self.byte_count += size
        return b"x" * size

    def readinto(self, buffer):
        self.byte_count += len(buffer)
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def test_endless_chunked_body_is_refused(app):
    stream = EndlessStream()
    environ = {
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    with app.test_request_context("/", method="POST", environ_overrides=environ):
        with pytest.raises(RequestEntityTooLarge):
            refuse_large_body()
            json_body()
    assert stream.byte_count <= 18 * MEBIBYTE


@pytest.mark.parametrize("content_length", ["", "-1", "abc"])
def test_length_that_is_no_number_is_no_body(app, content_length):
    environ = {"wsgi.input": io.BytesIO(b"{}"), "CONTENT_LENGTH": content_length}
    with app.test_request_context("/", method="POST", environ_overrides=environ):
        refuse_large_body()
        with pytest.raises(ValidationError):
            json_body()


@pytest.mark.parametrize("depth", [10, 100])
def test_nesting_that_people_use_is_read(app, depth):
    body = json.dumps({"a": json.loads("[" * depth + "]" * depth)})
    with app.test_request_context("/", method="POST", data=body):
        assert list(json_body()) == ["a"]
